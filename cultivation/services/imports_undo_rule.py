"""What undoing an import may take back, of a ledger as of the register: one rule, and one way to tell what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from cultivation.services.imports_kinds import UndoOutcome
from zaozhuang_portal.kernel.bulk import key_set
from zaozhuang_portal.operations.models import Attachment

TOUCHED = "导入后已被修改"
FILED = "已上传附件"


def free_to_delete(
    model: type[models.Model], rows: Mapping[int, Any], outcome: UndoOutcome, *, in_use: str
) -> list[Any]:
    """Of the loaded and locked rows an import created, those that may go; the others are kept by name with the reason.

    A row stays when it was changed or removed since, when another row points to it (said in the words `in_use`), or
    when files are attached to it. Statements: one, and one for each relation.
    """
    used = ids_in_use(model, rows)
    filed = set(
        Attachment.objects.current()
        .filter(owner_kind=model.__name__, owner_id__in=key_set(rows))
        .values_list("owner_id", flat=True)
    )
    free = []
    for pk, row in rows.items():
        if row.version != 1 or getattr(row, "removed_at", None) is not None:
            outcome.keep(str(row), TOUCHED)
        elif pk in used:
            outcome.keep(str(row), in_use)
        elif pk in filed:
            outcome.keep(str(row), FILED)
        else:
            free.append(row)
    return free


def ids_in_use(model: type[models.Model], ids: Iterable[int]) -> set[int]:
    """Rows some other row points to, whatever app it belongs to; rows that go with their owner do not count."""
    used: set[int] = set()
    wanted = list(ids)
    for relation in model._meta.related_objects:
        if getattr(relation, "on_delete", None) is models.CASCADE:
            continue
        column = relation.field.name if relation.many_to_many else relation.field.attname  # type: ignore[union-attr]  # a foreign key
        manager: Any = relation.related_model._default_manager  # type: ignore[union-attr]  # a model
        used.update(manager.filter(**{f"{column}__in": key_set(wanted)}).values_list(column, flat=True))
    return used


def told(value: Any) -> Any:
    """A value the audit log can hold: numbers and words as they are, the rest as text."""
    return value if value is None or isinstance(value, bool | int | str) else str(value)
