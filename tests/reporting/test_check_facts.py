"""The facts beside a district's check: the annual report's own figures, kept once when the check begins."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from django.test import Client

from evaluation.enums import CheckKind, Judgement, LineKind, Selection
from evaluation.models import CheckLine, SpotCheck, TeamMember
from evaluation.selectors.spot_checks.facts import district_facts
from evaluation.services.spot_checks.judging import LineEntry, judge_line
from evaluation.services.spot_checks.visiting import VisitEntry, record_visit
from reporting.selectors.check_facts import facts_of_district
from reporting.selectors.figures import collect_figures
from tests.evaluation.site_builders import make_checklist, make_site_inspector, make_site_round
from tests.factories import login, make_actor, make_organization
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
KEYS = [
    "plan",
    "task_forces",
    "key_targets",
    "pairing",
    "guidance",
    "training",
    "bodies",
    "coordinators",
    "service_points",
    "situation_reviews",
    "adoptions",
    "pilots",
    "publicity",
    "practices",
    "written_report",
]


def inspection(inspector: Actor, keys: list[str]) -> SpotCheck:
    checklist = make_checklist()
    checklist.lines = [
        {"code": f"L{number:02d}", "clause": "C091", "title": key, "fact": key}
        for number, key in enumerate(keys, start=1)
    ]
    checklist.save(update_fields=["lines"])
    home = make_organization(Level.DISTRICT)
    check = SpotCheck.objects.create(
        round=make_site_round(),
        number=f"LS-{home.pk}",
        kind=CheckKind.DISTRICT,
        organization=home,
        code=home.code,
        name=home.name,
        selection=Selection.UNIT,
        state="NOTIFIED",
        updated_at=NOW,
    )
    TeamMember.objects.create(
        check_record=check, inspector=make_site_inspector(inspector), lead=True, from_at=NOW
    )
    for position, line in enumerate(checklist.lines, start=1):
        CheckLine.objects.create(
            check_record=check,
            kind=LineKind.CLAUSE,
            code=line["code"],
            position=position,
            title=line["title"],
        )
    return check


def test_every_fact_is_the_annual_reports_number_and_unknown_lines_say_so() -> None:
    check = inspection(make_actor(Role.CITY_MEMBER), [*KEYS, "nobody_knows"])
    figures = collect_figures(
        year=check.round.year, organization=check.organization, as_of=NOW.date(), made_on=NOW.date()
    )
    given = facts_of_district(check, NOW.date())
    assert set(given) == set(KEYS)
    assert given["publicity"][0][1] == f"{figures['activities']['publicity']['total']} 篇"
    assert given["pairing"][0][1] == f"{figures['services']['paired']}／{figures['services']['to_pair']}"
    found = district_facts(check, NOW.date())
    assert found[f"L{len(KEYS) + 1:02d}"] == [("系统记录", "系统内无此记录", "")]
    assert found["L01"] == given["plan"]


def test_the_links_beside_the_facts_open_for_the_city_office(client: Client) -> None:
    check = inspection(make_actor(Role.CITY_MEMBER), KEYS)
    login(client, make_actor(Role.CITY_OFFICE))
    addresses = {fact[2] for facts in facts_of_district(check, NOW.date()).values() for fact in facts}
    assert {one: client.get(one).status_code for one in addresses if one} == {
        one: 200 for one in addresses if one
    }


@pytest.mark.parametrize("by_line", [True, False])
def test_the_first_save_keeps_the_facts_and_later_ones_leave_them(by_line: bool) -> None:
    inspector = make_actor(Role.CITY_MEMBER)
    check = inspection(inspector, ["publicity", "nobody_knows"])
    line = check.lines.get(code="L01")
    entry = LineEntry(Judgement.MET)
    if by_line:
        judge_line(actor=inspector, line=line, uid=uuid.uuid4(), seen_revision=0, entry=entry, now=NOW)
    else:
        visit = VisitEntry(place="会议室")
        record_visit(actor=inspector, check=check, uid=uuid.uuid4(), seen_revision=0, entry=visit, now=NOW)
    line.refresh_from_db()
    check.refresh_from_db()
    assert check.began_at == NOW
    assert line.facts[0][:2] == ["宣传报道", "0 篇"]
    assert check.lines.get(code="L02").facts == [["系统记录", "系统内无此记录", ""]]
    CheckLine.objects.filter(pk=line.pk).update(facts=[["宣传报道", "7 篇", ""]])
    judge_line(
        actor=inspector, line=line, uid=uuid.uuid4(), seen_revision=line.revision, entry=entry, now=NOW
    )
    line.refresh_from_db()
    assert line.facts == [["宣传报道", "7 篇", ""]]


def test_todays_records_stand_beside_the_snapshot_on_the_checks_page(client: Client) -> None:
    lead = make_actor(Role.CITY_MEMBER)
    check = inspection(lead, ["plan", "publicity"])
    CheckLine.objects.filter(check_record=check, code="L01").update(facts=[["工作方案", "起草中", ""]])
    place = f"/spot-checks/{check.round_id}/items/{check.pk}/"
    login(client, lead)
    plain = client.get(place).content.decode()
    assert "工作方案：起草中" in plain and "现在" not in plain.split("<tbody>")[1]
    both = client.get(f"{place}?facts=now").content.decode()
    assert "工作方案：起草中，现在 未起草" in both and "宣传报道：—，现在 0 篇" in both
    assert CheckLine.objects.get(check_record=check, code="L01").facts == [["工作方案", "起草中", ""]]
