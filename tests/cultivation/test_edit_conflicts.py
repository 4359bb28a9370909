"""Two windows on one record: what only the other one changed is kept, what both changed is shown, who it was is said."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cultivation.ledgers.base import find_ledger
from cultivation.models import Subject, WorkItem, WorkPlan
from cultivation.rules.work_plans import PART_KEYS
from cultivation.services.ledgers import update_record
from cultivation.services.subjects import update_subject
from cultivation.services.work_items import WorkItemDraft, create_work_item, update_work_item
from cultivation.services.work_plans import create_work_plan, move_work_plan, save_work_plan
from cultivation.workflows import WORK_PLAN_WORKFLOW
from tests.cultivation.ledger_factories import make_record
from tests.factories import login, make_actor, make_member_unit, make_subject, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import IllegalTransition

pytestmark = pytest.mark.django_db
NOW = clock.now()
FULL = {key: f"原来的\n{key}" for key in PART_KEYS} | {"title": "工作方案"}


@pytest.fixture
def office():
    return make_actor(Role.DISTRICT_OFFICE)


@pytest.fixture
def colleague(office):
    return make_actor(Role.DISTRICT_MEMBER, office.organization)


def opened(client, url):
    """What a browser would send back from the page as it stands."""
    return sent_again(client.get(url).context["form"])


def sent_again(form):
    data = {}
    for box in form:
        value = box.value()
        if value is None or value is False:
            continue
        text = "on" if value is True else str(value).replace("\r\n", "\n").replace("\n", "\r\n")
        data[box.html_name] = value if isinstance(value, list) else text
    return data


@pytest.fixture
def plan(office):
    return create_work_plan(actor=office, year=make_year(), values=FULL, now=NOW)


def test_a_plan_keeps_what_only_the_colleague_changed(client, office, colleague, plan):
    login(client, office)
    url = reverse("cultivation:plan_edit", args=[plan.pk])
    mine = opened(client, url) | {"methods": "我写的方式", "schedule": "我写的安排"}
    theirs = FULL | {"objectives": "同事写的目标", "methods": "同事写的方式"}
    save_work_plan(actor=colleague, plan=plan, values=theirs, expected_version=1, now=NOW)
    answer = client.post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 409 and "刚刚被他人修改" in page
    assert answer.context["merge_taken"] == ["目标任务"]
    assert answer.context["conflict"] == [("培育方式", "我写的方式", "同事写的方式")]
    assert answer.context["conflict_by"] == colleague.user.full_name
    assert client.post(url, sent_again(answer.context["form"])).status_code == 302
    plan = WorkPlan.objects.get(pk=plan.pk)
    assert (plan.objectives, plan.methods) == ("同事写的目标", "我写的方式")
    assert (plan.schedule, plan.implementation, plan.version) == ("我写的安排", FULL["implementation"], 3)


def test_a_third_change_between_is_merged_again(client, office, colleague, plan):
    login(client, office)
    url = reverse("cultivation:plan_edit", args=[plan.pk])
    mine = opened(client, url) | {"methods": "我写的方式"}
    for version, text in ((1, "第一次"), (2, "第二次")):
        values = FULL | {"objectives": text}
        save_work_plan(actor=colleague, plan=plan, values=values, expected_version=version, now=NOW)
        answer = client.post(url, mine)
        assert answer.status_code == 409 and answer.context["merge_taken"] == ["目标任务"]
        mine = sent_again(answer.context["form"])
    assert client.post(url, mine).status_code == 302
    plan.refresh_from_db()
    assert (plan.objectives, plan.methods) == ("第二次", "我写的方式")


@pytest.mark.parametrize("shown", ["", "{", "[1]"])
def test_without_marks_everything_counts_as_changed_here(client, office, colleague, plan, shown):
    login(client, office)
    url = reverse("cultivation:plan_edit", args=[plan.pk])
    mine = opened(client, url) | {"shown": shown}
    values = FULL | {"objectives": "同事写的目标"}
    save_work_plan(actor=colleague, plan=plan, values=values, expected_version=1, now=NOW)
    answer = client.post(url, mine)
    assert answer.status_code == 409 and answer.context["merge_taken"] == []
    assert [row[0] for row in answer.context["conflict"]] == ["目标任务"]


def test_line_ends_of_the_browser_are_no_change(client, office, plan):
    login(client, office)
    url = reverse("cultivation:plan_edit", args=[plan.pk])
    assert client.post(url, opened(client, url)).status_code == 302
    plan.refresh_from_db()
    assert plan.version == 1


def test_the_other_window_may_be_ones_own(client, office, plan):
    login(client, office)
    url = reverse("cultivation:plan_edit", args=[plan.pk])
    mine = opened(client, url) | {"methods": "后写的"}
    values = FULL | {"methods": "先写的"}
    save_work_plan(actor=office, plan=plan, values=values, expected_version=1, now=NOW)
    page = client.post(url, mine).content.decode()
    assert "您刚刚在另一窗口已保存过" in page and "与您在另一窗口刚保存的不同" in page and "他人" not in page


def test_a_step_taken_in_ones_own_other_window(office, plan):
    same = WorkPlan.objects.get(pk=plan.pk)
    move_work_plan(actor=office, plan=plan, action="submit", now=NOW)
    with pytest.raises(IllegalTransition, match="您刚刚在另一窗口已改变过"):
        move_work_plan(actor=office, plan=same, action="submit", now=NOW)
    again = WorkPlan(pk=plan.pk, state="DRAFT")
    with pytest.raises(IllegalTransition, match="刚刚被他人改变"):
        WORK_PLAN_WORKFLOW.apply(again, "submit", role=office.role)


def test_a_subject_keeps_what_only_the_colleague_changed(client, office, colleague):
    subject = make_subject(office.organization, contact_name="旧联系人", industry_code="15")
    login(client, office)
    url = reverse("cultivation:subject_edit", args=[subject.pk])
    mine = opened(client, url) | {"contact_name": "我写的", "employee_count": "40"}
    update_subject(
        actor=colleague,
        subject=subject,
        expected_version=subject.version,
        data={"contact_name": "同事写的", "industry_code": "18", "address": "光明路1号"},
        now=NOW,
    )
    answer = client.post(url, mine)
    assert answer.status_code == 409 and set(answer.context["merge_taken"]) >= {"地址", "所属行业"}
    assert answer.context["conflict"] == [("联系人", "我写的", "同事写的")]
    assert client.post(url, sent_again(answer.context["form"])).status_code == 302
    kept = Subject.objects.get(pk=subject.pk)
    assert (kept.contact_name, kept.industry_code, kept.employee_count) == ("我写的", "18", 40)
    assert kept.profile.address == "光明路1号"


def test_a_ledger_record_keeps_what_only_the_colleague_changed(client, office, colleague):
    ledger = find_ledger("publicity")
    record = make_record(ledger, office.organization, actor=office)
    login(client, office)
    url = reverse("cultivation:ledger_edit", args=[ledger.slug, record.pk])
    mine = opened(client, url) | {"title": "我写的题目"}
    update_record(
        actor=colleague,
        ledger=ledger,
        record=record,
        expected_version=record.version,
        values={"outlet": "同事写的媒体"},
        now=NOW,
    )
    answer = client.post(url, mine)
    assert answer.status_code == 409 and answer.context["conflict"] == []
    assert answer.context["merge_taken"] == [ledger.by_key["outlet"].header]
    assert client.post(url, sent_again(answer.context["form"])).status_code == 302
    record.refresh_from_db()
    assert (record.title, record.outlet) == ("我写的题目", "同事写的媒体")


def test_a_task_keeps_the_units_only_the_colleague_changed(client, office, colleague):
    year = make_year()
    first, second = (make_member_unit(office.organization, name=name) for name in ("总工会", "工商联"))
    shared = {"due_on": clock.shanghai_date(NOW), "lead_name": "某局"}
    draft = WorkItemDraft(title="任务", participating_units=[first], **shared)
    item = create_work_item(actor=office, organization=office.organization, year=year, draft=draft, now=NOW)
    login(client, office)
    url = reverse("cultivation:work_item_edit", args=[item.pk])
    mine = opened(client, url) | {"note": "", "clause": "方案第三条"}
    other = WorkItemDraft(title="任务", participating_units=[first, second], **shared)
    update_work_item(actor=colleague, item=item, draft=other, expected_version=item.version, now=NOW)
    answer = client.post(url, mine)
    assert answer.status_code == 409 and answer.context["merge_taken"] == ["参加单位"]
    assert client.post(url, sent_again(answer.context["form"])).status_code == 302
    kept = WorkItem.objects.get(pk=item.pk)
    assert kept.clause == "方案第三条" and set(kept.participating_units.all()) == {first, second}


def test_words_say_whose_window_it_was():
    assert changed_since("该档案", 1, 2) == "该档案刚刚被他人修改"
    assert changed_since("该档案", 1, 1) == "该档案，您刚刚在另一窗口已保存过"
    assert changed_since("这项跟进", 1, 1, "办结") == "这项跟进，您刚刚在另一窗口已办结过"
    assert changed_since("该档案", None, None) == "该档案刚刚被他人修改"
