"""Which rows of a ledger look like one thing: its natural key in comparable form, for forms and imports alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import UniqueConstraint

from cultivation.ledgers.base import Ledger
from cultivation.ledgers.display import FOREIGN
from cultivation.rules.imports_cells import Ref, Unresolved
from cultivation.rules.imports_values import MASKED
from cultivation.rules.sameness import surely_the_same
from zaozhuang_portal.kernel.parsing import clean_text

_PLACES = ("year", "organization", "township")


def is_foreign(ledger: Ledger, name: str) -> bool:
    column = ledger.by_key.get(name)
    return name in _PLACES or (column is not None and column.kind in FOREIGN)


def comparable(value: Any) -> Any:
    """One spelling for what a cell, a form and a row hold: ids, cleaned words, "" for nothing or what is not known."""
    if value is MASKED or isinstance(value, Unresolved) or value is None:
        return ""
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, str):
        return clean_text(value)
    return value.pk if hasattr(value, "pk") else value


def attribute(ledger: Ledger, record: Any, name: str) -> Any:
    return comparable(getattr(record, f"{name}_id" if is_foreign(ledger, name) else name))


def key_of_record(ledger: Ledger, record: Any) -> tuple[Any, ...]:
    return tuple(attribute(ledger, record, name) for name in ledger.natural_key)


def compared_of_record(ledger: Ledger, record: Any) -> dict[str, Any]:
    return {name: attribute(ledger, record, name) for name in ledger.compared}


def compared_of_values(ledger: Ledger, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: comparable(values.get(name)) for name in ledger.compared}


def tells_by_key(ledger: Ledger) -> bool:
    """Whether the natural key alone says which row is meant."""
    return ledger.is_same is surely_the_same


def is_enforced(ledger: Ledger, names: tuple[str, ...]) -> bool:
    """Whether the database refuses a second row equal in these attributes, so that nobody need be asked."""
    known = {*names, "organization"}
    return any(
        isinstance(constraint, UniqueConstraint) and set(constraint.fields) <= known
        for constraint in ledger.model._meta.constraints
    )
