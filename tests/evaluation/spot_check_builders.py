"""Rounds of spot checks for tests, by the services where they exist: planned, frozen, drawn; single checks; inspectors."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from cultivation.enums import EnrollmentState, SubjectKind
from cultivation.models import Enrollment, Subject
from evaluation.enums import CheckKind, ChecklistState, CheckState, Conclusion, Selection, SelectionClass
from evaluation.models import (
    InspectionChecklist,
    Inspector,
    PopulationRow,
    SpotCheck,
    SpotCheckRound,
    TeamMember,
)
from evaluation.selectors.spot_checks.seats import seats_of
from evaluation.services.spot_checks.draws import SpokenDigits, draw_round
from evaluation.services.spot_checks.population import freeze_round
from evaluation.services.spot_checks.rounds import RoundPlan, plan_round
from tests.factories import make_actor, make_member_unit, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind, Role, SeatState
from zaozhuang_portal.accounts.models import Organization, Seat, TripartiteBody, User

NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
DIGITS = "31415926"
_numbers = count(1)


def make_checklist() -> InspectionChecklist:
    """A published checklist of one line; the same one again."""
    return InspectionChecklist.objects.get_or_create(
        code="TEST",
        version="1",
        defaults={
            "title": "落实情况检查表",
            "source": "测试",
            "state": ChecklistState.PUBLISHED,
            "lines": [],
            "content_hash": "0" * 64,
            "loaded_at": NOW,
            "published_at": NOW,
        },
    )[0]


def make_plan(**fields: Any) -> RoundPlan:
    values: dict[str, Any] = {
        "title": "",
        "basis": "枣人社字〔2023〕34号三（四）2（C091）",
        "period_from": date(2026, 10, 1),
        "period_to": date(2026, 11, 30),
        "ends_on": date(2026, 11, 30),
        "manners": ["LEDGERS", "ON_SITE"],
        "frame": "ROSTER",
        "classes": [],
        "discrepancy_limit": Decimal(10),
        "checklist": make_checklist(),
    }
    return RoundPlan(**(values | fields))


def make_round(
    office: Actor | None = None, *, year: int = 2026, now: datetime = NOW, **fields: Any
) -> SpotCheckRound:
    """A planned round; `fields` of its plan."""
    return plan_round(
        actor=office or make_actor(Role.CITY_OFFICE), year=make_year(year), plan=make_plan(**fields), now=now
    )


def make_population(
    size: int = 3, *, district: Organization | None = None, year: int = 2026
) -> list[Subject]:
    """So many firms of one district on the confirmed roster of the year."""
    held = make_year(year)
    district = district or make_organization(Level.DISTRICT)
    subjects = [make_subject(district) for _ in range(size)]
    Enrollment.objects.bulk_create(
        Enrollment(
            subject=one,
            year=held,
            organization=district,
            state=EnrollmentState.CONFIRMED,
            enrolled_at=NOW,
            confirmed_at=NOW,
        )
        for one in subjects
    )
    return subjects


def make_seats(*, confederation: str = SeatState.FILLED) -> None:
    """The city's body with its four seats; 企联 as told."""
    city = Organization.objects.filter(level=Level.CITY).first() or make_organization(Level.CITY)
    body, _ = TripartiteBody.objects.get_or_create(organization=city, defaults={"name": "市三方委员会"})
    for kind in MemberUnitKind:
        state = confederation if kind == MemberUnitKind.ENTERPRISE_CONFEDERATION else SeatState.FILLED
        unit = None
        if state != SeatState.NOT_ESTABLISHED:
            unit = make_member_unit(
                city, kind=kind, name=f"枣庄市{MemberUnitKind(kind).label}{next(_numbers)}"
            )
        Seat.objects.update_or_create(body=body, kind=kind, defaults={"state": state, "unit": unit})


def spoken(held: SpotCheckRound, digits: str = DIGITS) -> dict[str, SpokenDigits]:
    """What every seat that speaks reads out: `digits` and one more of its own."""
    return {
        one.seat: SpokenDigits(f"宣读{number}", f"{digits}{number}{held.pk % 10}")
        for number, one in enumerate(seats_of(held))
        if one.speaks
    }


def freeze(held: SpotCheckRound, office: Actor, now: datetime = NOW) -> SpotCheckRound:
    return freeze_round(actor=office, held=held, seen_revision=held.revision, now=now)


def make_drawn_round(
    office: Actor | None = None, *, subjects: int = 3, digits: str = DIGITS, **fields: Any
) -> SpotCheckRound:
    """Planned, frozen and drawn over a new district's firms."""
    office = office or make_actor(Role.CITY_OFFICE)
    if subjects:
        make_population(subjects)
    if not Seat.objects.filter(body__organization__level=Level.CITY).exists():
        make_seats()
    held = freeze(make_round(office, **fields), office)
    return draw_round(actor=office, held=held, spoken=spoken(held, digits), now=NOW)


def make_inspector(user: User | None = None, **fields: Any) -> Inspector:
    number = next(_numbers)
    values: dict[str, Any] = {
        "staff_number": f"J{number:04d}",
        "name": f"检查员{number}",
        "user": user,
        "party": MemberUnitKind.HRSS,
        "active_from": date(2026, 1, 1),
        "created_at": NOW,
    }
    if "organization" not in fields:
        city = Organization.objects.filter(level=Level.CITY).first()
        values["organization"] = city or make_organization(Level.CITY)
    return Inspector.objects.create(**(values | fields))


def make_check(
    state: str = CheckState.SELECTED,
    *,
    held: SpotCheckRound | None = None,
    subject: Subject | None = None,
    **fields: Any,
) -> SpotCheck:
    """A check of a subject, 指定, in the given state, with what the state asks for."""
    held = held or make_drawn_round()
    subject = subject or make_subject()
    values: dict[str, Any] = {
        "round": held,
        "number": f"{held.year_id}-{held.batch}-T{next(_numbers):04d}",
        "kind": CheckKind.SUBJECT,
        "organization": subject.managing_organization,
        "subject": subject,
        "code": subject.credit_code or str(subject.pk),
        "name": subject.name,
        "selection": Selection.NAMED,
        "selection_reason": "群众反映",
        "signer": "王签发",
        "state": state,
        "updated_at": NOW,
    }
    if state in (CheckState.PROVISIONAL, CheckState.ANSWERED, CheckState.CONCLUDED):
        values |= {"proposed_at": NOW, "proposed_conclusion": Conclusion.QUALIFIED}
    if state == CheckState.CONCLUDED:
        values |= {"concluded_at": NOW, "conclusion": Conclusion.QUALIFIED}
    if state == CheckState.SKIPPED:
        values["skip_reason"] = "企业已注销"
    return SpotCheck.objects.create(**(values | fields))


def make_team(check: SpotCheck, *inspectors: Inspector) -> list[TeamMember]:
    """The first is 主检."""
    return [
        TeamMember.objects.create(check_record=check, inspector=one, lead=not number, from_at=NOW)
        for number, one in enumerate(inspectors or (make_inspector(), make_inspector()))
    ]


__all__ = [
    "DIGITS",
    "NOW",
    "PopulationRow",
    "SelectionClass",
    "SubjectKind",
    "freeze",
    "make_check",
    "make_checklist",
    "make_drawn_round",
    "make_inspector",
    "make_plan",
    "make_population",
    "make_round",
    "make_seats",
    "make_team",
    "spoken",
]
