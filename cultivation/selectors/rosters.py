"""The roster as a paper: its state, its changes, and how all districts stand."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from cultivation.enums import EnrollmentState, RosterState
from cultivation.models import CultivationRoster, Enrollment, RosterChange, Subject, SubjectProfile
from cultivation.rules.targets import Completion
from cultivation.selectors.targets import DistrictTargets, evaluate_year_targets
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization


@dataclass(frozen=True)
class RosterLine:
    """One district of the overview. `state` is a RosterState; DRAFT where nothing was confirmed yet."""

    organization: Organization
    roster: CultivationRoster | None
    candidates: int
    confirmed: int
    targets: DistrictTargets | None

    @property
    def is_confirmed(self) -> bool:
        return self.roster is not None and self.roster.state == RosterState.CONFIRMED

    @property
    def completion(self) -> Completion | None:
        return self.targets.completion if self.targets else None


def roster_for(*, year: int, organization: Organization) -> CultivationRoster | None:
    return (
        CultivationRoster.objects.filter(year_id=year, organization=organization)
        .select_related("confirmed_by", "organization", "year")
        .first()
    )


def roster_changes(actor: Actor, roster: CultivationRoster | None) -> list[RosterChange]:
    """Additions and removals after the confirmation of the subjects the actor may see, latest first."""
    if roster is None:
        return []
    changes = roster.changes.filter(enrollment__in=Enrollment.objects.visible_to(actor))
    return list(changes.select_related("enrollment__subject", "changed_by").order_by("-id"))


def roster_overview(actor: Actor, *, year: int, today: date) -> list[RosterLine]:
    """Every district the actor may see with its roster, numbers and completion. Statements: 5."""
    places = Organization.objects.districts().filter(is_active=True)
    if not actor.sees_whole_city:
        places = places.filter(pk=actor.district.pk) if actor.district else places.none()
    rosters = {row.organization_id: row for row in CultivationRoster.objects.filter(year_id=year)}
    numbers: dict[int, Counter[str]] = defaultdict(Counter)
    counted = Enrollment.objects.filter(year_id=year).order_by()
    for organization, state, number in counted.values_list("organization_id", "state").annotate(
        n=Count("pk")
    ):
        numbers[organization][state] = number
    targets = {item.organization.pk: item for item in evaluate_year_targets(actor, years=[year], today=today)}
    return [
        RosterLine(
            place,
            rosters.get(place.pk),
            numbers[place.pk][EnrollmentState.CANDIDATE],
            numbers[place.pk][EnrollmentState.CONFIRMED],
            targets.get(place.pk),
        )
        for place in places
    ]


def profiles_of(subject_ids: list[int]) -> dict[int, tuple[str, str]]:
    """工作基础 and 劳动关系状况 of these subjects, by one statement."""
    rows = SubjectProfile.objects.filter(subject_id__in=subject_ids)
    return {
        pk: (groundwork, status)
        for pk, groundwork, status in rows.values_list("subject_id", "groundwork", "labor_relations_status")
    }


def standing_of(subject_ids: list[int], *, year: int) -> tuple[dict[int, str], set[int]]:
    """(state of this year's enrollment by subject, subjects that were confirmed key subjects the year before)."""
    now: dict[int, str] = {}
    before: set[int] = set()
    rows = Enrollment.objects.filter(subject_id__in=subject_ids, year_id__in=[year - 1, year])
    for subject, of_year, state, is_key in rows.values_list("subject_id", "year_id", "state", "is_key"):
        if of_year == year:
            now[subject] = state
        elif state == EnrollmentState.CONFIRMED and is_key:
            before.add(subject)
    return now, before


def counted_years(subject: Subject) -> list[int]:
    """The years on whose confirmed roster the subject counts, without back-filled ones."""
    rows = Enrollment.objects.counted().filter(subject=subject, backfilled=False)
    return list(rows.order_by("year_id").values_list("year_id", flat=True))
