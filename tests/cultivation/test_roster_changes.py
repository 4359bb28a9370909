"""The confirmed roster: raised by the first confirmation, changed only with a reason, printed with what is unsigned."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.enums import Opinion, RosterState
from cultivation.models import Countersignature, CultivationRoster, Enrollment, RosterChange, SubjectProfile
from cultivation.services.enrollments import choose_subjects, confirm_enrollments, remove_enrollment
from cultivation.services.rosters import set_roster_document
from cultivation.services.subject_merging import merge_subjects
from tests.factories import login, make_actor, make_member_unit, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role, SeatState
from zaozhuang_portal.accounts.models import AuditEntry, Seat, TripartiteBody
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return make_organization(Level.DISTRICT, name="滕州市")


@pytest.fixture
def office(district):
    return make_actor(Role.DISTRICT_OFFICE, district)


@pytest.fixture
def year(district):
    return make_year(2026)


def choose(office, year, *subjects, **fields):
    return choose_subjects(actor=office, year=year, subjects=subjects, now=clock.now(), **fields)


def confirm(office, rows, **fields):
    return confirm_enrollments(actor=office, enrollments=rows, now=clock.now(), **fields)


def the_roster(district):
    return CultivationRoster.objects.get(organization=district, year_id=2026)


def test_the_first_confirmation_raises_the_roster(office, year, district):
    confirm(office, choose(office, year, make_subject(district)), document_number="滕人社字〔2026〕3号")
    roster = the_roster(district)
    assert (roster.state, roster.revision) == (RosterState.CONFIRMED, 1)
    assert roster.document_number == "滕人社字〔2026〕3号" and roster.confirmed_by == office.user
    assert not roster.changes.exists()


def test_an_addition_needs_a_reason_and_raises_the_revision(office, year, district):
    confirm(office, choose(office, year, make_subject(district)))
    rows = choose(office, year, make_subject(district, name="增补甲厂"), make_subject(district))
    for reason in ("", " 停产 "):
        with pytest.raises(DomainError) as refusal:
            confirm(office, rows, reason=reason)
        assert refusal.value.field == "reason"
    # Nothing of the refused act stays.
    assert the_roster(district).revision == 1
    assert Enrollment.objects.filter(state="CONFIRMED").count() == 1
    confirm(office, rows, reason="原培育企业停产，增补两家", document_number="滕人社字〔2026〕9号")
    roster = the_roster(district)
    assert roster.revision == 2
    assert {(c.revision, c.kind, c.document_number) for c in roster.changes.all()} == {
        (2, "ADDED", "滕人社字〔2026〕9号")
    }
    assert roster.changes.count() == 2
    entry = AuditEntry.objects.filter(action="调整重点培育名单").get()
    assert entry.reason == "原培育企业停产，增补两家" and "增补甲厂" in str(entry.changes)


def test_a_removal_after_the_confirmation_is_a_change_and_a_candidates_is_not(office, year, district):
    kept, gone, waiting = (make_subject(district) for _ in range(3))
    rows = confirm(office, choose(office, year, kept, gone))
    (candidate,) = choose(office, year, waiting)
    remove_enrollment(actor=office, enrollment=candidate, reason="企业不愿参加", now=clock.now())
    assert the_roster(district).revision == 1
    remove_enrollment(
        actor=office, enrollment=rows[1], reason="企业整体迁出", document_number="滕〔5〕号", now=clock.now()
    )
    change = RosterChange.objects.get()
    assert (change.revision, change.kind, change.enrollment.subject) == (2, "REMOVED", gone)
    assert change.document_number == "滕〔5〕号" and the_roster(district).revision == 2


def test_backfilled_rows_mark_the_roster_and_name_their_source(office, district):
    year = make_year(2024)
    source = {"backfilled": True, "source_document": "2024年名单（纸质）"}
    confirm(office, choose(office, year, make_subject(district), **source))
    confirm(office, choose(office, year, make_subject(district), **source))
    roster = CultivationRoster.objects.get(organization=district, year=year)
    assert roster.backfilled and roster.source_document == "2024年名单（纸质）" and roster.revision == 2
    assert roster.changes.get().reason == "补录：2024年名单（纸质）"


def test_each_district_has_its_own_roster(year, district):
    city = make_actor(Role.CITY_OFFICE)
    other = make_organization(Level.DISTRICT)
    confirm(city, choose(city, year, make_subject(district), make_subject(other)))
    assert CultivationRoster.objects.filter(state=RosterState.CONFIRMED, revision=1).count() == 2


def test_who_may_enter_the_document_number(office, year, district):
    confirm(office, choose(office, year, make_subject(district)))
    roster = the_roster(district)
    for stranger in (make_actor(Role.DISTRICT_OFFICE), make_actor(Role.DISTRICT_MEMBER, district)):
        with pytest.raises(NotAllowed):
            set_roster_document(actor=stranger, roster=roster, document_number="一", now=clock.now())
    with pytest.raises(DomainError):
        set_roster_document(actor=office, roster=roster, document_number="号" * 61, now=clock.now())
    set_roster_document(actor=office, roster=roster, document_number=" 滕〔1〕号 ", now=clock.now())
    assert the_roster(district).document_number == "滕〔1〕号" and the_roster(district).revision == 1


def test_a_refused_addition_keeps_ticks_and_words(client, office, year, district):
    confirm(office, choose(office, year, make_subject(district)))
    one, two = choose(office, year, make_subject(district), make_subject(district))
    login(client, office)
    url = reverse("cultivation:roster_confirm", args=[2026])
    answer = client.post(url, {"enrollment": [one.pk], "reason": "停产", "document_number": "滕〔7〕号"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "请写明增补理由" in page
    assert "已停产" not in page and page.count("经三方会议研究增补") == 3, (
        "summary, beside the field, its help"
    )
    assert '<a href="#f-reason">' in page and 'aria-describedby="f-reason-error f-reason-help"' in page
    assert f'value="{one.pk}" checked' in page and f'value="{two.pk}" checked' not in page
    assert "停产</textarea>" in page and 'value="滕〔7〕号"' in page
    assert client.post(url, {"enrollment": [one.pk], "reason": "原企业停产，增补"}).status_code == 302


def test_candidates_stand_beside_their_groundwork_and_last_years_standing(client, office, district):
    last, this = make_year(2025), make_year(2026)
    firm = make_subject(district, name="基础好的厂", size_class="SMALL", industry_code="34")
    make_subject(district, name="别的行业", industry_code="13")
    SubjectProfile.objects.filter(subject=firm).update(
        groundwork="已建工会，签订集体合同", labor_relations_status="三年无争议"
    )
    confirm(office, choose(office, last, firm))
    login(client, office)
    url = reverse("cultivation:roster_choose", args=[this.pk])
    page = client.get(url, {"size_class": "SMALL", "industry": "34"}).content.decode()
    assert "已建工会，签订集体合同" in page and "三年无争议" in page and "延续" in page
    assert "别的行业" not in page
    assert 'data-quota-base="0"' in page and 'data-quota-target="4"' in page


@pytest.mark.parametrize("name", ["roster", "roster_choose", "roster_paper"])
def test_statements_do_not_grow_with_the_rows(client, office, year, district, name):
    login(client, office)
    url = reverse(f"cultivation:{name}", args=[2026])
    counts = []
    for _ in range(2):
        rows = choose(office, year, make_subject(district), make_subject(district))
        confirm(office, rows, reason="测试增补两家")
        make_subject(district)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 13, counts


def test_the_paper_names_unsigned_seats_and_outdated_signatures(client, office, year, district):
    confirm(office, choose(office, year, make_subject(district, name="名单上的厂")))
    body = TripartiteBody.objects.create(organization=district, name="三方委员会", established=True)
    seats = []
    for kind in ("HRSS", "TRADE_UNION_FEDERATION"):
        unit = make_member_unit(district, kind=kind)
        seats.append(Seat.objects.create(body=body, kind=kind, state=SeatState.FILLED, unit=unit))
    Countersignature.objects.create(
        roster=the_roster(district),
        seat=seats[0],
        opinion=Opinion.AGREE,
        signed_by="王五",
        signed_on=clock.shanghai_date(clock.now()),
        signed_version=1,
        entered_by=office.user,
        entered_at=clock.now(),
    )
    login(client, office)
    url = reverse("cultivation:roster_paper", args=[2026])
    page = client.get(url).content.decode()
    assert "名单上的厂" in page and "已会签 1／2" in page and "：总工会</p>" in page
    confirm(office, choose(office, year, make_subject(district)), reason="增补一家企业")
    page = client.get(url).content.decode()
    assert "人社局（签的是第 1 版）、总工会</p>" in page
    assert "增补一家企业" in page
    assert "会签后有修改" in client.get(reverse("cultivation:roster", args=[2026])).content.decode()


def test_the_city_sees_all_districts_at_once(client, office, year, district):
    confirm(office, choose(office, year, make_subject(district)))
    quiet = make_organization(Level.DISTRICT, name="安静区")
    login(client, make_actor(Role.CITY_MEMBER))
    url = reverse("cultivation:roster", args=[2026])
    page = client.get(url).content.decode()
    assert "第 1 版" in page and quiet.name in page and "未确认" in page
    with CaptureQueriesContext(connection) as before:
        client.get(url)
    make_organization(Level.DISTRICT)
    with CaptureQueriesContext(connection) as after:
        client.get(url)
    assert len(before) == len(after)


def test_a_merge_takes_the_duplicate_off_the_confirmed_roster_as_a_change(office, year, district):
    heir, duplicate = make_subject(district, name="同一家甲"), make_subject(district, name="同一家乙")
    confirm(office, choose(office, year, heir, duplicate))
    merge_subjects(
        actor=office,
        heir=heir,
        duplicate=duplicate,
        reason="重复建档核实为一家",
        now=clock.now(),
        codes_answer="MISTYPED",
    )
    roster = the_roster(district)
    change = roster.changes.get()
    assert (roster.revision, change.kind) == (2, "REMOVED") and "同一家甲" in change.reason


def test_a_third_pilot_of_2023_warns_where_it_is_confirmed(client):
    """C078: one or two; more is no fault, and said at once."""
    district = make_organization(Level.DISTRICT, parent=make_organization(Level.CITY))
    office, first = make_actor(Role.DISTRICT_OFFICE, district), make_year(2023)
    pilots = [make_subject(district, kind="INDUSTRY_PILOT", pilot_year=2023) for _ in range(3)]
    *some, last = choose(office, first, *pilots)
    login(client, office)
    url = reverse("cultivation:roster_confirm", args=[2023])
    warned = "多于通知所列的 2 个"
    page = client.post(url, {"enrollment": [row.pk for row in some]}, follow=True).content.decode()
    assert "已确认 2 个" in page and warned not in page
    values = {"enrollment": [last.pk], "reason": "新增行业需要培育"}
    assert warned in client.post(url, values, follow=True).content.decode()
