"""协调员、指导员: whom they look after and what they did; zeros are named (peers row 14; C059–C061)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Q

from cultivation.enums import SubjectKind
from cultivation.models import (
    BargainingInstructor,
    Coordinator,
    Enrollment,
    LiaisonAssignment,
    Subject,
    VisitParticipant,
)
from cultivation.selectors.subjects import search_condition
from zaozhuang_portal.accounts.actors import Actor

KINDS: dict[str, type[Coordinator] | type[BargainingInstructor]] = {
    "coordinators": Coordinator,
    "instructors": BargainingInstructor,
}


@dataclass(frozen=True)
class PersonLoad:
    """One person in service. `visits` of the year and `last_on` come from visits the account took part in."""

    kind: str
    person: Any
    firms: int
    visits: int
    last_on: date | None

    @property
    def gaps(self) -> list[str]:
        """What is missing, in words; empty when the person is active."""
        found = [] if self.firms else ["没有联系企业"]
        if self.person.user_id is None:
            found.append("未关联账号，统计不到服务")
        elif not self.visits:
            found.append("本年度没有服务记录")
        return found


def in_service(day: date) -> Q:
    """Appointed by that day and not gone before it."""
    return Q(appointed_on__lte=day) & (Q(left_on__isnull=True) | Q(left_on__gte=day))


def staff_load(actor: Actor, *, year: int, today: date) -> list[PersonLoad]:
    """Everybody in service the actor sees, those with gaps first. Statements: 3."""
    open_now = Q(liaisons__removed_at__isnull=True) & (
        Q(liaisons__ends_on__isnull=True) | Q(liaisons__ends_on__gte=today)
    )
    people: list[tuple[str, Any]] = []
    for kind, model in KINDS.items():
        rows: Any = model.objects.visible_to(actor).live()
        serving = rows.filter(in_service(today))
        serving = serving.select_related("organization", "township").annotate(
            firms=Count("liaisons", filter=open_now, distinct=True)
        )
        people += [(kind, row) for row in serving.order_by("organization__sort_order", "name", "id")]
    done: dict[int, Any] = {
        row["user_id"]: row
        for row in VisitParticipant.objects.filter(
            user_id__in={row.user_id for _, row in people if row.user_id is not None},
            visit__removed_at__isnull=True,
        )
        .values("user_id")
        .annotate(
            visits=Count("visit", filter=Q(visit__year_id=year), distinct=True),
            last_on=Max("visit__happened_on"),
        )
    }
    loads = []
    for kind, row in people:
        of_user: dict[str, Any] = done.get(row.user_id) or {"visits": 0, "last_on": None}
        loads.append(PersonLoad(kind, row, row.firms, of_user["visits"], of_user["last_on"]))
    return sorted(loads, key=lambda load: -len(load.gaps))


def find_person(actor: Actor, kind: str, pk: int) -> Any:
    """A coordinator or instructor the actor sees, or None. Statements: 1."""
    model = KINDS.get(kind)
    if model is None:
        return None
    rows: Any = model.objects.visible_to(actor).live()
    return rows.select_related("organization", "township").filter(pk=pk).first()


def successors_of(actor: Actor, kind: str, person: Any, today: date) -> list[Any]:
    """Others of the same register and district who are in service. Statements: 1."""
    rows: Any = KINDS[kind].objects.visible_to(actor).live()
    serving = rows.filter(
        organization_id=person.organization_id, left_on__isnull=True, appointed_on__lte=today
    )
    return list(serving.exclude(pk=person.pk).order_by("name", "id"))


@dataclass(frozen=True)
class AssignableSubject:
    subject: Subject
    cultivated: bool
    others: tuple[str, ...]  # names of those who look after it now


def assignable_subjects(
    actor: Actor, person: Any, *, kind: str, year: int, find: str = ""
) -> list[AssignableSubject]:
    """Firms of the person's district it does not look after yet: the year's cultivated ones, and those found.

    A coordinator's own township comes first. Statements: 3.
    """
    key = "coordinator_id" if kind == "coordinators" else "instructor_id"
    open_rows = LiaisonAssignment.objects.live().filter(
        organization_id=person.organization_id, ends_on__isnull=True
    )
    holders: dict[int, list[tuple[int | None, str]]] = {}
    for row in open_rows.select_related("coordinator", "instructor"):
        holders.setdefault(row.subject_id, []).append(
            (getattr(row, key), str(row.coordinator or row.instructor))
        )
    mine = {pk for pk, rows in holders.items() if any(held == person.pk for held, _ in rows)}
    subjects = Subject.objects.visible_to(actor).active()
    subjects = subjects.filter(managing_organization_id=person.organization_id, kind="ENTERPRISE")
    cultivated = set(
        Enrollment.objects.counted()
        .filter(year_id=year, organization_id=person.organization_id)
        .values_list("subject_id", flat=True)
    )
    wanted = Q(pk__in=cultivated)
    if len(find.strip()) >= 2:
        wanted |= Q(pk__in=search_condition(subjects, find.strip()).values("pk"))
    elif person.township_id is not None:
        wanted |= Q(township_id=person.township_id)
    rows = subjects.filter(wanted).exclude(pk__in=mine).select_related("township").order_by("name")[:200]
    listed = sorted(rows, key=lambda subject: subject.township_id != person.township_id)
    return [
        AssignableSubject(
            subject, subject.pk in cultivated, tuple(name for _, name in holders.get(subject.pk, []))
        )
        for subject in listed
    ]


@dataclass(frozen=True)
class StaffNumbers:
    """Of one district: people in service, as many as the page lists, and firms somebody looks after."""

    coordinators: int
    instructors: int
    liaised: int


def staff_numbers(*, organization: int, today: date) -> StaffNumbers:
    """Statements: 3."""
    serving = in_service(today)
    coordinators = Coordinator.objects.live().filter(serving, organization_id=organization).count()
    instructors = BargainingInstructor.objects.live().filter(serving, organization_id=organization).count()
    running = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    liaisons = LiaisonAssignment.objects.live().filter(
        running, organization_id=organization, starts_on__lte=today, subject__kind=SubjectKind.ENTERPRISE
    )
    return StaffNumbers(
        coordinators, instructors, liaisons.values("subject_id").distinct().order_by().count()
    )
