"""A drawn round with checks in every state and conclusion at three districts, findings, orders closed and overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from evaluation.enums import CheckState, Conclusion, LineKind, RectificationState
from evaluation.models import CheckLine, Finding, Rectification, SpotCheck, SpotCheckRound
from evaluation.services.rectifications.findings import record_findings
from tests.evaluation.spot_checks.team_builders import NOW, a_team, drawn_check, drawn_round
from tests.factories import make_actor, make_organization, make_subject
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization, TripartiteBody

TODAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 2, 0, tzinfo=NOW.tzinfo)


@dataclass
class Board:
    office: Actor
    held: SpotCheckRound
    districts: list[Organization]
    checks: list[SpotCheck]


def concluded(
    held: SpotCheckRound, place: Any, conclusion: str = Conclusion.RECTIFY, **more: Any
) -> SpotCheck:
    fields = {
        "proposed_at": NOW,
        "proposed_conclusion": conclusion,
        "concluded_at": NOW,
        "conclusion": conclusion,
        "visited_on": date(2026, 11, 12),
    }
    return drawn_check(held, place, state=CheckState.CONCLUDED, **fields | more)


def found_line(check: SpotCheck, code: str, office: Actor, *, kind: str = LineKind.CLAUSE) -> Finding:
    line = CheckLine.objects.create(
        check_record=check,
        kind=kind,
        code=code,
        position=CheckLine.objects.filter(check_record=check).count() + 1,
        title=f"事项{code}",
        judgement="NOT_MET",
        seen="没有文件",
        severity="MINOR",
        judged_at=NOW,
    )
    return record_findings(actor=office, check=check, lines=[line], now=NOW)[0]


def order(finding: Finding, state: str, *, due_on: date = date(2026, 11, 16)) -> Rectification:
    """By direct insert: dashboards read state and term."""
    issued = state != RectificationState.DRAFTED
    return Rectification.objects.create(
        year_id=finding.year_id,
        finding=finding,
        organization=finding.organization,
        subject=finding.subject,
        state=state,
        number=f"整改{finding.pk}" if issued else None,
        issued_at=NOW if issued else None,
        issued_on=NOW.date() if issued else None,
        due_on=due_on if issued else None,
        closed_at=NOW if state == RectificationState.CLOSED else None,
        requirement="补齐",
        criterion="有文件",
        consequence="通报",
        term_days=15,
        created_at=NOW,
        updated_at=NOW,
    )


def make_board(districts: int = 3) -> Board:
    office = make_actor(Role.CITY_OFFICE)
    held = drawn_round()
    places = [make_organization(Level.DISTRICT) for _ in range(districts)]
    checks = []
    for number, place in enumerate(places):
        TripartiteBody.objects.create(
            organization=place,
            name=f"{place.name}三方",
            contact_name=f"联系人{number}",
            phone=f"0632-555000{number}",
        )
        checks.append(concluded(held, place))
        for conclusion in Conclusion:
            checks.append(concluded(held, make_subject(place), conclusion))
        for state in (CheckState.SELECTED, CheckState.ASSIGNED, CheckState.NOTIFIED, CheckState.UNDER_WAY):
            checks.append(drawn_check(held, make_subject(place), state=state))
        due = {"proposed_at": NOW, "proposed_conclusion": Conclusion.RECTIFY, "answer_due_on": TODAY}
        checks.append(drawn_check(held, make_subject(place), state=CheckState.PROVISIONAL, **due))
        checks.append(
            drawn_check(held, make_subject(place), state=CheckState.SKIPPED, skip_reason="企业已注销")
        )
    late = drawn_check(
        held, make_subject(places[0]), state=CheckState.NOTIFIED, planned_on=TODAY - timedelta(days=3)
    )
    a_team(late)
    checks.append(late)
    first, second = checks[0], next(one for one in checks if one.organization_id == places[1].pk)
    order(found_line(first, "DC01", office), RectificationState.CLOSED)
    order(found_line(first, "DC02", office), RectificationState.IN_PROGRESS)
    order(found_line(second, "DC02", office), RectificationState.IN_PROGRESS, due_on=date(2026, 12, 1))
    order(found_line(second, "DC03", office), RectificationState.DRAFTED)
    of_firm = next(one for one in checks if one.subject_id and one.conclusion == Conclusion.UNQUALIFIED)
    found_line(of_firm, "D02-01", office, kind=LineKind.INDICATOR)
    return Board(office, held, places, checks)
