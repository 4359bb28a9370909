"""After a move: who did the work still reads it and counts it, who looks after the subject now reads all of it."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from cultivation.models import CampaignYear, Enrollment, GuidanceVisit, Pairing, Training, TrainingAttendance
from cultivation.selectors.data_checks.base import run_checks, scope_of
from cultivation.selectors.data_checks.services import enrolled_without_pairing
from cultivation.selectors.pairings import pairing_gaps, pairing_matrix, pairings_by_district
from cultivation.selectors.targets import roster_of
from cultivation.selectors.trainings import attendance_rows
from cultivation.services.imports import check_import, confirm_import, stage_import
from cultivation.services.subject_transfers import accept_transfer, request_transfer
from cultivation.services.trainings import cell_key, set_attendance
from tests.cultivation.import_samples import workbook
from tests.cultivation.lives import enroll, now, pair, record, sign_in, today
from tests.factories import make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.operations.services.attachments import store_attachment

pytestmark = pytest.mark.django_db
TABS = ("detail", "pairings", "services", "trainings", "files", "timeline", "practices")


class Moved:
    """A firm on the giver's roster of 2026, served by it, then moved to the taker."""

    def __init__(self) -> None:
        city = make_organization(Level.CITY)
        make_year(2026)
        self.giver, self.taker, self.third = (
            make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT, parent=city)) for _ in range(3)
        )
        self.firm = make_subject(self.giver.organization, contact_name="张经理", contact_phone="13800000000")
        enroll(self.giver, self.firm)
        self.pairing = pair(self.firm)
        self.visit = record(GuidanceVisit, self.firm, happened_on=today(), topic="集体协商指导")
        self.training = record_training(self.giver, self.firm)
        transfer = request_transfer(
            actor=self.giver,
            subject=self.firm,
            to_organization=self.taker.organization,
            reason="注册地址迁入",
            now=now(),
        )
        accept_transfer(actor=self.taker, transfer=transfer, now=now())
        self.firm.refresh_from_db()

    def page(self, actor, name: str, *args) -> str:
        answer = sign_in(actor.user).get(reverse(f"cultivation:{name}", args=args))
        assert answer.status_code == 200, (name, answer.status_code)
        return answer.content.decode()

    def status(self, actor, name: str, *args) -> int:
        return sign_in(actor.user).get(reverse(f"cultivation:{name}", args=args)).status_code


def record_training(actor, firm) -> Training:
    training = Training.objects.create(
        organization=actor.organization,
        year_id=2026,
        happened_on=today(),
        title="劳动法律法规培训",
        created_at=now(),
        updated_at=now(),
    )
    TrainingAttendance.objects.create(
        training=training, subject=firm, organization=actor.organization, managers=1, hr=2
    )
    return training


def attach(actor, kind: str, owner, name: str = "照片.png"):
    picture = BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    upload = SimpleUploadedFile(name, picture.getvalue())
    return store_attachment(actor=actor, owner_kind=kind, owner_id=owner.pk, upload=upload, now=now())


@pytest.fixture
def moved() -> Moved:
    return Moved()


