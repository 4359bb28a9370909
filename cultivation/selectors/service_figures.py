"""What one district did for its subjects in one year: pairings, visits, trainings. One selector feeds report and lists."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum

from cultivation.enums import VisitMode, VisitPurpose
from cultivation.models import CampaignYear, Enrollment, GuidanceVisit, Pairing, Training, TrainingAttendance
from cultivation.selectors.pairings import PAIRED_KINDS
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.clock import end_of_day


@dataclass
class SubjectService:
    """One subject to be paired: by whom it is looked after and how often it was visited in the year."""

    subject_id: int
    partners: list[str] = field(default_factory=list)
    visits: int = 0
    on_site: int = 0
    first_on: date | None = None
    last_on: date | None = None
    open_follow_ups: int = 0


@dataclass(frozen=True)
class ServiceFigures:
    """`visits` counts each visit once, whoever took part; `of_subjects` are those on the year's list of paired kinds.

    `attended_*` are people of the district's firms, at the city's trainings too.
    """

    subjects: Sequence[SubjectService]
    pairings: int
    visits: int
    by_mode: dict[str, int]
    by_purpose: dict[str, int]
    with_instructor: int
    follow_ups: int
    follow_ups_done: int
    trainings: int
    attended_managers: int
    attended_hr: int

    @property
    def paired(self) -> int:
        return sum(bool(row.partners) for row in self.subjects)

    @property
    def visited(self) -> int:
        return sum(row.visits > 0 for row in self.subjects)


def _until(as_of: date) -> datetime:
    return end_of_day(as_of)


def service_figures(
    *, year: CampaignYear, organization: Organization, enrollments: Sequence[Enrollment], as_of: date
) -> ServiceFigures:
    """As at the end of the Shanghai day `as_of`; `enrollments` are the year's confirmed ones. Statements: 5.

    What was entered later does not count, unless it is 补录.
    """
    known = Q(created_at__lt=_until(as_of)) | Q(backfilled=True)
    subjects = {
        row.subject_id: SubjectService(row.subject_id)
        for row in enrollments
        if row.subject.kind in PAIRED_KINDS
    }
    pairings = _pair(subjects, year, as_of, known)
    visits = GuidanceVisit.objects.live().filter(
        known, year=year, organization=organization, happened_on__lte=as_of
    )
    modes: Counter[str] = Counter()
    purposes: Counter[str] = Counter()
    follow: Counter[str] = Counter()
    instructors = 0
    columns = (
        "subject_id",
        "mode",
        "purpose",
        "by_instructor",
        "happened_on",
        "follow_up_due",
        "follow_up_done_on",
    )
    for subject, mode, purpose, instructed, day, due, done in visits.values_list(*columns):
        modes[mode] += 1
        purposes[purpose] += 1
        instructors += instructed
        kept = done is not None and done <= as_of
        follow["promised"] += due is not None
        follow["done"] += due is not None and kept
        if (row := subjects.get(subject)) is not None:
            _note(row, mode, day, open_follow_up=due is not None and not kept)
    held, managers, hr = _trainings(year, organization, as_of, known)
    return ServiceFigures(
        subjects=list(subjects.values()),
        pairings=pairings,
        visits=sum(modes.values()),
        by_mode={mode: modes[mode] for mode in VisitMode.values},
        by_purpose={purpose: purposes[purpose] for purpose in VisitPurpose.values},
        with_instructor=instructors,
        follow_ups=follow["promised"],
        follow_ups_done=follow["done"],
        trainings=held,
        attended_managers=managers,
        attended_hr=hr,
    )


def _note(row: SubjectService, mode: str, day: date, *, open_follow_up: bool) -> None:
    row.visits += 1
    row.on_site += mode == VisitMode.ON_SITE
    row.first_on = min(row.first_on or day, day)
    row.last_on = max(row.last_on or day, day)
    row.open_follow_ups += open_follow_up


def _pair(subjects: dict[int, SubjectService], year: CampaignYear, as_of: date, known: Q) -> int:
    """The partners of the year, each named once; how many pairings there were."""
    last = min(year.period_end, as_of)
    running = Q(ends_on__isnull=True) | Q(ends_on__gte=year.period_start)
    rows = Pairing.objects.live().filter(known, running, subject_id__in=list(subjects), starts_on__lte=last)
    count = 0
    for row in rows.select_related("unit").order_by("role", "starts_on", "id"):
        count += 1
        partners = subjects[row.subject_id].partners
        if row.partner not in partners:
            partners.append(row.partner)
    return count


def _trainings(year: CampaignYear, organization: Organization, as_of: date, known: Q) -> tuple[int, int, int]:
    held = Training.objects.live().filter(known, year=year, happened_on__lte=as_of)
    people: dict[str, Any] = TrainingAttendance.objects.filter(
        organization=organization, training__in=held.order_by().values("pk")
    ).aggregate(managers=Sum("managers"), hr=Sum("hr"))
    own = held.filter(organization=organization).count()
    return own, people["managers"] or 0, people["hr"] or 0


def visits_by_person(*, year: CampaignYear, organization: Organization) -> list[tuple[str, int]]:
    """Visits each person took part in, the most first. A visit of three people appears under three names. Statements: 1."""
    rows = (
        GuidanceVisit.objects.live()
        .filter(year=year, organization=organization)
        .exclude(participants__name="")
        .order_by()
        .values_list("participants__name")
        .annotate(n=Count("pk", distinct=True))
    )
    found: dict[str, int] = defaultdict(int)
    for name, number in rows:
        if name:
            found[name] += number
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))
