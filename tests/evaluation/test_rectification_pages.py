"""整改 on its pages: the whole way of a finding, each act by its party, refusals keep what was typed, files, two windows."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from cultivation.models import Subject, SubjectContact
from evaluation.enums import CheckState, RectificationState
from evaluation.models import Finding, Letter, Rectification, RectificationMeasure
from evaluation.selectors.rectifications.files import MEASURE_FILES
from evaluation.selectors.rectifications.words import state_words
from tests.evaluation.rectification_builders import (
    in_state,
    issued,
    make_finding,
    make_measure,
    make_order,
    mend,
)
from tests.evaluation.spot_check_builders import make_check, make_inspector, make_team
from tests.factories import (
    actor_for,
    login,
    make_actor,
    make_organization,
    make_subject,
    make_user,
    make_year,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.models import Attachment, Notification

pytestmark = pytest.mark.django_db
S = RectificationState


@pytest.fixture
def office(db: None) -> Actor:
    return make_actor(Role.CITY_OFFICE)


@pytest.fixture
def district(db: None) -> Organization:
    return make_organization(Level.DISTRICT)


@pytest.fixture
def subject(district: Organization) -> Subject:
    return make_subject(district)


def contact_of(subject: Subject) -> Actor:
    user = make_user()
    SubjectContact.objects.create(user=user, subject=subject, valid_from=date(2026, 1, 1))
    return actor_for(user)


def today() -> date:
    return clock.shanghai_date(clock.now())


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def post(client: Client, url: str, status: int = 302, **data: Any) -> str:
    answer = client.post(url, data)
    assert answer.status_code == status, (url, answer.status_code, answer.content.decode()[:2000])
    return answer.content.decode()


def photo(name: str, shade: int = 90) -> SimpleUploadedFile:
    held = BytesIO()
    Image.new("RGB", (8, 8), (shade, 20, 20)).save(held, "PNG")
    return SimpleUploadedFile(name, held.getvalue(), "image/png")


ORDER = {
    "requirement": "成立小组并发文",
    "criterion": "有文件和名单",
    "term_days": "10个工作日",
    "consequence": "通报",
    "reporting_way": "",
}
FOUND = {
    "scope": "district",
    "source": "COMPLAINT",
    "source_note": "来信第3号",
    "clause": "DC02",
    "title": "未设专门小组",
    "facts": "没有成立文件。",
    "severity": "MINOR",
    "recurs": "1",
}


def test_a_finding_goes_its_whole_way_on_the_pages(office: Actor, subject: Subject) -> None:
    make_year(today().year)
    city, firm, other = login(Client(), office), login(Client(), contact_of(subject)), Client()
    checker = login(other, make_actor(Role.CITY_MEMBER))
    data = {**FOUND, "scope": "subject", "subject": subject.name, "year": today().year, "found_on": today()}
    page(city, "/findings/new/")
    post(city, "/findings/new/", **data)
    finding = Finding.objects.get()
    assert finding.subject == subject and finding.source_note == "来信第3号"
    assert "起草整改通知书" in page(city, f"/findings/{finding.pk}/")
    page(city, f"/findings/{finding.pk}/order/")
    post(city, f"/findings/{finding.pk}/order/", **ORDER)
    record = Rectification.objects.get()
    at = f"/rectifications/{record.pk}/"
    assert firm.get(at).status_code == 404 and firm.get(f"/findings/{finding.pk}/").status_code == 404
    assert "待下达" in page(city, at) and "10个工作日" in page(city, f"{at}issue/")
    post(city, f"{at}edit/", **(ORDER | {"term_days": "12", "seen_revision": "0"}))
    post(city, f"{at}issue/")
    letter = Letter.objects.get()
    record.refresh_from_db()
    assert letter.number == record.number and record.term_days == 12
    assert at in page(firm, f"/letters/{letter.pk}/")
    assert "登记措施" in page(firm, at)
    post(firm, f"{at}measures/new/", words="发文成立小组", person="王五", due_on=today())
    measure = RectificationMeasure.objects.get()
    assert "报送复查</a>" not in page(firm, at)
    done = {"done_on": today(), "result": "已发文", "evidence_of": today()}
    words = {"words": "发文成立小组", "person": "王五", "due_on": today(), "seen_revision": "0"}
    post(firm, f"{at}measures/{measure.pk}/", **words, **done)
    proof = photo("成立文件.png")
    post(firm, f"{at}measures/{measure.pk}/proof/", 303, file=proof)
    assert "成立文件.png" in page(firm, at)
    post(firm, f"{at}submit/")
    assert "登记复查" in page(checker, at)
    verdict = {"passed": "0", "way": "查阅材料", "words": "名单不全", "checked_on": today()}
    post(checker, f"{at}recheck/", **verdict)
    assert "名单不全" in page(firm, at)
    post(firm, f"{at}continue/")
    again = {"words": "补全名单", "person": "王五", "due_on": today(), "done_on": today(), "result": "已补"}
    post(firm, f"{at}measures/new/", **again)
    post(firm, f"{at}submit/")
    post(checker, f"{at}recheck/", **(verdict | {"passed": "1", "words": "名单已全"}))
    assert "销号</a>" in page(city, at) and "销号</a>" not in page(checker, at)
    page(city, f"{at}close/")
    post(city, f"{at}close/")
    record.refresh_from_db()
    assert record.state == S.CLOSED and "不改变得分" in page(firm, at)
    told = Notification.objects.filter(kind="Rectification").order_by("-pk")
    assert told[0].title.startswith("整改已销号") and told[0].body == state_words(record)


def test_extension_and_objection_are_asked_and_answered(office: Actor, district: Organization) -> None:
    record = issued(office, district, now=clock.now())
    city, unit = login(Client(), office), login(Client(), make_actor(Role.DISTRICT_OFFICE, district))
    at = f"/rectifications/{record.pk}/"
    assert record.due_on is not None
    later = record.due_on + timedelta(days=9)
    post(unit, f"{at}extension/", until=later, reason="待发文")
    page(unit, f"{at}objection/")
    post(unit, f"{at}objection/", ground="FACTS", words="已有文件")
    shown = page(city, at)
    assert "答复延期申请" in shown and "答复异议" in shown
    asked = record.extensions.get()
    assert "待发文" in page(city, f"{at}extension/{asked.pk}/")
    post(city, f"{at}extension/{asked.pk}/", granted="1", decision="同意")
    record.refresh_from_db()
    assert record.due_on == later
    assert (
        city.get(f"{at}extension/{asked.pk}/").status_code == 302
    )  # answered: back to the page that says so
    post(city, f"{at}objection/answer/", granted="0", decision="文件未盖章")
    shown = page(unit, at)
    assert "文件未盖章" in shown and "提出异议</a>" not in shown


def test_what_was_typed_stays_after_a_refusal(office: Actor, district: Organization) -> None:
    make_year(today().year)
    city = login(Client(), office)
    unit = login(Client(), make_actor(Role.DISTRICT_OFFICE, district))
    facts = {**FOUND, "year": today().year, "district": district.pk}
    shown = post(city, "/findings/new/", 422, **facts, found_on=today() + timedelta(days=1))
    assert "不能晚于今天" in shown and "来信第3号" in shown
    shown = post(city, "/findings/new/", 422, **(facts | {"scope": "subject", "subject": "没有这家"}))
    assert "没有找到" in shown and "没有成立文件。" in shown
    finding = make_finding(office, district, now=clock.now())
    shown = post(city, f"/findings/{finding.pk}/order/", 422, **(ORDER | {"term_days": "300"}))
    assert "成立小组并发文" in shown
    record = issued(office, district, now=clock.now())
    at = f"/rectifications/{record.pk}/"
    shown = post(
        unit, f"{at}measures/new/", 422, words="发文", person="王五", due_on=today(), done_on=today()
    )
    assert "请填写完成情况" in shown and "王五" in shown
    shown = post(unit, f"{at}extension/", 422, until=today(), reason="待会议研究")
    assert "晚于" in shown and "待会议研究" in shown
    # What stands against the state keeps the words too.
    mend(make_actor(Role.DISTRICT_MEMBER, district), record, now=clock.now())
    shown = post(unit, f"{at}measures/new/", 409, words="另一措施", person="赵六", due_on=today())
    assert "待复查" in shown and "另一措施" in shown


def test_two_windows_on_a_draft_and_on_a_measure_lose_nothing(office: Actor, district: Organization) -> None:
    record = make_order(office, district)
    city = login(Client(), office)
    at = f"/rectifications/{record.pk}/"
    post(city, f"{at}edit/", **(ORDER | {"requirement": "甲写的", "seen_revision": "0"}))
    shown = post(city, f"{at}edit/", 409, **(ORDER | {"requirement": "乙写的", "seen_revision": "0"}))
    assert "甲写的" in shown and "乙写的" in shown and 'value="1"' in shown
    post(city, f"{at}edit/", **(ORDER | {"requirement": "甲乙写的", "seen_revision": "1"}))
    record.refresh_from_db()
    assert record.requirement == "甲乙写的"
    order = issued(office, district)
    clerk = make_actor(Role.DISTRICT_OFFICE, district)
    measure = make_measure(clerk, order, done=False)
    unit = login(Client(), clerk)
    url = f"/rectifications/{order.pk}/measures/{measure.pk}/"
    words = {"person": "王五", "due_on": today(), "seen_revision": "0"}
    post(unit, url, words="甲写的", **words)
    shown = post(unit, url, 409, words="乙写的", **words)
    assert "甲写的" in shown and "乙写的" in shown


def test_the_leading_inspector_of_another_district_rechecks_and_sees_no_other(
    office: Actor, district: Organization
) -> None:
    lead = make_actor(Role.DISTRICT_MEMBER, make_organization(Level.DISTRICT))
    subject = make_subject(district)
    check = make_check(CheckState.CONCLUDED, subject=subject)
    make_team(check, make_inspector(lead.user), make_inspector())
    record, foreign = issued(office, subject), issued(office, subject)
    Finding.objects.filter(pk=record.finding_id).update(source="SPOT_CHECK", check_record=check)
    client = login(Client(), lead)
    at = f"/rectifications/{record.pk}/"
    assert client.get(f"/rectifications/{foreign.pk}/").status_code == 404
    shown = page(client, at)
    assert (
        "登记措施</a>" not in shown
        and f"/findings/{record.finding_id}/" not in shown
        and "/items/" not in shown
    )  # no link to a 404
    assert client.get(f"{at}measures/new/").status_code in (403, 404)
    mend(contact_of(subject), Rectification.objects.get(pk=record.pk))
    assert Notification.objects.filter(user=lead.user, title__startswith="整改已报送").exists()
    assert "登记复查</a>" in page(client, at)
    verdict = {"passed": "1", "way": "查阅材料", "words": "已改好", "checked_on": today()}
    post(client, f"{at}recheck/", **verdict)
    assert "销号</a>" not in page(client, at) and client.post(f"{at}close/").status_code == 403
    assert "已由复查人员复查通过" in post(client, f"{at}recheck/", 409, **verdict)
    assert record.rechecks.get().checked_by == lead.user


def test_files_of_a_measure_are_read_by_its_parties_and_sealed_when_handed_in(
    office: Actor, subject: Subject
) -> None:
    record = issued(office, subject)
    firm = contact_of(subject)
    measure = make_measure(firm, record)
    at = f"/rectifications/{record.pk}/measures/{measure.pk}/proof/"
    upload = photo("甲.png", 90)
    post(login(Client(), firm), at, 303, file=upload)
    file = Attachment.objects.get(owner_kind=MEASURE_FILES)
    url = file.get_absolute_url()
    readers = [
        firm,
        office,
        make_actor(Role.CITY_MEMBER),
        make_actor(Role.DISTRICT_OFFICE, record.organization),
    ]
    foreign = [
        contact_of(make_subject(record.organization)),
        make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT)),
        make_actor(Role.INSTRUCTOR, record.organization),
        make_actor(Role.AUDITOR),
    ]
    assert [login(Client(), one).get(url).status_code for one in readers] == [200] * 4
    assert all(login(Client(), one).get(url).status_code in (403, 404) for one in foreign)
    upload = photo("乙.png", 130)
    assert login(Client(), office).post(at, {"file": upload}).status_code == 403
    mend(firm, record)
    upload = photo("丙.png", 170)
    assert login(Client(), firm).post(at, {"file": upload}).status_code in (403, 422)
    assert Attachment.objects.filter(owner_kind=MEASURE_FILES).count() == 1


@pytest.mark.parametrize("state", S.values)
def test_the_page_opens_in_every_state_for_all_and_costs_the_same(
    office: Actor, subject: Subject, state: str
) -> None:
    firm = contact_of(subject)
    record = in_state(state, office, subject, firm)
    clients = [login(Client(), one) for one in (office, firm, make_actor(Role.CITY_MEMBER))]
    at = f"/rectifications/{record.pk}/"
    for client in clients:
        expected = 404 if state == S.DRAFTED and client is clients[1] else 200
        assert client.get(at).status_code == expected
    page(clients[0], at)
    with CaptureQueriesContext(connection) as found:
        page(clients[0], at)
    one = len(found)
    if state in (S.IN_PROGRESS, S.NOT_PASSED):
        for _ in range(4):
            make_measure(firm, record)
        with CaptureQueriesContext(connection) as found:
            page(clients[0], at)
        assert len(found) <= one + 1  # the files of measures, once there are any
    assert one <= 20