class TestReading:
    def test_the_new_district_reads_the_work_of_the_former_one(self, moved):
        giver = moved.giver.organization.name
        services = moved.page(moved.taker, "subject_services", moved.firm.pk)
        assert "集体协商指导" in services and f"{giver}登记" in services
        pairings = moved.page(moved.taker, "subject_pairings", moved.firm.pk)
        assert "李干事" in pairings and f"{giver}登记" in pairings
        trainings = moved.page(moved.taker, "subject_trainings", moved.firm.pk)
        assert "劳动法律法规培训" in trainings and f"{giver}举办" in trainings
        session = reverse("cultivation:ledger_detail", args=["trainings", moved.training.pk])
        assert session not in trainings  # other firms' attendance stands there
        assert moved.status(moved.taker, "ledger_detail", "trainings", moved.training.pk) == 404

    def test_it_opens_the_records_and_their_files_and_changes_nothing(self, moved):
        scan = attach(moved.giver, "GuidanceVisit", moved.visit)
        page = moved.page(moved.taker, "ledger_detail", "visits", moved.visit.pk)
        assert "集体协商指导" in page
        assert reverse("cultivation:ledger_edit", args=["visits", moved.visit.pk]) not in page
        assert reverse("cultivation:visit_join", args=[moved.visit.pk]) not in page
        assert moved.status(moved.taker, "ledger_paper", "visits", moved.visit.pk) == 200
        assert moved.status(moved.taker, "ledger_edit", "visits", moved.visit.pk) == 404
        assert "照片.png" in moved.page(moved.taker, "subject_files", moved.firm.pk)
        download = reverse("operations:file", args=[scan.uid])
        assert sign_in(moved.taker.user).get(download).status_code == 200
        assert sign_in(moved.third.user).get(download).status_code == 404

    def test_lists_and_counts_stay_with_who_entered_them(self, moved):
        rows = GuidanceVisit.objects
        assert not rows.visible_to(moved.taker).exists()
        assert rows.visible_to(moved.giver).get() == moved.visit
        assert Enrollment.objects.visible_to(moved.giver).counted().count() == 1

    @pytest.mark.parametrize("tab", TABS)
    def test_the_former_district_still_opens_the_page(self, moved, tab):
        page = moved.page(moved.giver, f"subject_{tab}", moved.firm.pk)
        assert f"现由{moved.taker.organization.name}管理" in page
        for act in ("edit", "rename", "contacts", "merge"):
            assert reverse(f"cultivation:subject_{act}", args=[moved.firm.pk]) not in page
        assert moved.status(moved.third, f"subject_{tab}", moved.firm.pk) == 404

    def test_the_former_district_reads_its_own_part_only(self, moved):
        record(GuidanceVisit, moved.firm, happened_on=today(), topic="迁入后的走访")
        assert "集体协商指导" in moved.page(moved.giver, "subject_services", moved.firm.pk)
        assert "迁入后的走访" not in moved.page(moved.giver, "subject_services", moved.firm.pk)
        overview = moved.page(moved.giver, "subject_detail", moved.firm.pk)
        assert "13800000000" not in overview and "2026年度" in overview
        attach(moved.taker, "Subject", moved.firm, "新营业执照.png")
        assert "新营业执照" in moved.page(moved.taker, "subject_files", moved.firm.pk)
        assert "新营业执照" not in moved.page(moved.giver, "subject_files", moved.firm.pk)
        for name in ("subject_edit", "subject_rename", "subject_contacts", "visit_create", "pairing_create"):
            assert moved.status(moved.giver, name, moved.firm.pk) == 404

    def test_its_name_is_found_in_the_ledger_of_the_former_district(self, moved):
        client = sign_in(moved.giver.user)
        answer = client.get(reverse("cultivation:ledger_list", args=["visits"]), {"q": moved.firm.name})
        assert moved.visit.topic in answer.content.decode()

    def test_an_instructor_of_the_former_district_does_not(self, moved):
        instructor = make_actor(Role.INSTRUCTOR, moved.giver.organization)
        assert moved.status(instructor, "subject_detail", moved.firm.pk) == 404

    def test_the_numbers_of_its_trainings_stay(self, moved):
        (row,) = attendance_rows(moved.giver, moved.training)
        assert (row.subject, row.managers, row.hr) == (moved.firm, 1, 2)
        page = moved.page(moved.giver, "ledger_detail", "trainings", moved.training.pk)
        assert moved.firm.name in page
        changed = set_attendance(
            actor=moved.giver,
            training=moved.training,
            typed={cell_key(moved.firm.pk, "hr"): 3},
            now=now(),
        )
        assert changed == 1

    def test_the_roster_says_what_befell_it_since(self, moved):
        (row,) = roster_of(moved.giver, year=2026, organization=moved.giver.organization)
        assert row.since == f"后划转至{moved.taker.organization.name}"
        for name in ("roster", "roster_paper"):
            assert row.since in moved.page(moved.giver, name, 2026)

    def test_the_deeds_are_told_to_both(self, moved):
        for actor in (moved.giver, moved.taker):
            page = moved.page(actor, "subject_timeline", moved.firm.pk)
            for words in (
                "列入2026年度重点培育名单",
                "与李干事结对",
                "指导服务：集体协商指导",
                "参加培训：劳动法律法规培训",
            ):
                assert words in page, (actor, words)

    def test_nothing_new_is_offered_for_it(self, moved):
        page = moved.page(moved.giver, "ledger_detail", "visits", moved.visit.pk)
        assert f"?subject={moved.firm.pk}" not in page


