"""Before a second row is made of what may be one thing: the row that is there, and the question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.timezone import localtime

from cultivation.ledgers.base import Ledger, Slip
from cultivation.ledgers.identity import (
    attribute,
    comparable,
    compared_of_record,
    compared_of_values,
    is_enforced,
    is_foreign,
)
from cultivation.services.ledger_values import Draft
from zaozhuang_portal.accounts.actors import Actor

_WORDS = {"year": "年度", "township": "乡镇（街道）、园区"}
_LOOKED_AT = 20


@dataclass(frozen=True)
class Twin:
    """The question, and the row it is about; None when the actor may not see it."""

    slip: Slip
    other: Any


def find_twin(*, actor: Actor, ledger: Ledger, record: Any, draft: Draft) -> Twin | None:
    """A living row of the same organization that looks like this one and is not known to be another. Statements: at most 2.

    A row that is changed is compared only when what it is known by changes. Where the database refuses a second one,
    or the row has nothing to be known by, nobody is asked.
    """
    names = () if ledger.asks_about is None else ledger.asks_about or ledger.natural_key
    if not names or is_enforced(ledger, names):
        return None
    given = {**draft.values, "year": draft.year, "township": draft.township}
    own = compared_of_values(ledger, given)
    if ledger.is_same(own, own) is False:
        return None
    wanted = {name: comparable(given.get(name)) for name in names}
    if record is not None and wanted == {name: attribute(ledger, record, name) for name in names}:
        return None
    if all(value == "" for value in wanted.values()):
        return None
    found = _like(ledger, record, draft, wanted)
    alike = [row for row in found if ledger.is_same(compared_of_record(ledger, row), own) is not False]
    if not alike:
        return None
    manager: Any = ledger.model._default_manager
    other = manager.filter(pk__in=[row.pk for row in alike]).visible_to(actor).order_by("-pk").first()
    return Twin(_question(ledger, names, other, alike[0]), other)


def _like(ledger: Ledger, record: Any, draft: Draft, wanted: dict[str, Any]) -> list[Any]:
    manager: Any = ledger.model._default_manager
    rows = manager.live().filter(organization=draft.organization).order_by("-pk")
    if record is not None:
        rows = rows.exclude(pk=record.pk)
    for name, value in wanted.items():
        if is_foreign(ledger, name):
            rows = rows.filter(**({f"{name}__isnull": True} if value == "" else {f"{name}_id": value}))
        elif value == "" and getattr(ledger.model._meta.get_field(name), "null", False):
            rows = rows.filter(**{f"{name}__isnull": True})
        else:
            rows = rows.filter(**{name: value})
    return list(rows[:_LOOKED_AT])


def _question(ledger: Ledger, names: tuple[str, ...], other: Any, row: Any) -> Slip:
    headers = [
        ledger.by_key[name].header if name in ledger.by_key else _WORDS.get(name, "") for name in names
    ]
    which = f"“{other}”" if other is not None else "其他人员登记的一条"
    when = f"（{localtime(row.created_at):%Y-%m-%d %H:%M} 登记）"
    field = next((name for name in names if name in ledger.by_key), "")
    message = (
        f"已有{'、'.join(header for header in headers if header)}都相同的{ledger.noun}：{which}{when}。"
        f"同一{ledger.unit}的，请改在已有的那一条上；确实是另外一{ledger.unit}的，请再次保存。"
    )
    return Slip(field, message, warning=True)
