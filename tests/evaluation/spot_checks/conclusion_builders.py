"""A check judged on site with its 主检, its second inspector, the inspected and the city office."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from evaluation.enums import CheckState, Judgement, LineKind
from evaluation.models import Assessment, CheckLine, SpotCheck
from evaluation.selectors.definitions import definition_of
from tests.evaluation.assessment_builders import make_contact
from tests.evaluation.spot_check_builders import NOW, make_check, make_drawn_round, make_inspector, make_team
from tests.evaluation.test_reviews import Case
from tests.factories import make_actor, make_subject
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind, Role
from zaozhuang_portal.accounts.models import Organization

DISTRICT_FILE = (
    Path(settings.BASE_DIR) / "evaluation" / "data" / "checklists" / "district_r1.yaml"
).read_bytes()


@dataclass
class World:
    check: SpotCheck
    lead: Actor
    second: Actor
    contact: Actor
    office: Actor


def verified_assessment(*, verify: bool = True) -> tuple[Assessment, Actor, Actor]:
    """(assessment of three items, city office, contact), handed in and by default verified by its district."""
    case = Case()
    if verify:
        case.verified()
    return case.fresh, case.city, case.contact


def make_world(
    *,
    state: str = CheckState.UNDER_WAY,
    assessment: Assessment | None = None,
    contact: Actor | None = None,
    office: Actor | None = None,
    lead_is_office: bool = False,
) -> World:
    """Three lines, the first 不符合."""
    office = office or make_actor(Role.CITY_OFFICE)
    subject = assessment.subject if assessment else make_subject()
    contact = contact or make_contact(subject)
    held = make_drawn_round(office)
    due = NOW.date() if state in {CheckState.PROVISIONAL, CheckState.ANSWERED, CheckState.CONCLUDED} else None
    check = make_check(state, held=held, subject=subject, assessment=assessment, answer_due_on=due)
    lead = make_actor(Role.CITY_OFFICE if lead_is_office else Role.CITY_MEMBER)
    second = make_actor(Role.CITY_MEMBER)
    city = Organization.objects.get(level=Level.CITY)
    places = {"organization": city, "unit_name": "市直", "active_from": NOW.date(), "created_at": NOW}
    make_team(
        check,
        make_inspector(lead.user, party=MemberUnitKind.HRSS, **places),
        make_inspector(second.user, party=MemberUnitKind.TRADE_UNION_FEDERATION, **places),
    )
    codes = [f"D02-0{number}" for number in (1, 2, 3)]
    if assessment is not None:
        codes = [item.code for item in definition_of(assessment.indicator_set).indicators][:3]
    for position, code in enumerate(codes, start=1):
        CheckLine.objects.create(
            check_record=check,
            kind=LineKind.INDICATOR,
            code=code,
            position=position,
            title=f"检查事项{position}",
            judgement=Judgement.NOT_MET if position == 1 else Judgement.MET,
            seen="缺签字三份" if position == 1 else "齐全",
            severity="MINOR" if position == 1 else "",
            judged_at=NOW,
            judged_by=lead.user,
        )
    return World(check, lead, second, contact, office)
