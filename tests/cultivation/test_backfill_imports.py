"""历史补录: rosters of past years and attendance brought in through the pipeline, counted, undone."""

from __future__ import annotations

import pytest

from cultivation.enums import EnrollmentState
from cultivation.ledgers.trainings import TRAININGS
from cultivation.models import Enrollment, Participation, Training, TrainingAttendance
from cultivation.rules.record_numbers import record_number
from cultivation.services.imports import check_import, confirm_import, import_file, stage_import
from cultivation.services.imports_undo import undo_import
from cultivation.services.trainings import cell_key, set_attendance
from tests import factories
from tests.cultivation.import_samples import NOW, City, make_city, workbook
from tests.cultivation.ledger_factories import make_record
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db
ROSTER = ["序号", "年度", "企业名称", "统一社会信用代码", "是否重点", "文号"]


@pytest.fixture
def city() -> City:
    factories.make_year()
    return make_city()


@pytest.fixture
def clerk(city):
    return factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)


def checked(clerk, city, kind, data):
    batch = stage_import(
        actor=clerk, kind=kind, organization=city.tengzhou, data=data, filename="2024年名单.xlsx", now=NOW
    )
    return check_import(actor=clerk, batch=batch, now=NOW)


def confirmed(clerk, batch):
    return confirm_import(actor=clerk, batch=batch, digest=batch.digest, only_good=True, now=NOW)


def tallies(batch):
    return batch.created_count, batch.changed_count, batch.unchanged_count, batch.error_row_count


def doubts(batch) -> str:
    return "；".join(f"{item[1]} {item[3]} {item[6]}" for item in batch.report.doubts["errors"])


def test_a_roster_of_a_past_year_goes_in_confirmed_and_counts(city, clerk):
    firm = factories.make_subject(city.tengzhou, name="滕州恒信机械有限公司")
    gone = factories.make_subject(city.tengzhou, name="滕州旧厂", state="DEREGISTERED")
    data = workbook(
        ["滕州市2024年度重点培育企业名单"],
        ROSTER,
        [1, "2024年", "滕州恒信机械有限公司", "", "是", "滕人社字〔2024〕9号"],
        [2, 2024, "旧厂的旧名称", gone.credit_code, "", ""],
        ["合计", "", "2户"],
    )
    batch = checked(clerk, city, "rosters", data)
    assert tallies(batch) == (2, 0, 0, 0), doubts(batch)
    assert "不一致，按信用代码导入" in batch.report.doubts["warnings"][0][6]
    assert not Enrollment.objects.exists()
    confirmed(clerk, batch)
    rows = Enrollment.objects.order_by("pk")
    assert [(row.subject, row.year_id, row.state, row.is_key, row.backfilled) for row in rows] == [
        (firm, 2024, EnrollmentState.CONFIRMED, True, True),
        (gone, 2024, EnrollmentState.CONFIRMED, True, True),
    ]
    assert [row.source_document for row in rows] == ["滕人社字〔2024〕9号", "2024年名单.xlsx"]
    assert Enrollment.objects.counted().count() == 2
    assert tallies(checked(clerk, city, "rosters", data)) == (0, 0, 2, 0)


def test_what_adds_to_a_confirmed_roster_is_said_before(city, clerk):
    for name in ("滕州恒信机械有限公司", "滕州恒达机械有限公司"):
        factories.make_subject(city.tengzhou, name=name)
    first = checked(clerk, city, "rosters", workbook(ROSTER, [1, 2024, "滕州恒信机械有限公司", "", "", ""]))
    assert first.report.doubts["warnings"] == []
    confirmed(clerk, first)
    more = checked(clerk, city, "rosters", workbook(ROSTER, [1, 2024, "滕州恒达机械有限公司", "", "", ""]))
    (warning,) = more.report.doubts["warnings"]
    assert "2024年度名单已确认（第 1 版），导入后增补 1 户" in warning[6]


def test_a_roster_can_be_undone_and_brought_in_again(city, clerk):
    factories.make_subject(city.tengzhou, name="滕州恒信机械有限公司")
    data = workbook(ROSTER, [1, 2024, "滕州恒信机械有限公司", "", "是", ""])
    batch = confirmed(clerk, checked(clerk, city, "rosters", data))
    undo_import(actor=clerk, batch=batch, now=NOW)
    assert Enrollment.objects.get().state == EnrollmentState.REMOVED
    assert not Participation.objects.exists()
    assert not Enrollment.objects.counted().exists()
    confirmed(clerk, checked(clerk, city, "rosters", data))
    assert Enrollment.objects.counted().count() == 1


