"""Behind one number of the targets: what counted, what did not and why, and how the target itself changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cultivation.models import AnnualTarget, Enrollment
from cultivation.rules.targets import METRIC_KINDS, Continuity, TargetResult, count_reason, evaluate_target
from cultivation.selectors.targets import CountedEnrollment
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import AuditEntry


@dataclass(frozen=True)
class TargetChange:
    """One change of a target's bounds: old and new in words, why, and under which document."""

    at: datetime
    who: str
    old: str
    new: str
    reason: str
    document: str


@dataclass(frozen=True)
class TargetDetail:
    """`hidden` rows were counted too but belong to districts the actor may not see; their names stay with them."""

    target: AnnualTarget
    result: TargetResult
    counted: list[CountedEnrollment]
    not_counted: list[CountedEnrollment]
    hidden: int
    history: list[TargetChange]


def bounds_in_words(minimum: int, maximum: int | None) -> str:
    return f"{minimum}—{maximum} 个" if maximum is not None else f"不少于 {minimum} 个"


def target_detail(actor: Actor, target: AnnualTarget, *, today: date) -> TargetDetail:
    """Everything behind one number; the caller has taken `target` from visible_targets(). Statements: 3–4."""
    city_wide = target.organization.level == Level.CITY
    rows = Enrollment.objects.filter(
        year_id=target.year_id, subject__kind__in=METRIC_KINDS[target.metric]
    ).select_related("subject", "subject__township", "organization")
    if not city_wide:
        rows = rows.filter(organization_id=target.organization_id)
    listed = list(rows.order_by("organization__sort_order", "organization_id", "subject__kind", "id"))
    before = set(
        Enrollment.objects.counted()
        .filter(year_id=target.year_id - 1, subject_id__in=[row.subject_id for row in listed])
        .values_list("subject_id", flat=True)
    )
    judged = [
        CountedEnrollment(
            row,
            count_reason(state=row.state, is_key=row.is_key, removal_reason=row.reason),
            Continuity.CONTINUED if row.subject_id in before else Continuity.NEW,
        )
        for row in listed
    ]
    result = evaluate_target(
        target.metric,
        minimum=target.minimum,
        maximum=target.maximum,
        actual=sum(item.reason.counts for item in judged),
        today=today,
        cutoff_on=target.year.cutoff_on,
    )
    visible = _visible_ids(actor, city_wide, listed)
    return TargetDetail(
        target,
        result,
        [item for item in judged if item.reason.counts and item.enrollment.pk in visible],
        [item for item in judged if not item.reason.counts and item.enrollment.pk in visible],
        sum(item.reason.counts and item.enrollment.pk not in visible for item in judged),
        target_history(target),
    )


def _visible_ids(actor: Actor, city_wide: bool, rows: list[Enrollment]) -> set[int]:
    ids = [row.pk for row in rows]
    if actor.sees_whole_city:
        return set(ids)
    return set(Enrollment.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))


def target_history(target: AnnualTarget) -> list[TargetChange]:
    """The changes of the bounds, latest first, from the audit log."""
    entries = AuditEntry.objects.filter(kind="AnnualTarget", object_id=str(target.pk)).order_by("-id")
    changes = []
    for entry in entries:
        bounds = entry.changes.get("bounds")
        if bounds:
            old, new = bounds
            document = (entry.changes.get("document") or ["", ""])[1]
            changes.append(
                TargetChange(
                    entry.at,
                    entry.user_name,
                    bounds_in_words(*old),
                    bounds_in_words(*new),
                    entry.reason,
                    document,
                )
            )
    return changes
