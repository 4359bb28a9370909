"""行业试点: all pilots by phase, and one pilot with everything that hangs on it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from cultivation.enums import PilotProgressKind, SizeClass, SubjectKind, SubjectState
from cultivation.models import (
    Enrollment,
    IndustryAuthority,
    Milestone,
    PilotMember,
    PilotPartner,
    PilotProgress,
    Subject,
)
from cultivation.rules.pilots import PHASES, STANDARDS, Phase, Standard, phase_of, scope_sentence
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.models import Attachment


@dataclass(frozen=True)
class StandardState:
    """One of the four standards: the latest record that claims it, and whether proof is attached to it."""

    standard: Standard
    claimed_by: PilotProgress | None
    has_evidence: bool


@dataclass
class PilotLine:
    """One pilot of the overview. `years`: in which it was a confirmed key subject."""

    subject: Subject
    years: list[int] = field(default_factory=list)
    partners: int = 0
    authorities: int = 0
    members: int = 0
    progress: list[PilotProgress] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[PilotProgress]:
        return [row for row in self.progress if row.kind == kind]

    @property
    def summaries(self) -> list[PilotProgress]:
        return self.of_kind(PilotProgressKind.SUMMARY)

    @property
    def spreads(self) -> list[PilotProgress]:
        return self.of_kind(PilotProgressKind.SPREAD)

    @property
    def standards(self) -> list[str]:
        """Names of the standards claimed so far."""
        return [s.name for s in STANDARDS if any(getattr(row, s.key) for row in self.progress)]


@dataclass(frozen=True)
class PhaseState:
    """A phase of the notice with its date and, where it has begun, how it stands in words."""

    phase: Phase
    due_on: date | None
    system_default: bool
    current: bool
    sentence: str
    missing: list[PilotLine]


@dataclass(frozen=True)
class PilotOverview:
    phases: list[PhaseState]
    lines: list[PilotLine]


@dataclass(frozen=True)
class PilotPage:
    pilot: Subject
    years: list[int]
    partners: list[PilotPartner]
    authorities: list[IndustryAuthority]
    members: list[PilotMember]
    by_size: list[tuple[str, int]]
    progress: list[PilotProgress]
    standards: list[StandardState]
    phase: Phase


def member_size(member: PilotMember) -> str:
    """A registered firm's size is that of the register; the entered one is for firms outside it."""
    return (member.subject.size_class if member.subject else "") or member.size_class


def pilot_overview(actor: Actor, *, year: int) -> PilotOverview:
    """All pilots the actor may see, and the phases of the notice. Statements: 7."""
    lines = pilot_lines(Subject.objects.visible_to(actor))
    return PilotOverview(_phases(lines, year), lines)


def pilot_lines(subjects: QuerySet[Subject]) -> list[PilotLine]:
    """The pilots among these subjects with what hangs on each. Statements: 6."""
    pilots = list(
        subjects.filter(kind=SubjectKind.INDUSTRY_PILOT)
        .exclude(state=SubjectState.MERGED)
        .select_related("managing_organization")
        .order_by("pilot_year", "id")
    )
    lines = {pilot.pk: PilotLine(pilot) for pilot in pilots}
    enrolled = Enrollment.objects.counted().filter(subject_id__in=lines)
    for pk, of_year in enrolled.order_by("year_id").values_list("subject_id", "year_id"):
        lines[pk].years.append(of_year)
    for pk in PilotPartner.objects.live().filter(pilot_id__in=lines).values_list("pilot_id", flat=True):
        lines[pk].partners += 1
    for pk in IndustryAuthority.objects.live().filter(pilot_id__in=lines).values_list("pilot_id", flat=True):
        lines[pk].authorities += 1
    members = PilotMember.objects.live().filter(pilot_id__in=lines, left_on__isnull=True)
    for pk in members.values_list("pilot_id", flat=True):
        lines[pk].members += 1
    for row in PilotProgress.objects.live().filter(pilot_id__in=lines).order_by("happened_on", "id"):
        lines[row.pilot_id].progress.append(row)
    return list(lines.values())


def _phases(lines: list[PilotLine], year: int) -> list[PhaseState]:
    dates = {row.code: row for row in Milestone.objects.filter(code__in=[p.milestone for p in PHASES])}
    per_year: Counter[int] = Counter(of_year for line in lines for of_year in line.years)
    states = []
    for phase in PHASES:
        begun = year >= phase.first
        shown = min(max(year, phase.first), phase.last)
        milestone = dates.get(phase.milestone)
        states.append(
            PhaseState(
                phase,
                milestone.due_on if milestone else None,
                milestone.system_default if milestone else False,
                phase == phase_of(year),
                scope_sentence(year=shown, pilots=per_year[shown], before=per_year[shown - 1])
                if begun
                else "",
                [line for line in lines if phase.first == 2024 and begun and owes_summary(line)],
            )
        )
    return states


def owes_summary(line: PilotLine) -> bool:
    """A pilot of 2023–2024 that has not handed in its summary (C080)."""
    return (line.subject.pilot_year or 0) <= 2024 and not line.summaries


def pilot_page(actor: Actor, pilot: Subject, *, year: int) -> PilotPage:
    """One pilot the actor may see. Statements: 6."""
    years = list(
        Enrollment.objects.counted()
        .filter(subject=pilot)
        .order_by("year_id")
        .values_list("year_id", flat=True)
    )
    members = list(PilotMember.objects.live().filter(pilot=pilot).select_related("subject").order_by("id"))
    present = [member for member in members if member.left_on is None]
    sizes = Counter(member_size(member) for member in present)
    labels = {**dict(SizeClass.choices), "": "规模未划分"}
    progress = list(PilotProgress.objects.live().filter(pilot=pilot).order_by("-happened_on", "-id"))
    return PilotPage(
        pilot,
        years,
        list(PilotPartner.objects.live().filter(pilot=pilot).order_by("id")),
        list(IndustryAuthority.objects.live().filter(pilot=pilot).order_by("id")),
        members,
        [(str(label), sizes[size]) for size, label in labels.items() if sizes[size]],
        progress,
        _standards(progress),
        phase_of(year),
    )


def _standards(progress: list[PilotProgress]) -> list[StandardState]:
    files: dict[int, int] = defaultdict(int)
    for owner in Attachment.objects.of("PilotProgress", *[row.pk for row in progress]).values_list(
        "owner_id", flat=True
    ):
        files[owner] += 1
    states = []
    for standard in STANDARDS:
        claims = [row for row in progress if getattr(row, standard.key)]
        # The latest one with proof speaks for the standard, else the latest one.
        best = next((row for row in claims if files[row.pk]), claims[0] if claims else None)
        states.append(StandardState(standard, best, best is not None and bool(files[best.pk])))
    return states
