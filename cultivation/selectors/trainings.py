"""专题培训 read: sessions of a year for the counting rules, coverage, and the sheet of who came to one session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from cultivation.enums import SubjectKind
from cultivation.models import Enrollment, Subject, Training, TrainingAttendance
from cultivation.models.subjects import SubjectQuerySet, reads_history
from cultivation.rules.attendance_lines import AttendanceLine
from cultivation.rules.trainings import (
    TOPICS,
    Attended,
    Count,
    Coverage,
    Session,
    TopicCount,
    count_city,
    count_organization,
    count_topic,
    coverage_of,
)
from cultivation.selectors.subjects import search_condition
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.selectors.code_tables import OrganizationEntry, districts
from zaozhuang_portal.kernel.credit_code import normalize_credit_code
from zaozhuang_portal.kernel.names import normalize_name


def sessions_of(year: int, known: Q | None = None) -> list[Session]:
    """Every live training of the year, city-wide, with its attendance, for the pure rules. Statements: 2.

    `known`: only the trainings that meet it.
    """
    trainings = Training.objects.live().filter(known or Q(), year_id=year).order_by("happened_on", "id")
    attended: dict[int, list[Attended]] = defaultdict(list)
    rows = TrainingAttendance.objects.filter(training__in=trainings.order_by().values("pk"))
    for training, subject, organization, managers, hr in rows.values_list(
        "training_id", "subject_id", "organization_id", "managers", "hr"
    ):
        attended[training].append(Attended(subject, organization, managers, hr))
    return [
        Session(pk, holder, frozenset(topics), tuple(attended[pk]), others)
        for pk, holder, topics, others in trainings.values_list(
            "pk", "organization_id", "topics", "other_attendance"
        )
    ]


def training_counts(year: int) -> tuple[Count, dict[int, Count]]:
    """(whole city, by organization) of one year: sessions once, people where they come from. Statements: 2."""
    sessions = sessions_of(year)
    places = {session.holder for session in sessions}
    places |= {row.organization for session in sessions for row in session.attended}
    return count_city(sessions), {place: count_organization(sessions, place) for place in places}


@dataclass(frozen=True)
class CoverageRow:
    """One cultivated firm of the year and what its people were trained in."""

    enrollment: Enrollment
    coverage: Coverage


@dataclass(frozen=True)
class TopicRow:
    """One district: a count per topic of the notice, and all its sessions."""

    organization: OrganizationEntry
    topics: dict[str, TopicCount]
    total: Count


@dataclass(frozen=True)
class CoverageMatrix:
    rows: list[CoverageRow]
    districts: list[TopicRow]
    city: Count | None

    @property
    def gap_count(self) -> int:
        return sum(len(row.coverage.gaps) for row in self.rows)

    @property
    def complete(self) -> int:
        """Firms without a gap."""
        return sum(not row.coverage.gaps for row in self.rows)


def coverage_matrix(actor: Actor, *, year: int, organization: int | None = None) -> CoverageMatrix:
    """Firm × audience × topic with the most gaps first, and district × topic. Statements: 3, whatever the numbers.

    `organization`: only this district's firms. City totals are for those who see the whole city.
    """
    enrollments = list(
        Enrollment.objects.visible_to(actor)
        .counted()
        .filter(year_id=year, subject__kind=SubjectKind.ENTERPRISE)
        .select_related("subject")
        .order_by("organization__sort_order", "subject__name")
    )
    sessions = sessions_of(year)
    of_district: dict[int, list[int]] = defaultdict(list)
    for row in enrollments:
        of_district[row.organization_id].append(row.subject_id)
    wanted = {
        row.subject_id: row
        for row in enrollments
        if organization is None or row.organization_id == organization
    }
    own = actor.district
    shown = [
        entry
        for entry in districts()
        if actor.sees_whole_city or (own is not None and entry.pk == own.pk)
        if organization is None or entry.pk == organization
    ]
    topic_rows = [
        TopicRow(
            entry,
            {topic: count_topic(sessions, entry.pk, topic, of_district[entry.pk]) for topic in TOPICS},
            count_organization(sessions, entry.pk),
        )
        for entry in shown
    ]
    return CoverageMatrix(
        [CoverageRow(wanted[row.subject], row) for row in coverage_of(sessions, list(wanted))],
        topic_rows,
        count_city(sessions) if actor.sees_whole_city and organization is None else None,
    )


# --- one session ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AttendanceRow:
    subject: Subject
    cultivated: bool
    managers: int | None
    hr: int | None
    found: bool = False  # by the search


def choosable_participants(actor: Actor, training: Training) -> SubjectQuerySet:
    """Subjects whose people the actor may enter for this session: its own district's; the city's: of all districts,
    or for a district's training of that district."""
    subjects = Subject.objects.visible_to(actor).active()
    if training.organization.level == Level.DISTRICT:
        subjects = subjects.filter(managing_organization_id=training.organization_id)
    return subjects