class TestHelpFollows:
    def year(self) -> CampaignYear:
        return CampaignYear.objects.get(pk=2026)

    def matrix(self, actor, day=None):
        return pairing_matrix(actor, year=self.year(), organization=actor.organization, today=day or today())

    def test_the_pairing_is_the_task_of_who_manages_the_firm(self, moved):
        Pairing.objects.update(removed_at=now())
        year = self.year()
        assert not pairing_gaps(moved.giver, year=year, today=today()).exists()
        assert pairing_gaps(moved.taker, year=year, today=today()).get().subject == moved.firm
        theirs, ours = self.matrix(moved.giver), self.matrix(moved.taker)
        assert (theirs.rows, [row.subject for row in theirs.moved_away]) == ([], [moved.firm])
        assert [row.enrollment.subject for row in ours.rows] == [moved.firm] and ours.gaps == 1
        city = make_actor(Role.CITY_OFFICE)
        lines = {line.organization.pk: line for line in pairings_by_district(city, year=year, today=today())}
        assert [lines[a.organization.pk].gaps for a in (moved.giver, moved.taker)] == [0, 1]
        page = moved.page(moved.giver, "pairing_matrix")
        assert "由现管理单位结对" in page
        assert f"计入{moved.giver.organization.name}名单" in moved.page(moved.taker, "pairing_matrix")

    def test_a_year_that_is_over_stays_as_it_was(self, moved):
        after = self.year().period_end.replace(year=2027)
        assert [row.enrollment.subject for row in self.matrix(moved.giver, after).rows] == [moved.firm]
        assert self.matrix(moved.taker, after).rows == []

    def test_the_check_names_who_can_mend_it(self, moved):
        Pairing.objects.update(removed_at=now())
        find = enrolled_without_pairing
        assert not list(find(scope_of(moved.giver), today()))
        (doubt,) = find(scope_of(moved.taker), today())
        assert doubt.place == moved.taker.organization.name
        assert run_checks(scope_of(make_actor(Role.CITY_OFFICE)), day=today())


class TestBackfill:
    def staged(self, actor, kind, *rows):
        batch = stage_import(
            actor=actor,
            kind=kind,
            organization=actor.organization,
            data=workbook(*rows),
            filename="往年.xlsx",
            now=now(),
            backfilled=True,
        )
        return check_import(actor=actor, batch=batch, now=now())

    def roster(self, actor, moved):
        return self.staged(
            actor,
            "rosters",
            ["序号", "年度", "企业名称", "统一社会信用代码", "是否重点", "文号"],
            [1, 2024, moved.firm.name, moved.firm.credit_code, "是", "枣人社字〔2024〕9号"],
        )

    def test_a_roster_of_before_the_move_counts_for_the_former_district(self, moved):
        make_year(2024)
        batch = self.roster(moved.giver, moved)
        assert (batch.created_count, batch.error_row_count) == (1, 0), batch.report.doubts
        confirm_import(actor=moved.giver, batch=batch, digest=batch.digest, only_good=True, now=now())
        row = Enrollment.objects.get(year_id=2024)
        assert (row.organization, row.subject) == (moved.giver.organization, moved.firm)
        assert moved.firm.participations.get(year_id=2024).organization == moved.giver.organization

    def test_a_district_that_never_had_it_cannot_claim_it(self, moved):
        make_year(2024)
        assert self.roster(moved.third, moved).error_row_count == 1

    def test_a_visit_of_before_the_move(self, moved):
        make_year(2024)
        header = ["日期", "培育对象", "主题", "方式", "类别"]
        row = ["2024-06-03", moved.firm.name, "往年走访", "现场", "指导"]
        batch = self.staged(moved.giver, "visits", header, row)
        assert (batch.created_count, batch.error_row_count) == (1, 0), batch.report.doubts
        confirm_import(actor=moved.giver, batch=batch, digest=batch.digest, only_good=True, now=now())
        visit = GuidanceVisit.objects.get(topic="往年走访")
        assert (visit.organization, visit.township, visit.year_id) == (moved.giver.organization, None, 2024)
