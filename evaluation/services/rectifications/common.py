"""What every act of a rectification does: hold the row, move it, write the trace, tell whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.urls import reverse

from evaluation.models import Rectification
from evaluation.models.rectifications.rectifications import WITH_UNIT
from evaluation.permissions.rectifications import require_rectifier
from evaluation.selectors.rectifications.words import state_words, unit_people
from evaluation.workflows.rectifications import RECTIFICATION_WORKFLOW
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import require_length, shortened
from zaozhuang_portal.operations.services.notifications import notify


def held_row(rectification: Rectification) -> Rectification:
    """The row, held until the transaction ends: what hangs at it is written while its state stands."""
    return Rectification.objects.select_for_update(no_key=True, of=("self",)).get(pk=rectification.pk)


def held_by_unit(actor: Actor, rectification: Rectification, what: str) -> Rectification:
    """The same, for an act of the unit while the order lies with it. Raises NotAllowed, ConflictError."""
    require_rectifier(actor, rectification)
    held = held_row(rectification)
    if held.state not in WITH_UNIT:
        raise ConflictError(f"整改当前为“{held.get_state_display()}”，不能{what}。请刷新页面。")
    return held


def filled(label: str, words: str, most: int, field: str) -> str:
    words = require_length(label, words, most, field=field)
    if not words:
        raise DomainError(f"请填写{label}。", code="required", field=field)
    return words


def changed_columns(record: Any, columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Old and new of what differs, for the trace."""

    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    pairs = {name: (getattr(record, name), value) for name, value in columns.items()}
    return {name: [plain(old), plain(new)] for name, (old, new) in pairs.items() if old != new}


def audit_rectification(
    actor: Actor,
    record: Rectification,
    action: str,
    now: datetime,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="Rectification",
        object_id=record.pk,
        label=str(record),
        reason=reason,
        changes=changes,
    )


def tell_unit(record: Rectification, heading: str, now: datetime) -> None:
    """What the notice says is what the page says: both ask state_words(), of the row as it was written."""
    record.refresh_from_db()
    tell_people(record, unit_people(record, shanghai_date(now)), heading, state_words(record), now)


def tell_people(
    record: Rectification, people: Iterable[User], heading: str, words: str, now: datetime
) -> None:
    notify(
        users=people,
        title=f"{heading}：{shortened(record.finding.title, 60)}",
        body=words,
        url=reverse("evaluation:rectification_detail", args=[record.pk]),
        now=now,
        kind="Rectification",
        object_id=record.pk,
    )


def move_rectification(
    actor: Actor,
    record: Rectification,
    action: str,
    now: datetime,
    changes: Mapping[str, Any] | None = None,
    *,
    role: str = "",
) -> None:
    """The conditional UPDATE of the workflow; the revision counts it. `role`: as whom, when not by the capacity."""
    values = {**(changes or {}), "updated_at": now}
    RECTIFICATION_WORKFLOW.apply(record, action, role=role or actor.role, changes=values)
    Rectification.objects.filter(pk=record.pk).update(revision=F("revision") + 1)
    record.refresh_from_db()
