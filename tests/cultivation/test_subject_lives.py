"""Renamed, moved, merged, deregistered: history kept, counts explained, nothing lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cultivation.enums import EnrollmentState, PairingRole, SubjectState, TransferState
from cultivation.models import (
    CampaignYear,
    Enrollment,
    GuidanceVisit,
    Pairing,
    Participation,
    Subject,
    SubjectTransfer,
    Training,
    TrainingAttendance,
)
from cultivation.services.enrollments import choose_subjects, confirm_enrollments
from cultivation.services.subject_lives import deregister_subject, reinstate_subject, rename_subject
from cultivation.services.subject_merging import merge_subjects
from cultivation.services.subject_transfers import (
    accept_transfer,
    find_by_code,
    refuse_transfer,
    request_transfer,
    withdraw_transfer,
)
from cultivation.services.subjects import update_subject
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed

pytestmark = pytest.mark.django_db
REASON = "营业执照已变更"


def sign_in(user):
    client = Client()
    login(client, user)
    return client


def now():
    return clock.now()


def today() -> date:
    return clock.shanghai_date(now())


def record(model, subject, **values):
    """A bare ledger row of a subject, as the ledger services leave it."""
    make_year(2026)
    fixed = {
        "organization": subject.managing_organization,
        "year_id": 2026,
        "created_at": now(),
        "updated_at": now(),
    }
    return model.objects.create(subject=subject, **fixed, **values)


def pair(subject, **values):
    defaults = {"person_name": "李干事", "starts_on": today() - timedelta(days=30)}
    return record(Pairing, subject, **defaults | values)


def enroll(actor, *subjects, year=2026):
    make_year(year)
    rows = choose_subjects(actor=actor, year=CampaignYear.objects.get(pk=year), subjects=subjects, now=now())
    return confirm_enrollments(actor=actor, enrollments=rows, reason="测试增补对象", now=now())[0]


def rename(actor, subject, name, **values):
    return rename_subject(
        actor=actor, subject=subject, expected_version=subject.version, name=name, now=now(),
        **{"reason": REASON} | values,
    )  # fmt: skip


class TestRename:
    def test_the_old_name_stays_in_the_history_and_on_the_page(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization, name="滕州旧名机械有限公司")
        rename(actor, subject, "滕州新名机械有限公司", document_number="登字〔2026〕3号")
        assert subject.name == "滕州新名机械有限公司"
        assert Subject.objects.named_like("新名").filter(pk=subject.pk).exists()
        row = subject.history.get()
        assert (row.event, row.before, row.after) == (
            "RENAMED",
            "滕州旧名机械有限公司",
            "滕州新名机械有限公司",
        )
        page = sign_in(actor.user).get(reverse("cultivation:subject_detail", args=[subject.pk]))
        assert "曾用名" in page.content.decode()
        assert "滕州旧名机械有限公司" in page.content.decode()

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"reason": "改"}, "reason"),
            ({"happened_on": date(2999, 1, 1)}, "happened_on"),
        ],
    )
    def test_a_short_reason_and_a_day_to_come_are_refused(self, values, field):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        with pytest.raises(DomainError) as caught:
            rename(actor, subject, "另一个名称公司", **values)
        assert caught.value.field == field
        assert not subject.history.exists()

    def test_the_same_name_and_a_stale_version_are_refused(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        with pytest.raises(DomainError, match="相同"):
            rename(actor, subject, subject.name)
        Subject.objects.filter(pk=subject.pk).update(version=7)
        with pytest.raises(ConflictError):
            rename(actor, subject, "另一个名称公司")

    def test_what_was_typed_stays_in_the_refused_form(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        answer = sign_in(actor.user).post(
            reverse("cultivation:subject_rename", args=[subject.pk]),
            {"name": "写了一半的新名称", "reason": "短", "version": subject.version},
        )
        assert answer.status_code == 422
        assert "写了一半的新名称" in answer.content.decode()
        assert "至少5个字" in answer.content.decode()

    def test_a_name_of_another_record_is_asked_about_once(self, client):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        make_subject(actor.organization, name="滕州恒源玻璃有限公司")
        make_subject(make_organization(Level.DISTRICT), name="滕州新名玻璃有限公司")
        client.force_login(actor.user)
        url = f"/subjects/{subject.pk}/rename/"
        data = {"name": "滕州恒源玻璃有限公司", "reason": REASON, "version": subject.version}
        asked = client.post(url, data)
        assert asked.status_code == 422 and "请改用“合并”" in asked.content.decode()
        held = asked.context["form"].data["asked_name"]
        elsewhere = data | {"name": "滕州新名玻璃有限公司", "asked_name": held}
        assert client.post(url, data | {"asked_name": held}).status_code == 302
        subject.refresh_from_db()
        assert client.post(url, elsewhere | {"version": subject.version}).status_code == 302


class TestDeregister:
    def test_open_help_ends_and_can_be_told_from_the_history(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        pairing = pair(subject)
        deregister_subject(actor=actor, subject=subject, reason="企业已停产注销", now=now())
        pairing.refresh_from_db()
        assert pairing.ends_on == today()
        assert "注销" in pairing.end_reason
        assert subject.history.get().event == "DEREGISTERED"

    def test_one_by_mistake_is_reinstated(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        with pytest.raises(ConflictError):
            reinstate_subject(actor=actor, subject=subject, reason="误办理了注销", now=now())
        deregister_subject(actor=actor, subject=subject, reason="企业已停产注销", now=now())
        reinstate_subject(actor=actor, subject=subject, reason="误办理了注销", now=now())
        assert subject.state == SubjectState.ACTIVE
        assert subject.history.count() == 2

    def test_its_page_offers_no_edit_until_it_is_reinstated(self, client):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        client.force_login(actor.user)
        url, edit = f"/subjects/{subject.pk}/", f"/subjects/{subject.pk}/edit/"
        assert edit in client.get(url).content.decode()
        deregister_subject(actor=actor, subject=subject, reason="企业已停产注销", now=now())
        page = client.get(url).content.decode()
        assert edit not in page
        assert f"/subjects/{subject.pk}/reinstate/" in page
        with pytest.raises(DomainError, match="先恢复在册"):
            update_subject(
                actor=actor,
                subject=subject,
                expected_version=subject.version,
                data={"contact_name": "王新人"},
                now=now(),
            )

    def test_one_that_counts_this_year_is_said_so_and_marked_on_the_roster(self, client):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        client.force_login(actor.user)
        url = f"/subjects/{subject.pk}/deregister/"
        assert "仍计入" not in client.get(url).content.decode()
        enrollment = enroll(actor, subject)
        year = enrollment.year_id
        page = client.get(url).content.decode()
        assert f"{year}年度确认的重点培育名单上" in page and "仍计入" in page
        deregister_subject(actor=actor, subject=subject, reason="企业已停产注销", now=now())
        assert "已注销" in client.get(f"/rosters/{year}/").content.decode()


@pytest.fixture
def two_sides():
    giver, taker = make_actor(Role.DISTRICT_OFFICE), make_actor(Role.DISTRICT_OFFICE)
    return giver, taker, make_subject(giver.organization)


def ask(actor, subject, target):
    return request_transfer(
        actor=actor, subject=subject, to_organization=target, reason="注册地址迁入", now=now()
    )


class TestTransfer:
    def test_the_subject_moves_and_the_year_stays(self, two_sides):
        giver, taker, subject = two_sides
        enrollment = enroll(giver, subject)
        pairing = pair(subject)
        visit = record(GuidanceVisit, subject, happened_on=today(), topic="集体协商")
        place = make_organization(Level.TOWNSHIP, parent=taker.organization)
        transfer = ask(giver, subject, taker.organization)
        moved = accept_transfer(actor=taker, transfer=transfer, to_township=place, now=now())
        assert (moved.managing_organization, moved.township) == (taker.organization, place)
        assert moved.division_code == place.code
        enrollment.refresh_from_db(), visit.refresh_from_db(), pairing.refresh_from_db()
        assert enrollment.organization == giver.organization
        assert visit.organization == giver.organization
        assert pairing.ends_on == today()
        row = moved.history.get()
        assert (row.before, row.after) == (giver.organization.name, taker.organization.name)
        assert Subject.objects.visible_to(taker).filter(pk=moved.pk).exists()
        assert not Subject.objects.visible_to(giver).filter(pk=moved.pk).exists()

    def test_by_code_a_stranger_asks_and_learns_nothing(self, two_sides):
        giver, taker, subject = two_sides
        transfer = ask(taker, find_by_code(f" {subject.credit_code.lower()} "), taker.organization)
        assert transfer.requesting_organization == taker.organization
        with pytest.raises(NotAllowed):
            accept_transfer(actor=taker, transfer=transfer, now=now())
        accept_transfer(actor=giver, transfer=transfer, now=now())
        with pytest.raises(DomainError, match="18位"):
            find_by_code("91370400MA3NOBODY1")

    def test_a_third_district_may_neither_ask_nor_see(self, two_sides):
        giver, taker, subject = two_sides
        third = make_actor(Role.DISTRICT_OFFICE)
        with pytest.raises(NotAllowed):
            ask(third, subject, taker.organization)
        transfer = ask(giver, subject, taker.organization)
        assert (
            sign_in(third.user).get(reverse("cultivation:transfer_accept", args=[transfer.pk])).status_code
            == 404
        )

    def test_one_open_request_at_a_time(self, two_sides):
        giver, taker, subject = two_sides
        ask(giver, subject, taker.organization)
        with pytest.raises(DomainError, match="未办结"):
            ask(giver, subject, taker.organization)

    def test_refused_and_withdrawn_leave_everything(self, two_sides):
        giver, taker, subject = two_sides
        transfer = ask(giver, subject, taker.organization)
        refuse_transfer(actor=taker, transfer=transfer, reason="企业未实际迁入", now=now())
        with pytest.raises(IllegalTransition):
            accept_transfer(actor=taker, transfer=transfer, now=now())
        again = ask(giver, subject, taker.organization)
        with pytest.raises(NotAllowed):
            withdraw_transfer(actor=taker, transfer=again, now=now())
        withdraw_transfer(actor=giver, transfer=again, now=now())
        subject.refresh_from_db()
        assert subject.managing_organization == giver.organization
        assert set(SubjectTransfer.objects.values_list("state", flat=True)) == {
            TransferState.REFUSED,
            TransferState.WITHDRAWN,
        }

    def test_a_township_cannot_move(self):
        actor = make_actor(Role.CITY_OFFICE)
        place = make_organization(Level.TOWNSHIP)
        subject = make_subject(place.parent, kind="TOWNSHIP", township=place)
        with pytest.raises(DomainError, match="不能划转"):
            ask(actor, subject, make_organization(Level.DISTRICT))

    def test_the_pages_do_it(self, two_sides):
        giver, taker, subject = two_sides
        client = sign_in(giver.user)
        answer = client.post(
            reverse("cultivation:transfer_out", args=[subject.pk]),
            {"to_organization": taker.organization.pk, "reason": "注册地址迁入"},
        )
        assert answer.status_code == 302
        assert "撤回" in client.get(reverse("cultivation:transfer_list")).content.decode()
        transfer = SubjectTransfer.objects.get()
        other = sign_in(taker.user)
        assert (
            subject.name
            in other.get(reverse("cultivation:transfer_accept", args=[transfer.pk])).content.decode()
        )
        assert other.post(reverse("cultivation:transfer_accept", args=[transfer.pk])).status_code == 302
        subject.refresh_from_db()
        assert subject.managing_organization == taker.organization


class TestMerge:
    def merge(self, actor, heir, duplicate, **values):
        return merge_subjects(
            actor=actor, heir=heir, duplicate=duplicate, reason="同一企业重复建档", now=now(), **values
        )

    def test_everything_moves_and_a_double_year_counts_once(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        heir, duplicate = make_subject(actor.organization), make_subject(actor.organization)
        Subject.objects.filter(pk=duplicate.pk).update(contact_name="王会计")
        duplicate.refresh_from_db()
        enroll(actor, heir, duplicate), enroll(actor, duplicate, year=2025)
        visit = record(GuidanceVisit, duplicate, happened_on=today(), topic="工资协商")
        mine, other = pair(heir), pair(duplicate)
        receipt = self.merge(actor, heir, duplicate)
        visit.refresh_from_db(), mine.refresh_from_db(), other.refresh_from_db()
        assert visit.subject == heir
        assert (mine.role, other.role, other.subject) == (PairingRole.LEAD, PairingRole.ASSISTING, heir)
        counted = Enrollment.objects.counted().filter(subject__in=[heir, duplicate])
        assert sorted(counted.values_list("subject_id", "year_id")) == [(heir.pk, 2025), (heir.pk, 2026)]
        left = Enrollment.objects.get(subject=duplicate)
        assert left.state == EnrollmentState.REMOVED
        assert heir.name in left.reason
        assert Participation.objects.filter(year_id=2026).count() == 1
        assert (duplicate.state, duplicate.merged_into) == (SubjectState.MERGED, heir)
        assert heir.contact_name == "王会计"
        assert "指导服务1条" in receipt.sentence()
        assert AuditEntry.objects.filter(action="合并档案", object_id=str(heir.pk)).exists()

    def test_a_year_the_heir_was_removed_from_takes_the_duplicates_place(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        heir, duplicate = make_subject(actor.organization), make_subject(actor.organization)
        row = enroll(actor, heir, duplicate)
        Enrollment.objects.filter(pk=row.pk).update(state=EnrollmentState.REMOVED, reason="误调出名单")
        self.merge(actor, heir, duplicate)
        assert [r.subject for r in Enrollment.objects.counted()] == [heir]

    def test_attendance_of_one_session_is_added(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        heir, duplicate = make_subject(actor.organization), make_subject(actor.organization)
        make_year(2026)
        training = Training.objects.create(
            title="专题培训", organization=actor.organization, year_id=2026, happened_on=today(), topics=["OTHER"],
            created_at=now(), updated_at=now(),
        )  # fmt: skip
        for subject in (heir, duplicate):
            TrainingAttendance.objects.create(
                training=training, subject=subject, organization=actor.organization, managers=1, hr=2
            )
        self.merge(actor, heir, duplicate)
        row = TrainingAttendance.objects.get()
        assert (row.subject, row.managers, row.hr) == (heir, 2, 4)

    def test_refusals(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        heir = make_subject(actor.organization)
        with pytest.raises(DomainError, match="自己"):
            self.merge(actor, heir, heir)
        with pytest.raises(NotAllowed):
            self.merge(actor, heir, make_subject(make_organization(Level.DISTRICT)))
        park = make_subject(actor.organization, kind="INDUSTRIAL_PARK")
        with pytest.raises(DomainError, match="类别不同"):
            self.merge(actor, heir, park)
        duplicate = make_subject(actor.organization)
        with pytest.raises(ConflictError):
            self.merge(actor, heir, duplicate, expected_version=duplicate.version + 1)
        self.merge(actor, heir, duplicate)
        with pytest.raises(ConflictError):
            self.merge(actor, heir, duplicate)

    def test_the_page_shows_both_before_it_writes(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        heir, duplicate = make_subject(actor.organization), make_subject(actor.organization)
        client, url = sign_in(actor.user), reverse("cultivation:subject_merge", args=[heir.pk])
        data = {"duplicate": duplicate.credit_code, "reason": "同一企业重复建档"}
        page = client.post(url, data)
        assert page.status_code == 200
        assert "两份档案对照" in page.content.decode()
        duplicate.refresh_from_db()
        assert duplicate.state == SubjectState.ACTIVE
        done = client.post(url, {**data, "confirm": "1", "duplicate_version": duplicate.version})
        assert done.status_code == 302
        duplicate.refresh_from_db()
        assert duplicate.merged_into == heir
        merged_page = client.get(reverse("cultivation:subject_detail", args=[duplicate.pk])).content.decode()
        assert "只供查阅" in merged_page

    def test_an_unknown_record_keeps_what_was_typed(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        heir = make_subject(actor.organization)
        answer = sign_in(actor.user).post(
            reverse("cultivation:subject_merge", args=[heir.pk]),
            {"duplicate": "没有这家公司", "reason": "同一企业重复建档"},
        )
        assert answer.status_code == 422
        assert "没有这家公司" in answer.content.decode()


@pytest.mark.parametrize("tab", ["detail", "pairings", "services", "trainings", "files", "timeline"])
def test_every_tab_opens_for_its_keeper(tab):
    actor = make_actor(Role.DISTRICT_OFFICE)
    subject = make_subject(actor.organization)
    pair(subject)
    record(GuidanceVisit, subject, happened_on=today(), topic="集体协商")
    page = sign_in(actor.user).get(reverse(f"cultivation:subject_{tab}", args=[subject.pk]))
    assert page.status_code == 200
    assert 'aria-current="page"' in page.content.decode()
