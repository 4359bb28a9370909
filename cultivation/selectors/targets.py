"""Targets evaluated, and behind every number the records that count and those that do not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from cultivation.enums import SubjectEvent
from cultivation.models import AnnualTarget, CampaignYear, Enrollment, SubjectHistory
from cultivation.rules.targets import (
    METRIC_KINDS,
    Completion,
    Continuity,
    CountReason,
    TargetResult,
    count_reason,
    evaluate_district,
    evaluate_target,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.clock import shanghai_date


@dataclass(frozen=True)
class EvaluatedTarget:
    target: AnnualTarget
    result: TargetResult


@dataclass(frozen=True)
class DistrictTargets:
    organization: Organization
    year: CampaignYear
    targets: list[EvaluatedTarget]
    completion: Completion


@dataclass(frozen=True)
class CountedEnrollment:
    """`since`: what befell the subject after the roster, in words, so that an old roster can be read as it was."""

    enrollment: Enrollment
    reason: CountReason
    continuity: Continuity
    since: str = ""


def count_enrollments(years: list[int], until: datetime | None) -> dict[tuple[int, int], Counter[str]]:
    """(year, organization) → confirmed key subjects per kind, by one statement; `until`: confirmed before it."""
    found: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    rows = Enrollment.objects.counted().filter(year_id__in=years)
    if until is not None:
        rows = rows.filter(Q(confirmed_at__lt=until) | Q(backfilled=True))
    grouped = (
        rows.order_by().values_list("year_id", "organization_id", "subject__kind").annotate(n=Count("pk"))
    )
    for year, organization, kind, number in grouped:
        found[year, organization][kind] = number
    return found


def visible_targets(actor: Actor) -> QuerySet[AnnualTarget]:
    """City actors: all. A district: its own, and the city-wide pilot target, which everybody may read."""
    targets = AnnualTarget.objects.select_related("year", "organization")
    if actor.sees_whole_city:
        return targets
    if actor.role == Role.SUBJECT_CONTACT or actor.is_administrator:
        return targets.none()
    district = actor.district
    own = Q(organization_id=district.pk) if district else Q()
    return targets.filter(own | Q(organization__level=Level.CITY))


def evaluate_year_targets(
    actor: Actor, *, years: list[int], today: date, until: datetime | None = None
) -> list[DistrictTargets]:
    """Every organization's targets of the given years, evaluated on `today`. Statements: 2, whatever the numbers.

    City actors get all; a district its own (and the city-wide pilot target, which everybody may read). With `until`
    only what was confirmed before that instant counts (and what was back-filled).
    """
    target_rows = visible_targets(actor).filter(year_id__in=years)
    counts = count_enrollments(years, until)
    city_wide: dict[int, Counter[str]] = defaultdict(Counter)
    for (year, _), counter in counts.items():
        city_wide[year].update(counter)
    grouped: dict[tuple[int, int], list[AnnualTarget]] = defaultdict(list)
    for target in sorted(
        target_rows, key=lambda t: (t.year_id, t.organization.sort_order, t.organization.code, t.pk)
    ):
        grouped[target.year_id, target.organization_id].append(target)
    result = []
    for (year, organization_id), rows in grouped.items():
        organization = rows[0].organization
        counter = city_wide[year] if organization.level == Level.CITY else counts[year, organization_id]
        evaluated = [
            EvaluatedTarget(
                row,
                evaluate_target(
                    row.metric,
                    minimum=row.minimum,
                    maximum=row.maximum,
                    actual=sum(counter[kind] for kind in METRIC_KINDS[row.metric]),
                    today=today,
                    cutoff_on=row.year.cutoff_on,
                ),
            )
            for row in rows
        ]
        completion = evaluate_district([item.result for item in evaluated])
        result.append(DistrictTargets(organization, rows[0].year, evaluated, completion))
    return result


def roster_of(actor: Actor, *, year: int, organization: Organization) -> list[CountedEnrollment]:
    """The year's enrollments of one district with the reason why each counts or not; NEW or CONTINUED derived.

    Statements: 3.
    """
    rows = list(
        Enrollment.objects.visible_to(actor)
        .filter(year_id=year, organization=organization)
        .select_related("subject", "subject__township")
        .order_by("subject__kind", "id")
    )
    before = set(
        Enrollment.objects.counted()
        .filter(year_id=year - 1, subject_id__in=[row.subject_id for row in rows])
        .values_list("subject_id", flat=True)
    )
    since = _since(rows)
    return [
        CountedEnrollment(
            row,
            count_reason(state=row.state, is_key=row.is_key, removal_reason=row.reason),
            Continuity.CONTINUED if row.subject_id in before else Continuity.NEW,
            since.get(row.pk, ""),
        )
        for row in rows
    ]


def _since(rows: Sequence[Enrollment]) -> dict[int, str]:
    """The name the subject had then and where it has gone, by enrollment. Statements: 1."""
    told: dict[int, list[str]] = {}
    events = SubjectHistory.objects.filter(
        subject_id__in=[row.subject_id for row in rows],
        event__in=[SubjectEvent.RENAMED, SubjectEvent.MOVED],
    ).order_by("happened_on", "id")
    of: dict[int, list[SubjectHistory]] = defaultdict(list)
    for event in events:
        of[event.subject_id].append(event)
    for row in rows:
        day = shanghai_date(row.confirmed_at) if row.confirmed_at else None
        if row.backfilled or day is None or day.year > row.year_id:
            day = date(row.year_id, 12, 31)
        # What was entered on the very day of the confirmation goes by the time of entering.
        later = [
            event
            for event in of.get(row.subject_id, [])
            if event.happened_on > day
            or (event.happened_on == day and row.confirmed_at is not None and event.at > row.confirmed_at)
        ]
        renamed = [event.before for event in later if event.event == SubjectEvent.RENAMED][:1]
        moved = [event.after for event in later if event.event == SubjectEvent.MOVED][-1:]
        words = [*(f"当时名称：{name}" for name in renamed), *(f"后划转至{place}" for place in moved)]
        if words:
            told[row.pk] = words
    return {pk: "；".join(words) for pk, words in told.items()}
