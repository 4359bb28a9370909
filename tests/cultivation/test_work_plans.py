"""工作方案: six parts, the workflow as its whole product, two windows, back-filled plans, who reads what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cultivation.enums import WorkPlanState
from cultivation.models import WorkPlan
from cultivation.rules.work_plans import PART_KEYS, missing_parts
from cultivation.selectors.work_plans import plans_of_year, unchanged_since_return
from cultivation.services.work_plans import (
    create_work_plan,
    move_work_plan,
    plan_title,
    register_issue,
    save_work_plan,
)
from cultivation.workflows import WORK_PLAN_WORKFLOW
from tests.factories import login, make_actor, make_organization, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.operations.models import Attachment, Notification

pytestmark = pytest.mark.django_db
NOW = clock.now()
LATER = NOW + timedelta(days=1)
FULL = dict.fromkeys(PART_KEYS, "写明了") | {"title": "工作方案"}


@pytest.fixture
def office():
    return make_actor(Role.DISTRICT_OFFICE)


@pytest.fixture
def plan(office):
    return create_work_plan(actor=office, year=make_year(), values=FULL, now=NOW)


# --- the six parts ----------------------------------------------------------------------------------------------------


@given(st.sets(st.sampled_from(PART_KEYS)), st.text(alphabet=" \n\t　", max_size=5))
def test_missing_parts_are_those_without_words(written, blank):
    texts = {key: ("有内容" if key in written else blank) for key in PART_KEYS}
    assert [part.key for part in missing_parts(texts)] == [key for key in PART_KEYS if key not in written]


def test_the_parts_are_those_of_the_notice():
    names = [part.name for part in missing_parts({})]
    assert names == ["目标任务", "培育对象", "培育方式", "时间安排", "组织实施", "责任分工"]


# --- state × action × role ---------------------------------------------------------------------------------------------

ROLES = (Role.CITY_OFFICE, Role.CITY_MEMBER, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER)
GOES = {
    ("DRAFT", "submit", "DISTRICT_OFFICE"): "SUBMITTED",
    ("RETURNED", "submit", "DISTRICT_OFFICE"): "SUBMITTED",
    ("SUBMITTED", "withdraw", "DISTRICT_OFFICE"): "DRAFT",
    ("SUBMITTED", "accept", "CITY_OFFICE"): "ACCEPTED",
    ("SUBMITTED", "return_for_changes", "CITY_OFFICE"): "RETURNED",
    ("ACCEPTED", "return_for_changes", "CITY_OFFICE"): "RETURNED",
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", WORK_PLAN_WORKFLOW.actions)
@pytest.mark.parametrize("state", WorkPlanState.values)
def test_workflow_product(plan, office, state, action, role):
    stamp = {"first_submitted_at": NOW, "submitted_at": NOW} if state != "DRAFT" else {}
    if state in {"RETURNED", "ACCEPTED"}:
        stamp |= {"decided_at": NOW - timedelta(hours=1), "return_reason": "内容太少，请补充"}
    WorkPlan.objects.filter(pk=plan.pk).update(state=state, **stamp)
    plan.refresh_from_db()
    actor = office if role == Role.DISTRICT_OFFICE else None
    if role == Role.DISTRICT_MEMBER:
        actor = make_actor(role, office.organization)
    actor = actor or make_actor(role)
    before = AuditEntry.objects.count()
    expected = GOES.get((state, action, role.value))
    try:
        move_work_plan(actor=actor, plan=plan, action=action, reason="请补充责任分工", now=NOW)
    except (IllegalTransition, NotAllowed):
        assert expected is None
        assert AuditEntry.objects.count() == before
    else:
        assert plan.state == expected
        assert AuditEntry.objects.count() == before + 1
    stored = WorkPlan.objects.get(pk=plan.pk)
    assert stored.state == (expected or state)
    stored.clean_fields()


def test_a_foreign_district_neither_sees_nor_moves(client, plan):
    other = make_actor(Role.DISTRICT_OFFICE)
    with pytest.raises(NotAllowed):
        move_work_plan(actor=other, plan=plan, action="submit", now=NOW)
    with pytest.raises(NotAllowed):
        save_work_plan(actor=other, plan=plan, values=FULL, expected_version=1, now=NOW)
    login(client, other)
    assert client.get(f"/plans/{plan.pk}/").status_code == 404


def test_return_needs_a_reason_and_missing_parts_a_second_word(office, plan):
    save_work_plan(
        actor=office, plan=plan, values=FULL | {"schedule": " \n"}, expected_version=plan.version, now=NOW
    )
    with pytest.raises(DomainError, match="时间安排") as refused:
        move_work_plan(actor=office, plan=plan, action="submit", now=NOW)
    assert refused.value.field == "accept_missing"
    move_work_plan(actor=office, plan=plan, action="submit", accept_missing=True, now=NOW)
    city = make_actor(Role.CITY_OFFICE)
    with pytest.raises(DomainError, match="5个字"):
        move_work_plan(actor=city, plan=plan, action="return_for_changes", reason="不行", now=NOW)
    with pytest.raises(DomainError, match="300"):
        move_work_plan(actor=city, plan=plan, action="return_for_changes", reason="改" * 301, now=NOW)
    move_work_plan(actor=city, plan=plan, action="return_for_changes", reason="请补充时间安排", now=NOW)
    assert Notification.objects.filter(user=office.user, title__contains="退回").count() == 1
    answers = {"accept_missing": True, "accept_unchanged": True}
    move_work_plan(actor=office, plan=plan, action="submit", **answers, now=NOW)
    assert plan.return_reason == ""
    assert Notification.objects.filter(user=city.user, title__contains="报送").count() == 1


def test_a_return_may_set_the_day_to_hand_in_again(client, office, plan):
    save_work_plan(actor=office, plan=plan, values=FULL, expected_version=plan.version, now=NOW)
    plan.refresh_from_db()
    move_work_plan(actor=office, plan=plan, action="submit", now=NOW)
    city = make_actor(Role.CITY_OFFICE)
    today = clock.shanghai_date(NOW)
    give_back = {"actor": city, "plan": plan, "action": "return_for_changes", "reason": "请细化责任分工"}
    with pytest.raises(DomainError, match="早于今天") as refused:
        move_work_plan(**give_back, due_on=today - timedelta(days=1), now=NOW)
    assert refused.value.field == "due_on"
    login(client, city)
    url = reverse("cultivation:plan_move", args=[plan.pk, "return_for_changes"])
    assert str(today + timedelta(days=10)) in client.get(url).content.decode()
    ticked = {"reason": "", "reason_phrase": "请细化责任分工，落实到单位和人员。", "due_on": str(today)}
    assert client.post(url, ticked).status_code == 302
    plan.refresh_from_db()
    assert (plan.return_due_on, plan.return_reason) == (today, "请细化责任分工，落实到单位和人员。")
    assert str(today) in Notification.objects.get(user=office.user, title__contains="退回").body
    move_work_plan(actor=office, plan=plan, action="submit", accept_unchanged=True, now=NOW)
    assert plan.return_due_on is None


def returned(office, plan, **changes):
    values = FULL | changes
    save_work_plan(actor=office, plan=plan, values=values, expected_version=plan.version, now=NOW)
    move_work_plan(actor=office, plan=plan, action="submit", accept_missing=True, now=NOW)
    city = make_actor(Role.CITY_OFFICE)
    words = "请细化责任分工"
    move_work_plan(actor=city, plan=plan, action="return_for_changes", reason=words, now=LATER)


def add_file(plan, at):
    Attachment.objects.create(
        owner_kind="WorkPlan", owner_id=plan.pk, file="attachments/x", label="方案.pdf", uploaded_at=at,
        content_type="application/pdf", size=10, sha256="0" * 64, uploaded_by=plan.updated_by,
    )  # fmt: skip


AFTER_RETURN = {
    "nothing": (lambda actor, plan, at: None, True),
    "the same text": (
        lambda actor, plan, at: save_work_plan(
            actor=actor, plan=plan, values=FULL, expected_version=plan.version, now=at
        ),
        True,
    ),
    "a part": (
        lambda actor, plan, at: save_work_plan(
            actor=actor, plan=plan, values=FULL | {"methods": "改了"}, expected_version=plan.version, now=at
        ),
        False,
    ),
    "the document number": (
        lambda actor, plan, at: register_issue(
            actor=actor, plan=plan, document_number="三方〔2026〕3号", issued_on=None, now=at
        ),
        False,
    ),
    "a file": (lambda actor, plan, at: add_file(plan, at), False),
    "a file of before": (lambda actor, plan, at: add_file(plan, NOW), True),
}


@pytest.mark.parametrize("what", AFTER_RETURN)
def test_a_returned_plan_without_a_change_is_asked_about(client, office, plan, what):
    act, asked = AFTER_RETURN[what]
    returned(office, plan)
    act(office, plan, LATER + timedelta(minutes=1))
    stored = WorkPlan.objects.get(pk=plan.pk)
    assert unchanged_since_return(stored) is asked
    url = reverse("cultivation:plan_move", args=[plan.pk, "submit"])
    login(client, office)
    page = client.get(url).content.decode()
    assert ("退回后未作修改" in page) is asked and ("accept_unchanged" in page) is asked
    first = client.post(url)
    assert first.status_code == (422 if asked else 302)
    if asked:
        words = first.content.decode()
        assert "退回后未作修改，仍要报送吗" in words and "请细化责任分工" in words
        with pytest.raises(DomainError, match="未作修改") as refused:
            move_work_plan(actor=office, plan=stored, action="submit", now=LATER)
        assert refused.value.field == "accept_unchanged"
        assert client.post(url, {"accept_unchanged": "on"}).status_code == 302
    plan.refresh_from_db()
    assert plan.state == "SUBMITTED"


def test_both_questions_are_asked_at_once_and_answers_are_kept(client, office, plan):
    returned(office, plan, schedule="")
    url = reverse("cultivation:plan_move", args=[plan.pk, "submit"])
    login(client, office)
    errors = client.post(url).context["form"].errors
    assert set(errors) == {"accept_missing", "accept_unchanged"}
    half = client.post(url, {"accept_missing": "on"})
    assert half.status_code == 422 and set(half.context["form"].errors) == {"accept_unchanged"}
    assert half.context["form"]["accept_missing"].value() is True
    assert client.post(url, {"accept_missing": "on", "accept_unchanged": "on"}).status_code == 302


def test_two_people_move_at_once(office, plan):
    same = WorkPlan.objects.get(pk=plan.pk)
    move_work_plan(actor=office, plan=plan, action="submit", now=NOW)
    with pytest.raises(IllegalTransition):
        move_work_plan(actor=office, plan=same, action="submit", now=NOW)


# --- writing ------------------------------------------------------------------------------------------------------------


def test_one_plan_a_year_and_only_before_it_is_handed_in(office, plan):
    with pytest.raises(DomainError, match="已有工作方案"):
        create_work_plan(actor=office, year=make_year(), values=FULL, now=NOW)
    move_work_plan(actor=office, plan=plan, action="submit", now=NOW)
    with pytest.raises(DomainError, match="不能修改"):
        save_work_plan(actor=office, plan=plan, values=FULL, expected_version=plan.version, now=NOW)
    with pytest.raises(NotAllowed):
        create_work_plan(actor=make_actor(Role.CITY_OFFICE), year=make_year(2025), values=FULL, now=NOW)


def test_a_plan_handed_in_offers_no_editing_and_its_edit_page_says_why(client, office, plan):
    login(client, office)
    edit, page = f"/plans/{plan.pk}/edit/", f"/plans/{plan.pk}/"
    assert edit in client.get(page).content.decode() and client.get(edit).status_code == 200
    move_work_plan(actor=office, plan=plan, action="submit", now=NOW)
    assert edit not in client.get(page).content.decode()
    answer = client.get(edit, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "不能修改。如需修改，请先撤回或由市级退回" in answer.content.decode()


def test_two_windows_keep_both_texts(client, office, plan):
    login(client, office)
    stale = FULL | {"version": plan.version, "methods": "我写的方式"}
    save_work_plan(
        actor=office, plan=plan, values=FULL | {"methods": "别人写的方式"}, expected_version=1, now=NOW
    )
    with pytest.raises(ConflictError):
        save_work_plan(actor=office, plan=plan, values=stale, expected_version=1, now=NOW)
    answer = client.post(f"/plans/{plan.pk}/edit/", stale)
    page = answer.content.decode()
    assert answer.status_code == 409 and "别人写的方式" in page and "我写的方式" in page
    assert client.post(f"/plans/{plan.pk}/edit/", stale | {"version": 2}).status_code == 302
    plan.refresh_from_db()
    assert (plan.methods, plan.version) == ("我写的方式", 3)


def test_the_timeline_names_a_part_rewritten_at_the_same_length(client, office, plan):
    values = FULL | {"methods": "改写了", "schedule": "更长的安排"}
    save_work_plan(actor=office, plan=plan, values=values, expected_version=1, now=NOW)
    login(client, office)
    timeline = client.get(f"/plans/{plan.pk}/").context["timeline"][0]
    assert [tuple(change) for change in timeline.changes] == [
        ("培育方式", "3字", "3字，文字有改动"),
        ("时间安排", "3字", "5字"),
    ]


def test_saving_the_same_text_is_no_new_version(office, plan):
    save_work_plan(actor=office, plan=plan, values=FULL, expected_version=1, now=NOW)
    assert plan.version == 1


def test_last_years_plan_is_a_start(client, office):
    create_work_plan(
        actor=office,
        year=make_year(2025),
        values=FULL | {"methods": "去年的方式"},
        issued_on=date(2025, 3, 1),
        source_document="2025年工作方案（纸质档案）",
        now=NOW,
    )
    login(client, office)
    assert "去年的方式" not in client.get("/plans/new/2026/").content.decode()
    page = client.get("/plans/new/2026/?copy=1").content.decode()
    assert "去年的方式" in page and plan_title(office.organization, 2026) in page


def test_a_past_plan_is_backfilled_with_its_source(office):
    year = make_year(2024)
    common = {"actor": office, "year": year, "values": FULL, "now": NOW}
    with pytest.raises(DomainError, match="来源"):
        create_work_plan(**common, issued_on=date(2024, 3, 1))
    with pytest.raises(DomainError, match="晚于今天"):
        create_work_plan(**common, issued_on=date(2999, 1, 1), source_document="档案")
    plan = create_work_plan(**common, issued_on=date(2024, 3, 1), source_document="2024年方案（纸质）")
    assert (plan.state, plan.backfilled, plan.issued_on) == ("SUBMITTED", True, date(2024, 3, 1))
    city = make_actor(Role.CITY_OFFICE)
    received = move_work_plan(actor=city, plan=plan, action="accept", now=NOW)
    assert (received.state, received.decided_at) == ("ACCEPTED", NOW)


def test_issue_keeps_the_version(office, plan):
    with pytest.raises(DomainError, match="晚于今天"):
        register_issue(actor=office, plan=plan, document_number="x", issued_on=date(2999, 1, 1), now=NOW)
    register_issue(
        actor=office, plan=plan, document_number="滕三方〔2026〕3号", issued_on=date(2026, 3, 1), now=NOW
    )
    assert WorkPlan.objects.get(pk=plan.pk).version == 1


# --- reading ------------------------------------------------------------------------------------------------------------


def test_the_city_sees_who_is_missing_but_no_draft(client, office, plan):
    lacking = make_organization(name="没有方案的区")
    city = make_actor(Role.CITY_OFFICE)
    login(client, city)
    page = client.get("/plans/?year=2026").content.decode()
    assert "没有方案的区" in page and "尚未报送" in page and "拟订中" in page
    assert client.get(f"/plans/{plan.pk}/").status_code == 404
    rows = {row.organization: row for row in plans_of_year(city, 2026)}
    assert rows[lacking].plan is None and not rows[office.organization].readable
    move_work_plan(actor=office, plan=plan, action="submit", now=NOW)
    assert "目标任务" in client.get(f"/plans/{plan.pk}/").content.decode()


def test_statements_of_list_and_page(client):
    make_year()
    login(client, make_actor(Role.CITY_OFFICE))
    counts = []
    for _ in range(3):
        office = make_actor(Role.DISTRICT_OFFICE)
        plan = create_work_plan(actor=office, year=make_year(), values=FULL, now=NOW)
        move_work_plan(actor=office, plan=plan, action="submit", now=NOW)
        client.get("/plans/?year=2026")
        with CaptureQueriesContext(connection) as captured:
            client.get("/plans/?year=2026")
        counts.append(len(captured))
    assert counts[0] == counts[-1] <= 4, counts
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/plans/{plan.pk}/").status_code == 200
    assert len(captured) <= 8, len(captured)


def test_print_says_unsigned(client, office, plan):
    login(client, office)
    page = client.get(f"/plans/{plan.pk}/print/").content.decode()
    assert "非正式印发稿" in page and "未登记会签席位" in page