def test_what_does_not_belong_on_a_past_roster(city, clerk):
    factories.make_subject(city.xuecheng, name="薛城远方有限公司")
    firm = factories.make_subject(city.tengzhou, name="滕州恒信机械有限公司")
    factories.make_subject(city.tengzhou, name="滕州候选有限公司")
    batch = checked(
        clerk,
        city,
        "rosters",
        workbook(
            ROSTER,
            [1, 2026, "滕州恒信机械有限公司", "", "", ""],
            [2, 2024, "薛城远方有限公司", "", "", ""],
            [3, 2031, "滕州候选有限公司", "", "", ""],
            [4, 2023, firm.credit_code, "", "大概", ""],
        ),
    )
    assert tallies(batch) == (0, 0, 0, 4)
    said = doubts(batch)
    assert "不是往年" in said
    assert "‘薛城远方有限公司’不是滕州市在册的培育对象" in said
    assert "不是创建活动的年度" in said
    assert "请填“是”或“否”" in said


def test_only_the_offices_bring_rosters_and_never_the_shell(city):
    data = workbook(ROSTER, [1, 2024, "滕州恒信机械有限公司", "", "", ""])
    member = factories.make_actor(Role.DISTRICT_MEMBER, city.tengzhou)
    with pytest.raises(NotAllowed):
        checked(member, city, "rosters", data)
    with pytest.raises(DomainError, match="网页上导入"):
        import_file(
            actor=None, kind="rosters", organization=city.tengzhou, data=data, filename="x.xlsx", now=NOW
        )


# --- attendance -------------------------------------------------------------------------------------------------------

ATTENDANCE = ["培训名称", "培训日期", "企业名称", "企业负责人（人次）", "人力资源工作人员（人次）"]


@pytest.fixture
def training(city, clerk) -> Training:
    return make_record(TRAININGS, city.tengzhou, actor=clerk, title="集体协商培训班")


def test_attendance_goes_in_changes_and_is_taken_back(city, clerk, training):
    first = factories.make_subject(city.tengzhou, name="滕州恒信机械有限公司")
    second = factories.make_subject(city.tengzhou, name="滕州鑫源化工有限公司")
    set_attendance(actor=clerk, training=training, typed={cell_key(first.pk, "hr"): 1}, now=NOW)
    data = workbook(
        ATTENDANCE,
        ["集体协商培训班", "", "滕州恒信机械有限公司", 2, 1],
        [record_number("trainings", training.pk), "", "滕州鑫源化工有限公司", "", "３人次"],
    )
    batch = checked(clerk, city, "attendance", data)
    assert tallies(batch) == (1, 1, 0, 0), doubts(batch)
    assert batch.report.preview["changed"][0][3] == [["企业负责人（人次）", "0", "2"]]
    confirmed(clerk, batch)

    def people():
        rows = TrainingAttendance.objects.order_by("subject_id")
        return list(rows.values_list("subject_id", "managers", "hr"))

    assert people() == [(first.pk, 2, 1), (second.pk, 0, 3)]
    assert tallies(checked(clerk, city, "attendance", data)) == (0, 0, 2, 0)
    undo_import(actor=clerk, batch=batch, now=NOW)
    assert people() == [(first.pk, 0, 1)]


def test_a_training_that_is_not_clear_is_asked_about(city, clerk, training):
    factories.make_subject(city.tengzhou, name="滕州恒信机械有限公司")
    Training.objects.filter(pk=training.pk).update(happened_on="2026-04-01")
    make_record(
        TRAININGS,
        city.tengzhou,
        actor=clerk,
        title="集体协商培训班",
    )
    row = ["滕州恒信机械有限公司", 1, 1]
    batch = checked(
        clerk,
        city,
        "attendance",
        workbook(
            ATTENDANCE,
            ["集体协商培训班", "", *row],
            ["没有办过的班", "", *row],
            ["集体协商培训班", "2026-04-01", "滕州恒信机械有限公司", "", ""],
        ),
    )
    assert tallies(batch) == (0, 0, 0, 3)
    said = doubts(batch)
    assert "有 2 场：2026-04-01" in said
    assert "‘没有办过的班’没有登记过" in said
    assert "两列人次都没有填写" in said
