"""What the database refused, in words: which other row is the same, or which columns contradict each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, Q, UniqueConstraint

from cultivation.ledgers.base import Ledger
from cultivation.ledgers.display import words_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import DomainError

_WORDS = {"organization": "填报单位", "year": "年度", "township": "乡镇（街道）、园区"}


class DuplicateRecord(DomainError):
    """The same record is there already; `other` is that row, None when the actor may not see it."""

    def __init__(self, message: str, *, field: str, other: Any) -> None:
        super().__init__(message, code="duplicate", field=field)
        self.other = other


def explain_refusal(actor: Actor, ledger: Ledger, record: Any) -> DomainError:
    """The constraint that `record` breaks, as an error for the person. Called after the savepoint was rolled back."""
    for constraint in ledger.model._meta.constraints:
        try:
            constraint.validate(ledger.model, record)
        except ValidationError:
            if isinstance(constraint, UniqueConstraint):
                return _duplicate(actor, ledger, record, constraint)
            if isinstance(constraint, CheckConstraint):
                return _contradiction(ledger, constraint)
    return DomainError("内容与已有记录冲突，没有保存。请刷新后核对再试。", code="refused")


def _header(ledger: Ledger, name: str) -> str:
    column = ledger.by_key.get(name)
    return column.header if column else _WORDS.get(name, "")


def _duplicate(actor: Actor, ledger: Ledger, record: Any, constraint: UniqueConstraint) -> DuplicateRecord:
    same = {name: getattr(record, name) for name in constraint.fields}
    manager: Any = ledger.model._default_manager
    others = manager.filter(constraint.condition or Q(), **same).exclude(pk=record.pk)
    other = others.visible_to(actor).first()
    parts = [
        f"{_header(ledger, name)}“{words_of(ledger.by_key[name], value)}”"
        if name in ledger.by_key
        else f"{_header(ledger, name)}“{value}”"
        for name, value in same.items()
        if _header(ledger, name)
    ]
    names = [name for name in constraint.fields if name in ledger.by_key]
    which = f"“{other}”" if other is not None else "其他单位登记的一条"
    message = f"已有相同的{ledger.noun}：{which}的{'、'.join(parts)}与本条相同。请核对，或修改已有的那一条。"
    return DuplicateRecord(message, field=names[-1] if names else "", other=other)


def _names_in(condition: Any) -> Iterable[str]:
    if isinstance(condition, Q):
        for child in condition.children:
            yield from _names_in(child)
    elif isinstance(condition, tuple):
        yield condition[0].split("__")[0]


def _contradiction(ledger: Ledger, constraint: CheckConstraint) -> DomainError:
    names = [name for name in dict.fromkeys(_names_in(constraint.condition)) if name in ledger.by_key]
    if not names:
        return DomainError("填写的内容前后矛盾，没有保存，请核对。", code="contradiction")
    headers = "”“".join(_header(ledger, name) for name in names)
    return DomainError(
        f"“{headers}”的内容不完整或互相矛盾，没有保存，请核对。", code="contradiction", field=names[-1]
    )