def attendance_of(actor: Actor, training: Training) -> QuerySet[TrainingAttendance]:
    """Who came, of those the actor answers for: a district by whom each row counts for, other staff by their subjects."""
    rows = TrainingAttendance.objects.filter(training=training)
    if actor.sees_whole_city:
        return rows
    if reads_history(actor) and actor.district is not None:
        return rows.filter(organization_id=actor.district.pk)
    return rows.filter(subject__in=Subject.objects.visible_to(actor).order_by().values("pk"))


def attendance_rows(
    actor: Actor, training: Training, *, also: Sequence[int] = (), find: str = ""
) -> list[AttendanceRow]:
    """The year's cultivated firms, whoever came, the subjects of `also`, and those found by `find`. Statements: 2–4.

    Only what the actor sees: a district at a city training the firms that count for it, also those moved away since.
    """
    present = {row.subject_id: row for row in attendance_of(actor, training).select_related("subject")}
    enrolled = {
        row.subject_id: row.subject
        for row in Enrollment.objects.visible_to(actor)
        .counted()
        .filter(year_id=training.year_id, subject__kind=SubjectKind.ENTERPRISE)
        .filter(**_of_holder(training.organization))
        .select_related("subject")
        .order_by("organization__sort_order", "subject__name")
    }
    subjects = dict(enrolled)
    choosable = choosable_participants(actor, training)
    if also:
        subjects |= {row.pk: row for row in choosable.filter(pk__in=also)}
    hits: dict[int, Subject] = {}
    if len(find.strip()) >= 2:
        found = search_condition(choosable, find.strip())
        hits = {row.pk: row for row in found.order_by("name")[:20]}
        subjects = {**subjects, **hits}
    for pk, row in present.items():
        subjects.setdefault(pk, row.subject)
    return [
        AttendanceRow(
            subject,
            pk in enrolled,
            present[pk].managers if pk in present else None,
            present[pk].hr if pk in present else None,
            pk in hits,
        )
        for pk, subject in subjects.items()
    ]


def _of_holder(holder: Organization) -> dict[str, int]:
    return {"organization_id": holder.pk} if holder.level == Level.DISTRICT else {}


@dataclass(frozen=True)
class MatchedLine:
    """A pasted line with its subject, or with why it has none."""

    line: AttendanceLine
    subject: Subject | None
    problem: str


def match_lines(actor: Actor, training: Training, lines: Sequence[AttendanceLine]) -> list[MatchedLine]:
    """Find each line's subject by credit code or exact name among those the actor may enter. Statements: 2."""
    codes = {normalize_credit_code(line.who): line for line in lines}
    names = {normalize_name(line.who) for line in lines}
    choosable = choosable_participants(actor, training)
    by_code = {row.credit_code: row for row in choosable.filter(credit_code__in=list(codes))}
    by_name: dict[str, list[Subject]] = defaultdict(list)
    for row in choosable.filter(normalized_name__in=names):
        by_name[row.normalized_name].append(row)
    matched, seen = [], set()
    for line in lines:
        found = by_name.get(normalize_name(line.who), [])
        subject = by_code.get(normalize_credit_code(line.who)) or (found[0] if len(found) == 1 else None)
        problem = line.problem
        if not problem and subject is None:
            problem = (
                f"有 {len(found)} 个同名对象，请改用统一社会信用代码"
                if found
                else "没有找到，请核对名称，或改用统一社会信用代码"
            )
        if not problem and subject is not None and subject.pk in seen:
            problem = "与前面的行重复，请合并人数"
        if subject is not None:
            seen.add(subject.pk)
        matched.append(MatchedLine(line, subject, problem))
    return matched
