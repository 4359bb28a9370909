"""Two records of one firm become one: everything moves, a double year counts once."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cultivation.enums import EnrollmentState, MergeCodes, PairingRole, SubjectState
from cultivation.models import (
    Enrollment,
    GuidanceVisit,
    Participation,
    Subject,
    Training,
    TrainingAttendance,
)
from cultivation.services.subject_merging import codes_differ, merge_subjects
from tests.cultivation.lives import enroll, now, pair, record, sign_in, today
from tests.factories import make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

pytestmark = pytest.mark.django_db


class TestMerge:
    def merge(self, actor, heir, duplicate, **values):
        given = {"reason": "同一企业重复建档", "codes_answer": "MISTYPED", "now": now()} | values
        return merge_subjects(actor=actor, heir=heir, duplicate=duplicate, **given)

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
        confirmed = {"confirm": "1", "duplicate_version": duplicate.version, "codes_answer": "MISTYPED"}
        done = client.post(url, data | confirmed)
        assert done.status_code == 302
        duplicate.refresh_from_db()
        assert duplicate.merged_into == heir
        merged_page = client.get(reverse("cultivation:subject_detail", args=[duplicate.pk])).content.decode()
        assert "只供查阅" in merged_page and "打开并入的档案" in merged_page
        assert "更多办理" not in merged_page
        assert (
            "更多办理" in client.get(reverse("cultivation:subject_detail", args=[heir.pk])).content.decode()
        )

    def test_an_unknown_record_keeps_what_was_typed(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        heir = make_subject(actor.organization)
        answer = sign_in(actor.user).post(
            reverse("cultivation:subject_merge", args=[heir.pk]),
            {"duplicate": "没有这家公司", "reason": "同一企业重复建档"},
        )
        assert answer.status_code == 422
        assert "没有这家公司" in answer.content.decode()


class TestDifferentCreditCodes:
    def pair(self, case="both"):
        """Two firms with a code each; one of them without (old data); or two parks, which have none."""
        actor = make_actor(Role.DISTRICT_OFFICE)
        kind = "INDUSTRIAL_PARK" if case == "parks" else "ENTERPRISE"
        heir, duplicate = (make_subject(actor.organization, kind=kind) for _ in range(2))
        if case == "one":
            Subject.objects.filter(pk=duplicate.pk).update(credit_code="")
            duplicate.refresh_from_db()
        return actor, heir, duplicate

    @pytest.mark.parametrize("answer", [*MergeCodes.values, "", "SOMETHING"])
    @pytest.mark.parametrize("case", ["both", "one", "parks"])
    def test_the_answer_is_asked_for_and_kept(self, case, answer):
        actor, heir, duplicate = self.pair(case)
        old, new = duplicate.credit_code, heir.credit_code
        given = {
            "actor": actor,
            "heir": heir,
            "duplicate": duplicate,
            "reason": "同一企业重复建档",
            "now": now(),
        }
        asked = case == "both"
        assert codes_differ(heir, duplicate) is asked
        if asked and answer not in MergeCodes.values:
            with pytest.raises(DomainError, match="很可能是两个法人") as caught:
                merge_subjects(**given, codes_answer=answer)
            assert caught.value.field == "codes_answer"
            assert old in caught.value.message and new in caught.value.message
            duplicate.refresh_from_db()
            assert duplicate.state == SubjectState.ACTIVE
            return
        merge_subjects(**given, codes_answer=answer)
        changes = AuditEntry.objects.get(action="合并档案").changes
        assert changes.get("统一社会信用代码") == ([old, new] if asked else None)
        assert changes.get("代码不同的说明") == (["", MergeCodes(answer).label] if asked else None)

    def test_the_page_asks_with_both_codes_and_keeps_what_was_typed(self):
        actor, heir, duplicate = self.pair()
        client, url = sign_in(actor.user), reverse("cultivation:subject_merge", args=[heir.pk])
        data = {"duplicate": duplicate.credit_code, "reason": "同一企业重复建档"}
        first = client.post(url, data).content.decode()
        question = f"保留的“{heir.name}”为{heir.credit_code}"
        assert question in first and duplicate.credit_code in first and "很可能是两个法人" in first
        assert "checked" not in first
        again = client.post(url, data | {"confirm": "1", "duplicate_version": duplicate.version})
        words = again.content.decode()
        assert again.status_code == 422 and question in words and "请选择属于哪种情况" in words
        assert 'value="同一企业重复建档"' in words
        duplicate.refresh_from_db()
        assert duplicate.state == SubjectState.ACTIVE
        answer = {"confirm": "1", "duplicate_version": duplicate.version, "codes_answer": "RENEWED"}
        assert client.post(url, data | answer).status_code == 302
        page = client.get(reverse("cultivation:subject_timeline", args=[heir.pk])).content.decode()
        assert "代码变更过" in page

    def test_one_code_is_no_question(self):
        actor, heir, duplicate = self.pair("one")
        client, url = sign_in(actor.user), reverse("cultivation:subject_merge", args=[heir.pk])
        page = client.post(url, {"duplicate": duplicate.name, "reason": "同一企业重复建档"}).content.decode()
        assert "两份档案对照" in page and "codes_answer" not in page
