"""A plan changed after it was countersigned: each signature knows what it was given to, its unit has it to do again."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.enums import WorkPlanState
from cultivation.models import Countersignature, CultivationRoster, WorkPlan
from cultivation.rules.work_plans import SIGNED_NAMES, changed_names, text_marks
from cultivation.selectors.countersignatures import countersignature_panel, paper_of
from cultivation.selectors.signing_todos import signing_parts
from cultivation.selectors.todo_case import todo_case
from cultivation.services.countersignatures import countersign
from cultivation.services.work_plans import create_work_plan, move_work_plan, register_issue, save_work_plan
from reporting.selectors.todos import todo_parts
from reporting.selectors.waiting import owed_parts
from tests.factories import login, make_actor, make_member_unit, make_organization, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry, Seat, TripartiteBody
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition
from zaozhuang_portal.operations.selectors.todos import count_parts, list_parts

pytestmark = pytest.mark.django_db
NOW = clock.now()
LATER = NOW + timedelta(hours=2)
TODAY = clock.shanghai_date(NOW)
FULL = dict.fromkeys(SIGNED_NAMES, "写明了") | {"title": "会签方案"}


@pytest.fixture
def district():
    """总工会 fills its seat and represents 工商联; 人社局 fills another."""
    district = make_organization(name="会签区")
    body = TripartiteBody.objects.create(organization=district, name="会签区三方机构", established=True)
    hrss = make_member_unit(district, kind="HRSS", name="会签区人社局")
    union = make_member_unit(district, kind="TRADE_UNION_FEDERATION", name="会签区总工会")
    Seat.objects.create(body=body, kind="HRSS", state="FILLED", unit=hrss)
    Seat.objects.create(body=body, kind="TRADE_UNION_FEDERATION", state="FILLED", unit=union)
    kind = "FEDERATION_OF_INDUSTRY_AND_COMMERCE"
    Seat.objects.create(body=body, kind=kind, state="REPRESENTED", unit=union)
    return district


@pytest.fixture
def office(district):
    return make_actor(Role.DISTRICT_OFFICE, district)


@pytest.fixture
def unionist(district):
    unit = district.member_units.get(name="会签区总工会")
    return make_actor(Role.DISTRICT_MEMBER, district, member_unit=unit)


@pytest.fixture
def plan(office):
    return create_work_plan(actor=office, year=make_year(TODAY.year), values=FULL, now=NOW)


def sign(actor, plan, kind="TRADE_UNION_FEDERATION", **given):
    plan.refresh_from_db()
    return countersign(
        actor=actor,
        paper=paper_of(plan=plan),
        seat=Seat.objects.select_related("body", "unit").get(body__organization=plan.organization, kind=kind),
        opinion=given.get("opinion", "AGREE"),
        comment=given.get("comment", ""),
        expected_version=plan.version,
        now=NOW,
    )


def change(actor, plan, now=LATER, **texts):
    plan.refresh_from_db()
    values = {key: getattr(plan, key) for key in SIGNED_NAMES} | texts
    return save_work_plan(actor=actor, plan=plan, values=values, expected_version=plan.version, now=now)


def waiting(actor):
    """The number of each signing part and its rows; both from the same part."""
    parts = signing_parts(actor)
    counts = dict(zip([part.key for part in parts], count_parts(parts), strict=True))
    rows = list_parts(parts)
    assert {key: sum(row.part.key == key for row in rows) for key in counts} == counts
    return {key: number for key, number in counts.items() if number}, rows


def line(actor, plan, kind="TRADE_UNION_FEDERATION"):
    plan = WorkPlan.objects.select_related("organization").get(pk=plan.pk)
    lines = countersignature_panel(actor, plan=plan).lines
    return next(line for line in lines if line.seat.kind == kind)


# --- the rule ---------------------------------------------------------------------------------------------------------


def test_marks_tell_which_texts_changed():
    signed = text_marks(FULL)
    assert changed_names(signed, text_marks(FULL)) == []
    assert changed_names(signed, text_marks(FULL | {"methods": "写明了\r\n"})) == []
    now = text_marks(FULL | {"methods": "另写", "title": "新名称", "schedule": ""})
    assert changed_names(signed, now) == ["方案名称", "培育方式", "时间安排"]
    assert changed_names({}, now) == []


# --- what the signature knows, what its unit has to do ------------------------------------------------------------------


def test_a_signature_knows_the_text_it_was_given_to(office, unionist, plan):
    move_work_plan(actor=office, plan=plan, action="submit", now=NOW)
    row = sign(unionist, plan)
    assert (row.signed_version, row.signed_state) == (plan.version, "SUBMITTED")
    assert row.signed_marks == text_marks(FULL)
    assert line(office, plan).signed_state == "已报送"


def test_a_change_is_shown_at_the_seat_and_is_to_do_until_signed_again(office, unionist, plan):
    assert waiting(unionist)[0] == {"sign_plans": 1}
    sign(unionist, plan, opinion="RESERVE", comment="经费待定")
    assert waiting(unionist)[0] == {}
    change(office, plan, methods="新的方式", schedule="新的安排")
    seat = line(office, plan)
    at = LATER.astimezone(clock.SHANGHAI)
    assert seat.standing == "STALE" and seat.changes == f"{at:%Y-%m-%d %H:%M} 修改：培育方式、时间安排"
    counts, rows = waiting(unionist)
    assert counts == {"sign_plans_again": 1}
    assert (rows[0].note, rows[0].arrived) == ("会签后有修改", LATER)
    assert rows[0].url == f"/countersign/plan/{plan.pk}/"
    sign(unionist, plan)
    assert waiting(unionist)[0] == {} and line(office, plan).changes == ""
    entry = AuditEntry.objects.get(action="确认修改并会签")
    assert entry.changes["opinion"] == ["保留意见", "同意"]


def test_a_plan_of_any_year_is_asked_about_until_it_is_signed(office, unionist):
    for number, year in enumerate((2025, 2026, 2027), start=1):
        made = create_work_plan(actor=office, year=make_year(year), values=FULL, now=NOW)
        sign(unionist, made)
        change(office, made, methods="新的方式")
        assert waiting(unionist)[0] == {"sign_plans_again": number}
    sign(unionist, made)
    assert waiting(unionist)[0] == {"sign_plans_again": 2}


def test_every_seat_of_the_unit_is_asked(office, unionist, plan):
    kinds = ("TRADE_UNION_FEDERATION", "FEDERATION_OF_INDUSTRY_AND_COMMERCE")
    for kind in kinds:
        sign(unionist, plan, kind=kind)
    change(office, plan, methods="新的方式")
    for kind in kinds:
        assert waiting(unionist)[0] == {"sign_plans_again": 1}
        sign(unionist, plan, kind=kind)
    assert waiting(unionist)[0] == {}


def test_a_text_changed_back_is_said_so(office, unionist, plan):
    sign(unionist, plan)
    change(office, plan, methods="新的方式")
    change(office, plan, methods="写明了")
    assert line(office, plan).changes.endswith("修改，现与会签时的文字相同")


def test_a_signature_of_before_the_marks_only_has_the_time(office, unionist, plan):
    sign(unionist, plan)
    Countersignature.objects.update(signed_marks={})
    change(office, plan, methods="新的方式")
    assert line(office, plan).changes.endswith("修改")
    WorkPlan.objects.update(text_changed_at=None)
    assert line(office, plan).changes == "修改"


def test_a_unit_that_left_its_seat_is_not_asked(office, unionist, plan):
    sign(unionist, plan)
    change(office, plan, methods="新的方式")
    Seat.objects.filter(kind="TRADE_UNION_FEDERATION").update(unit=None, state="NOT_ESTABLISHED")
    assert "sign_plans_again" not in waiting(unionist)[0]


def test_only_the_unit_that_signed_is_asked(office, unionist, plan, district):
    sign(unionist, plan)
    change(office, plan, methods="新的方式")
    hrss = make_actor(
        Role.DISTRICT_MEMBER, district, member_unit=district.member_units.get(name="会签区人社局")
    )
    assert waiting(hrss)[0] == {"sign_plans": 1}
    assert waiting(make_actor(Role.DISTRICT_MEMBER, district))[0] == {}
    assert waiting(make_actor(Role.DISTRICT_OFFICE))[0] == {}


ACTIONS = ("save", "save the same", "issue", "submit", "withdraw", "accept", "return_for_changes")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", WorkPlanState.values)
def test_only_a_change_of_the_text_asks_again(office, unionist, plan, state, action):
    sign(unionist, plan)
    stamp = {} if state == "DRAFT" else {"first_submitted_at": NOW, "submitted_at": NOW}
    if state in {"RETURNED", "ACCEPTED"}:
        stamp |= {"decided_at": NOW, "return_reason": "内容太少，请补充"}
    WorkPlan.objects.filter(pk=plan.pk).update(state=state, **stamp)
    plan.refresh_from_db()
    city = make_actor(Role.CITY_OFFICE)
    try:
        if action == "save":
            change(office, plan, methods="新的方式")
        elif action == "save the same":
            change(office, plan)
        elif action == "issue":
            register_issue(actor=office, plan=plan, document_number="3号", issued_on=None, now=LATER)
        else:
            actor = city if action in {"accept", "return_for_changes"} else office
            more = {"reason": "请补充责任分工", "accept_unchanged": True}
            move_work_plan(actor=actor, plan=plan, action=action, now=LATER, **more)
    except (DomainError, IllegalTransition):
        pass
    asked = action == "save" and state in {"DRAFT", "RETURNED"}
    assert (line(office, plan).standing == "STALE") is asked
    assert waiting(unionist)[0] == ({"sign_plans_again": 1} if asked else {})


def test_a_change_never_blocks_and_the_confirm_page_names_who_signed_before(client, office, unionist, plan):
    sign(unionist, plan)
    change(office, plan, methods="新的方式")
    login(client, office)
    url = reverse("cultivation:plan_move", args=[plan.pk, "submit"])
    page = client.get(url).content.decode()
    assert "会签后有修改" in page and "总工会（会签区总工会）" in page
    assert client.post(url).status_code == 302


def test_a_roster_changed_after_signing_is_to_do_again(district, unionist):
    roster = CultivationRoster.objects.create(
        organization=district, year=make_year(TODAY.year), state="CONFIRMED", confirmed_at=NOW, revision=1
    )
    seat = Seat.objects.select_related("body", "unit").get(kind="TRADE_UNION_FEDERATION")
    given = {"opinion": "AGREE", "comment": "", "now": NOW}
    countersign(actor=unionist, paper=paper_of(roster=roster), seat=seat, expected_version=1, **given)
    assert waiting(unionist)[0] == {}
    CultivationRoster.objects.update(revision=2)
    roster.refresh_from_db()
    assert waiting(unionist)[0] == {"sign_rosters_again": 1}
    lines = countersignature_panel(unionist, roster=roster).lines
    assert "现为第 2 版" in [line.changes for line in lines]


def test_the_workbench_and_those_who_wait_see_the_same(office, unionist, plan):
    sign(unionist, plan)
    change(office, plan, methods="新的方式")
    case = todo_case(unionist, TODAY)
    parts = todo_parts(case)
    counts = dict(zip([part.key for part in parts], count_parts(parts), strict=True))
    assert counts["sign_plans_again"] == 1
    sent = [row for row in list_parts(owed_parts(todo_case(office, TODAY))) if row.part.key == "seats_plan"]
    assert {row.place: row.note for row in sent} == {"会签区总工会": "会签后有修改", "会签区人社局": "未会签"}


# --- pages and paper ----------------------------------------------------------------------------------------------------


def test_the_pages_and_the_paper_show_it_and_one_press_confirms(client, office, unionist, plan):
    kinds = ("TRADE_UNION_FEDERATION", "FEDERATION_OF_INDUSTRY_AND_COMMERCE")
    for kind in kinds:
        sign(unionist, plan, kind=kind, opinion="RESERVE", comment="经费待定")
    change(office, plan, methods="新的方式")
    login(client, unionist)
    sheet, paper = f"/countersign/plan/{plan.pk}/sheet/", f"/plans/{plan.pk}/print/"
    for url in (f"/plans/{plan.pk}/", f"/countersign/plan/{plan.pk}/", sheet, paper):
        page = client.get(url).content.decode()
        assert "会签后有修改" in page and "修改：培育方式" in page, url
    url = f"/countersign/plan/{plan.pk}/"
    form = client.get(url).context["form"]
    assert form.submit_label == "确认修改" and form["opinion"].value() == "RESERVE"
    data = {name: form[name].value() for name in form.fields}
    assert client.post(url, data).status_code == 302
    again = client.get(url).context["form"]
    assert again.submit_label == "确认修改" and again["seat"].value() != data["seat"]
    assert client.post(url, {name: again[name].value() for name in again.fields}).status_code == 302
    page = client.get(url)
    assert page.context["form"].submit_label == "提交会签意见"
    assert "会签后有修改" not in page.content.decode()


def test_changes_cost_no_statement_a_seat(client, office, unionist, plan):
    login(client, office)
    counts = []
    for kind in ("TRADE_UNION_FEDERATION", "FEDERATION_OF_INDUSTRY_AND_COMMERCE"):
        sign(unionist, plan, kind=kind)
        change(office, plan, methods=f"方式{kind}")
        client.get(f"/plans/{plan.pk}/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/plans/{plan.pk}/").status_code == 200
        counts.append(len(captured))
    assert len(set(counts)) == 1 and counts[0] <= 8, counts


def test_the_migration_marks_signatures_of_the_text_that_stands(office, unionist, plan):
    first = sign(unionist, plan)
    change(office, plan, methods="新的方式")
    second = sign(unionist, plan, kind="FEDERATION_OF_INDUSTRY_AND_COMMERCE")
    Countersignature.objects.update(signed_marks={})
    import_module("cultivation.migrations.0011_signed_texts").mark_current_signatures(apps, None)
    first.refresh_from_db()
    assert first.signed_marks == {}
    assert Countersignature.objects.get(pk=second.pk).signed_marks == second.signed_marks
