"""记服务 in the browser without JavaScript: kept text and photos, warnings, joining, follow-ups; instructors' first page."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from cultivation.enums import EnrollmentState
from cultivation.forms.visits import VisitForm
from cultivation.models import Enrollment, GuidanceVisit, Subject
from cultivation.selectors.visits import offered_subjects
from cultivation.services.visit_photos import VISIT_DRAFT
from evaluation.selectors.indicator_offers import offered_indicators
from tests.evaluation.assessment_builders import publish_real
from tests.factories import (
    login,
    make_actor,
    make_member_unit,
    make_organization,
    make_pairing,
    make_subject,
    make_visit,
    make_year,
)
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.models import Attachment

pytestmark = pytest.mark.django_db
TODAY = clock.shanghai_date(clock.now())


@pytest.fixture
def instructor():
    make_year()
    district = make_organization()
    return make_actor(Role.INSTRUCTOR, district, member_unit=make_member_unit(district))


@pytest.fixture
def subject(instructor):
    subject = make_subject(instructor.organization)
    make_pairing(subject, person=instructor.user)
    return subject


@pytest.fixture
def phone(client: Client, instructor) -> Client:
    return login(client, instructor)


def photo(name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(data, "JPEG")
    return SimpleUploadedFile(name, data.getvalue(), "image/jpeg")


def form_of(subject, **more):
    return {
        "happened_on": TODAY.isoformat(),
        "mode": "ON_SITE",
        "purpose": "GUIDANCE",
        "topic": "工时管理",
        **more,
    }


def page_of(subject) -> str:
    return reverse("cultivation:visit_create", args=[subject.pk])


def test_eight_fields_in_sight() -> None:
    assert len(VisitForm.IN_SIGHT) <= 8
    assert set(VisitForm.IN_SIGHT) | set(VisitForm.MORE) | {"confirmed"} == set(VisitForm.base_fields)


def test_own_subjects_are_offered_and_a_stranger_is_not_found(phone, subject) -> None:
    stranger = make_subject(subject.managing_organization)
    page = phone.get(reverse("cultivation:visit_choose")).content.decode()
    assert subject.name in page and stranger.name not in page
    assert phone.get(page_of(stranger)).status_code == 404
    found = phone.get(reverse("cultivation:visit_choose"), {"q": stranger.name}).content.decode()
    assert "没有符合条件的对象" in found
    step = phone.get(reverse("cultivation:visit_choose"), {"subject": subject.pk})
    assert step["Location"] == page_of(subject)


def test_key_subjects_nobody_served_yet_come_first_then_the_recent_ones() -> None:
    make_year()
    office = make_actor(Role.DISTRICT_OFFICE)

    def key(name: str) -> Subject:
        subject = make_subject(office.organization, name=name)
        now = clock.now()
        Enrollment.objects.create(
            subject=subject,
            year_id=2026,
            organization=office.organization,
            state=EnrollmentState.CONFIRMED,
            is_key=True,
            enrolled_at=now,
            confirmed_at=now,
        )
        return subject

    served, new = [key(f"已服务企业{n}") for n in range(3)], [key(f"未服务企业{n:02}") for n in range(14)]
    outside = make_subject(office.organization, name="名单外企业")
    colleague = make_actor(Role.DISTRICT_OFFICE, office.organization)
    for row in served:
        make_visit(row, created_by=colleague.user)
    make_visit(outside, created_by=office.user)
    make_visit(served[1], created_by=office.user)
    names = [one.subject.name for one in offered_subjects(office, years=[2026], today=TODAY)]
    assert len(names) == 12
    assert names[:8] == [row.name for row in new[:8]]
    assert names[8:10] == ["已服务企业1", "名单外企业"], "the latest record first"
    assert names[10:] == [row.name for row in new[8:10]]
    few = [one.subject.name for one in offered_subjects(colleague, years=[2026], today=TODAY)]
    assert set(few[8:11]) == {row.name for row in served}


def test_without_subjects_the_page_says_who_gives_them(phone) -> None:
    page = phone.get(reverse("cultivation:visit_choose")).content.decode()
    assert "三方办公室" in page and "还没有分配给您的对象" in page
    assert "三方办公室" in phone.get("/").content.decode()


@pytest.mark.parametrize("state", ["DEREGISTERED", "MERGED"])
def test_the_form_of_a_subject_that_is_gone_leads_to_its_page_with_the_reason(phone, subject, state) -> None:
    kept = make_subject(subject.managing_organization) if state == "MERGED" else None
    Subject.objects.filter(pk=subject.pk).update(state=state, merged_into=kept)
    answer = phone.get(reverse("cultivation:visit_create", args=[subject.pk]), follow=True)
    assert answer.redirect_chain[0] == (reverse("cultivation:subject_detail", args=[subject.pk]), 302)
    page = answer.content.decode()
    assert answer.status_code == 200 and f"“{subject.name}”" in page and "不能再登记新的记录。" in page


def test_one_post_saves_visit_participant_and_photos(phone, instructor, subject) -> None:
    answer = phone.post(page_of(subject), form_of(subject, photos=[photo(), photo("IMG_2.jpg")]))
    visit = GuidanceVisit.objects.get()
    assert answer["Location"].startswith(reverse("cultivation:ledger_detail", args=["visits", visit.pk]))
    assert visit.participants.get().user == instructor.user
    assert Attachment.objects.of("GuidanceVisit", visit.pk).count() == 2
    page = phone.get(answer["Location"]).content.decode()
    assert "照片 2 张" in page and instructor.user.full_name in page


def test_a_refused_form_keeps_text_and_photos(phone, instructor, subject) -> None:
    refused = phone.post(page_of(subject), form_of(subject, topic="", findings="没有考勤", photos=[photo()]))
    page = refused.content.decode()
    assert refused.status_code == 422 and "没有考勤" in page and "请填写主题" in page
    kept = Attachment.objects.of(VISIT_DRAFT, instructor.user.pk).get()
    assert str(kept.uid) in page and "IMG_1.jpg 已上传" in page
    phone.post(page_of(subject), form_of(subject, findings="没有考勤", kept=[str(kept.uid)]))
    visit = GuidanceVisit.objects.get()
    assert Attachment.objects.of("GuidanceVisit", visit.pk).get().pk == kept.pk


def test_somebody_elses_kept_photo_is_not_taken(phone, client, instructor, subject) -> None:
    other = make_actor(Role.DISTRICT_OFFICE, instructor.organization)
    elsewhere = login(Client(), other)
    elsewhere.post(page_of(subject), form_of(subject, topic="", photos=[photo()]))
    kept = Attachment.objects.get()
    phone.post(page_of(subject), form_of(subject, kept=[str(kept.uid), "nonsense"]))
    assert GuidanceVisit.objects.count() == 1
    kept.refresh_from_db()
    assert (kept.owner_kind, kept.owner_id) == (VISIT_DRAFT, other.user.pk)
    assert phone.get(kept.get_absolute_url()).status_code == 404


def test_a_wrong_file_does_not_cost_the_record(phone, subject) -> None:
    script = SimpleUploadedFile("a.svg", b"<svg/>", "image/svg+xml")
    answer = phone.post(page_of(subject), form_of(subject, photos=[script]), follow=True)
    assert GuidanceVisit.objects.count() == 1
    assert "没有存上" in answer.content.decode()


def test_tomorrow_is_refused(phone, subject) -> None:
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    answer = phone.post(page_of(subject), form_of(subject, happened_on=tomorrow))
    assert answer.status_code == 422 and "还没有到" in answer.content.decode()


def test_the_second_of_a_day_is_offered_to_join(phone, instructor, subject) -> None:
    colleague = make_actor(Role.DISTRICT_OFFICE, instructor.organization)
    first = make_visit(subject, on=TODAY, by=colleague.user)
    page = phone.get(page_of(subject)).content.decode()
    join = reverse("cultivation:visit_join", args=[first.pk])
    assert join in page and "只计一次" in page
    asked = phone.post(page_of(subject), form_of(subject))
    assert asked.status_code == 422 and join in asked.content.decode()
    assert "确认无误，保存" in asked.content.decode() and GuidanceVisit.objects.count() == 1
    joined = phone.post(join)
    assert joined["Location"] == reverse("cultivation:ledger_detail", args=["visits", first.pk])
    assert first.participants.filter(user=instructor.user).exists() and GuidanceVisit.objects.count() == 1


def test_the_visit_to_join_is_of_the_day_that_was_typed(phone, subject) -> None:
    """Also when the date is what is asked about, with another visit standing on today."""
    earlier = TODAY - timedelta(days=3)
    wanted, other = make_visit(subject, on=earlier), make_visit(subject, on=TODAY)
    asked = phone.post(page_of(subject), form_of(subject, happened_on=earlier.isoformat()))
    page = asked.content.decode()
    assert asked.status_code == 422
    assert reverse("cultivation:visit_join", args=[wanted.pk]) in page
    assert reverse("cultivation:visit_join", args=[other.pk]) not in page


def test_a_warning_is_confirmed_by_sending_the_same_again(phone, subject) -> None:
    make_visit(subject, on=TODAY)
    asked = phone.post(page_of(subject), form_of(subject))
    digest = asked.context["form"].data["confirmed"]
    assert phone.post(page_of(subject), form_of(subject, confirmed="other")).status_code == 422
    assert phone.post(page_of(subject), form_of(subject, confirmed=digest)).status_code == 302
    assert GuidanceVisit.objects.count() == 2


def test_indicators_carry_their_label(phone, subject, published_set) -> None:
    page = phone.get(page_of(subject)).content.decode()
    code, name = offered_indicators("ENTERPRISE", TODAY)[0].items[0]
    assert f"{code} {name}" in page and "重构稿，待官方文本核定" in page
    phone.post(page_of(subject), form_of(subject, indicators=[code]))
    visit = GuidanceVisit.objects.get()
    assert visit.indicator_codes == [code]
    shown = phone.get(reverse("cultivation:ledger_detail", args=["visits", visit.pk])).content.decode()
    assert name in shown and "重构稿，待官方文本核定" in shown
    refused = phone.post(page_of(subject), form_of(subject, indicators=["Z99"]))
    assert refused.status_code == 422


@pytest.fixture
def published_set():
    return publish_real()


def test_follow_ups_stay_until_done(phone, instructor, subject) -> None:
    overdue = make_visit(
        subject, on=TODAY - timedelta(days=60), follow_up_due=TODAY - timedelta(days=3), topic="补签合同"
    )
    make_visit(subject, on=TODAY - timedelta(days=9), follow_up_due=TODAY, topic="工时台账")
    make_visit(
        subject, on=date(2024, 3, 1), follow_up_due=date(2024, 4, 1), backfilled=True, source_document="台账"
    )
    colleague = make_actor(Role.DISTRICT_OFFICE, instructor.organization)
    make_visit(subject, on=TODAY, follow_up_due=TODAY, follow_up_by=colleague.user, topic="别人的")
    everything = phone.get(reverse("cultivation:follow_up_list"))
    assert everything.context["rows"][0][0].topic == "补签合同"
    assert len(everything.context["rows"]) == 3
    mine = phone.get(reverse("cultivation:follow_up_list"), {"mine": 1})
    assert [days for _, days in mine.context["rows"]] == [-3, 0]
    home = phone.get("/").content.decode()
    assert "已逾期的指导服务跟进" in home and "已逾期 3 天" in home and subject.name in home
    url = reverse("cultivation:visit_follow_up", args=[overdue.pk])
    assert phone.post(url, {"follow_up_done_on": TODAY.isoformat(), "follow_up_note": ""}).status_code == 422
    done = {"follow_up_done_on": TODAY.isoformat(), "follow_up_note": "已补签12份"}
    assert phone.post(url, done).status_code == 302
    assert "已逾期的指导服务跟进" not in phone.get("/").content.decode()


def test_todo_numbers_are_those_of_the_pages(client, instructor) -> None:
    office = make_actor(Role.DISTRICT_OFFICE, instructor.organization)
    desk = login(client, office)
    for days in (-5, -1, 0, 4):
        subject = make_subject(instructor.organization)
        make_visit(subject, on=TODAY - timedelta(days=30), follow_up_due=TODAY + timedelta(days=days))
    board = desk.get("/").context["board"]
    for todo in board.todos:
        if "follow-ups" in todo.url:
            rows = desk.get(todo.url).context["rows"]
            expected = todo.count if todo.urgent else todo.count + 2
            assert len(rows) == expected, todo


@pytest.mark.parametrize("name", ["follow_up_list", "visit_list", "visit_choose"])
def test_statements_do_not_grow(phone, instructor, name) -> None:
    counts = []
    for number in (1, 3, 12):
        while GuidanceVisit.objects.count() < number:
            subject = make_subject(instructor.organization)
            make_pairing(subject, person=instructor.user)
            make_visit(subject, by=instructor.user, follow_up_due=date(2026, 4, 1))
        phone.get(reverse(f"cultivation:{name}"))
        with CaptureQueriesContext(connection) as captured:
            assert phone.get(reverse(f"cultivation:{name}")).status_code == 200
        counts.append(len(captured))
    assert len(set(counts)) == 1 and counts[0] <= 6, counts


def test_the_instructors_first_page_is_small(phone, instructor) -> None:
    counts = []
    for _ in range(2):
        subject = make_subject(instructor.organization)
        make_pairing(subject, person=instructor.user)
        make_visit(subject, by=instructor.user, follow_up_due=date(2026, 4, 1))
        phone.get("/")
        with CaptureQueriesContext(connection) as captured:
            assert subject.name in phone.get("/").content.decode()
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 5, counts


def test_every_error_of_the_visit_is_said_at_once(phone, subject) -> None:
    typed = form_of(subject, happened_on="2999-03-04", follow_up_due="2999-03-01", topic="")
    answer = phone.post(page_of(subject), typed)
    assert answer.status_code == 422 and not GuidanceVisit.objects.exists()
    assert set(answer.context["form"].errors) == {"topic", "happened_on", "follow_up_due"}
