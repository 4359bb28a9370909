"""结对 of a year: gaps first, who looks after whom, how much each unit and person carries (C072)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from cultivation.enums import PairingRole, SubjectKind, SubjectState
from cultivation.models import CampaignYear, Enrollment, Pairing
from cultivation.rules.pairings import counts_for_year, not_over, reference_day
from cultivation.rules.periods import Period
from cultivation.selectors.own_dates import by_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import MemberUnit, Organization

NO_UNIT = "未列单位"
# 与培育企业和园区、乡镇（街道）结对 (C072); an industry pilot has its partners in a ledger of its own.
PAIRED_KINDS = (SubjectKind.ENTERPRISE, SubjectKind.INDUSTRIAL_PARK, SubjectKind.TOWNSHIP)


def without_pairing(enrollments: QuerySet[Any], *, first: date, last: date, today: date) -> QuerySet[Any]:
    """Those whose subject has no pairing that counts for the year first..last (rules.pairings.counts_for_year, as SQL)."""
    running = Q(ends_on__isnull=True) | Q(ends_on__gte=reference_day(first, last, today))
    paired = Pairing.objects.live().filter(running, subject_id=OuterRef("subject_id"), starts_on__lte=last)
    return enrollments.filter(~Exists(paired))


def to_be_paired(actor: Actor, *, year: int, last: date, today: date) -> QuerySet[Any]:
    """Confirmed key enrollments of the year, of the kinds that are paired. `keeper_id`: the district whose task it is.

    Until the year's last day that is who manages the subject, also after a move; then who it counts for.
    """
    rows = Enrollment.objects.counted().filter(year_id=year, subject__kind__in=PAIRED_KINDS)
    if today > last:
        return rows.visible_to(actor).annotate(keeper_id=F("organization_id"))
    return rows.to_serve(actor).annotate(keeper_id=F("subject__managing_organization_id"))


def pairings_owed(actor: Actor, periods: Sequence[Period], today: date) -> QuerySet[Enrollment]:
    """The to-do of 结对 over several years: key enrollments, of subjects still active, without a pairing.

    As without_pairing(), but of a year that is over a pairing made since then ends the to-do: it was made late.
    """
    running = [period.year for period in periods if today <= period.last]
    over = [period.year for period in periods if today > period.last]
    chosen = Enrollment.objects.counted().filter(
        backfilled=False, subject__kind__in=PAIRED_KINDS, subject__state=SubjectState.ACTIVE
    )
    rows = chosen.to_serve(actor).filter(year_id__in=running) | chosen.visible_to(actor).filter(
        year_id__in=over
    )
    first = {period.year: reference_day(period.first, period.last, today) for period in periods}
    last = {period.year: max(period.last, today) for period in periods}
    paired = Pairing.objects.live().filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef("paired_from")),
        subject_id=OuterRef("subject_id"),
        starts_on__lte=OuterRef("paired_until"),
    )
    return rows.annotate(paired_from=by_year(first), paired_until=by_year(last)).filter(~Exists(paired))


def pairing_gaps(actor: Actor, *, year: CampaignYear, today: date) -> QuerySet[Enrollment]:
    """Confirmed key enrollments of the year without a pairing: the to-do of the districts."""
    chosen = to_be_paired(actor, year=year.pk, last=year.period_end, today=today)
    return without_pairing(chosen, first=year.period_start, last=year.period_end, today=today)


@dataclass(frozen=True)
class MatrixRow:
    """One enrolled subject. `columns` are (unit, its pairings with the subject) in the order of the matrix.

    `leaving`: pairings of another district that end with today, as a move ends them; they make no column.
    """

    enrollment: Enrollment
    columns: Sequence[tuple[MemberUnit | None, Sequence[Pairing]]]
    leaving: Sequence[Pairing]
    is_gap: bool
    has_lead: bool

    @property
    def partners(self) -> list[Pairing]:
        return [pairing for _, cell in self.columns for pairing in cell]


@dataclass(frozen=True)
class Load:
    """How many subjects of the year a unit or person looks after; `leads` of them as 主结对."""

    name: str
    subjects: int
    leads: int


@dataclass(frozen=True)
class PairingMatrix:
    units: Sequence[MemberUnit | None]
    rows: Sequence[MatrixRow]
    moved_away: Sequence[Enrollment]
    by_unit: Sequence[Load]
    by_person: Sequence[Load]

    @property
    def gaps(self) -> int:
        return sum(row.is_gap for row in self.rows)


def pairing_matrix(
    actor: Actor, *, year: CampaignYear, organization: Organization, today: date
) -> PairingMatrix:
    """Enrolled subjects × partner units of one district, gaps first, then by partner. Statements: 4.

    `moved_away` count for this district and are paired by the one that manages them now.
    """
    chosen = to_be_paired(actor, year=year.pk, last=year.period_end, today=today)
    enrollments = list(
        chosen.filter(keeper_id=organization.pk).select_related(
            "subject", "subject__township", "organization"
        )
    )
    shown = [enrollment.pk for enrollment in enrollments]
    moved_away = list(
        Enrollment.objects.visible_to(actor)
        .counted()
        .filter(year=year, organization=organization, subject__kind__in=PAIRED_KINDS)
        .exclude(Q(pk__in=shown) | Q(subject__managing_organization=organization))
        .select_related("subject", "subject__managing_organization")
    )
    units: list[MemberUnit | None] = list(
        MemberUnit.objects.filter(organization=organization).order_by("kind", "id")
    )
    every = _pairings(enrollments, year, today)
    day = reference_day(year.period_start, year.period_end, today)
    pairings = [row for row in every if _own(row, organization) or row.ends_on is None or row.ends_on > day]
    known = {unit.pk for unit in units if unit is not None}
    for pairing in pairings:
        if pairing.unit is not None and pairing.unit.pk not in known:
            known.add(pairing.unit.pk)
            units.append(pairing.unit)
    if any(pairing.unit is None for pairing in pairings):
        units.append(None)
    of: dict[int, list[Pairing]] = {}
    for pairing in every:
        of.setdefault(pairing.subject_id, []).append(pairing)
    shown_pairings = {pairing.pk for pairing in pairings}
    rows = [
        _row(enrollment, of.get(enrollment.subject_id, []), units, shown_pairings)
        for enrollment in enrollments
    ]
    rows.sort(key=_order)
    return PairingMatrix(units, rows, moved_away, *_loads(pairings))


def _own(pairing: Pairing, organization: Organization) -> bool:
    keeper = pairing.unit.organization_id if pairing.unit is not None else pairing.organization_id
    return keeper == organization.pk


def _pairings(enrollments: Sequence[Enrollment], year: CampaignYear, today: date) -> list[Pairing]:
    day = reference_day(year.period_start, year.period_end, today)
    rows = (
        Pairing.objects.live()
        .filter(subject_id__in=[enrollment.subject_id for enrollment in enrollments])
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=year.period_end)
        .select_related("unit")
        .order_by("starts_on", "id")
    )
    return [
        row
        for row in rows
        if counts_for_year(
            row.starts_on, row.ends_on, first=year.period_start, last=year.period_end, today=today
        )
    ]


def _row(
    enrollment: Enrollment,
    pairings: Sequence[Pairing],
    units: Sequence[MemberUnit | None],
    shown: set[int],
) -> MatrixRow:
    inside = [pairing for pairing in pairings if pairing.pk in shown]
    leaving = [pairing for pairing in pairings if pairing.pk not in shown]
    columns = [
        (unit, [pairing for pairing in inside if pairing.unit_id == (unit.pk if unit is not None else None)])
        for unit in units
    ]
    has_lead = any(pairing.role == PairingRole.LEAD for pairing in pairings)
    return MatrixRow(enrollment, columns, leaving, not pairings, has_lead)


def _order(row: MatrixRow) -> tuple[int, int, str, str]:
    """Gaps, then those without 主结对, then by the first column that is filled, person and name."""
    first = next((number for number, (_, cell) in enumerate(row.columns) if cell), 0)
    person = row.partners[0].person_name if row.partners else ""
    rank = 0 if row.is_gap else 1 if not row.has_lead else 2
    return (rank, first, person, row.enrollment.subject.name)


def _loads(pairings: Sequence[Pairing]) -> tuple[list[Load], list[Load]]:
    units: dict[str, dict[int, bool]] = {}
    people: dict[str, dict[int, bool]] = {}
    for pairing in pairings:
        lead = pairing.role == PairingRole.LEAD
        unit = pairing.unit.name if pairing.unit else NO_UNIT
        carried = [(units, unit)]
        if pairing.person_name:
            carried.append((people, f"{pairing.person_name}（{unit}）"))
        for table, name in carried:
            subjects = table.setdefault(name, {})
            subjects[pairing.subject_id] = subjects.get(pairing.subject_id, False) or lead
    return _sorted(units), _sorted(people)


def _sorted(table: dict[str, dict[int, bool]]) -> list[Load]:
    loads = [Load(name, len(subjects), sum(subjects.values())) for name, subjects in table.items()]
    return sorted(loads, key=lambda load: (-load.subjects, load.name))


@dataclass(frozen=True)
class DistrictPairings:
    """One district's line of the city's page."""

    organization: Organization
    enrolled: int
    gaps: int

    @property
    def paired(self) -> int:
        return self.enrolled - self.gaps


def pairings_by_district(actor: Actor, *, year: CampaignYear, today: date) -> list[DistrictPairings]:
    """Every district with the enrolled subjects it looks after and the unpaired among them. Statements: 3."""

    def counted(rows: QuerySet[Any]) -> Counter[int]:
        return Counter(dict(rows.order_by().values_list("keeper_id").annotate(n=Count("pk"))))

    chosen = to_be_paired(actor, year=year.pk, last=year.period_end, today=today)
    enrolled, gaps = (
        counted(chosen),
        counted(without_pairing(chosen, first=year.period_start, last=year.period_end, today=today)),
    )
    districts = Organization.objects.districts().filter(carries_quota=True)
    return [DistrictPairings(district, enrolled[district.pk], gaps[district.pk]) for district in districts]


def renewable_pairings(
    actor: Actor, *, year: CampaignYear, organization: Organization
) -> list[tuple[Pairing, bool]]:
    """Pairings that still run on the last day of the year, and whether the subject is enrolled in the next one.

    Those already carried on are left out. Statements: 3.
    """
    last = year.period_end
    rows = (
        Pairing.objects.visible_to(actor)
        .live()
        .filter(organization=organization, starts_on__lte=last)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=last))
        .select_related("subject", "unit", "person")
        .order_by("unit_id", "person_name", "id")
    )
    pairings = list(rows)
    subjects = [pairing.subject_id for pairing in pairings]
    later = {
        (subject, unit, name)
        for subject, unit, name in Pairing.objects.live()
        .filter(subject_id__in=subjects, starts_on__gt=last)
        .values_list("subject_id", "unit_id", "person_name")
    }
    chosen = set(
        Enrollment.objects.counted()
        .filter(year_id=year.year + 1, subject_id__in=subjects)
        .values_list("subject_id", flat=True)
    )
    return [
        (pairing, pairing.subject_id in chosen)
        for pairing in pairings
        if (pairing.subject_id, pairing.unit_id, pairing.person_name) not in later
        and not_over(pairing.ends_on, last)
    ]
