"""Import into every ledger: what is new, changed, unchanged and refused; the same file twice; undo; 补录."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from cultivation.models import EmploymentAdvisory, GuidanceVisit, ImportReport, PublicityItem
from cultivation.rules.record_numbers import record_number
from cultivation.services.imports import check_import, confirm_import, import_file, stage_import
from cultivation.services.imports_files import make_marked_workbook
from cultivation.services.imports_undo import undo_import
from tests import factories
from tests.cultivation.import_samples import NOW, City, code, make_city, workbook
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db
HEADER = ["发布日期", "标题", "媒体类别", "媒体名称", "形式", "链接", "阅读（播放）量", "报道对象", "备注"]


def piece(number: int, **changes) -> list:
    row = dict(
        zip(
            HEADER,
            [
                f"2026-03-{number:02d}",
                f"集体协商第{number}篇",
                "主流媒体",
                "枣庄日报",
                "消息",
                "",
                100 + number,
                "",
                "",
            ],
            strict=True,
        )
    )
    return list((row | changes).values())


@pytest.fixture
def city() -> City:
    factories.make_year()
    return make_city()


@pytest.fixture
def clerk(city):
    return factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)


def bring(city, data, *, slug="publicity", actor=None, organization=None, **options):
    return import_file(
        actor=actor,
        kind=slug,
        organization=organization or city.tengzhou,
        data=data,
        filename="宣传清单.xlsx",
        now=NOW,
        **options,
    )


def counts(outcome):
    return outcome.created, outcome.updated, outcome.unchanged, [error.message for error in outcome.errors]


def test_rows_go_in_and_the_same_file_twice_changes_nothing(city, clerk):
    data = workbook(["滕州市宣传报道清单"], HEADER, piece(1), piece(2), ["合计", "2篇"])
    assert counts(bring(city, data, actor=clerk)) == (2, 0, 0, [])
    first = PublicityItem.objects.get(title="集体协商第1篇")
    assert (first.happened_on, first.media_kind, first.reads) == (date(2026, 3, 1), "MAINSTREAM", 101)
    assert (first.organization, first.year_id, first.created_by) == (city.tengzhou, 2026, clerk.user)
    audits = AuditEntry.objects.count()
    assert counts(bring(city, data, actor=clerk)) == (0, 0, 2, [])
    assert AuditEntry.objects.count() == audits


def test_a_changed_cell_is_one_change(city):
    bring(city, workbook(HEADER, piece(1), piece(2)))
    outcome = bring(city, workbook(HEADER, piece(1), piece(2, **{"阅读（播放）量": 5000})))
    assert counts(outcome) == (0, 1, 1, [])
    assert PublicityItem.objects.get(reads=5000).version == 2


def test_a_number_names_the_row_whatever_else_changed(city):
    bring(city, workbook(HEADER, piece(1)))
    item = PublicityItem.objects.get()
    data = workbook(["编号", "标题"], [record_number("publicity", item.pk), "新标题"])
    assert counts(bring(city, data)) == (0, 1, 0, [])
    item.refresh_from_db()
    assert item.title == "新标题"


# --- what is refused --------------------------------------------------------------------------------------------------


def messages(outcome) -> str:
    return "；".join(error.message for error in outcome.errors)


def test_errors_name_row_column_value_and_mending(city):
    outcome = bring(
        city,
        workbook(HEADER, piece(1, 媒体类别="报纸"), piece(2, 发布日期="去年"), piece(3, 媒体名称="")),
    )
    assert (outcome.created, outcome.updated) == (0, 0)
    assert [error.row for error in outcome.errors] == [2, 3, 4]
    assert "第 2 行 C 列“媒体类别”：‘报纸’不在可选范围内" in messages(outcome)
    assert "第 3 行 A 列“发布日期”：‘去年’不是完整的日期" in messages(outcome)
    assert "第 4 行 D 列“媒体名称”：没有填写，请补全" in messages(outcome)


def test_good_rows_go_in_beside_bad_ones_unless_all_or_nothing(city):
    data = workbook(HEADER, piece(1), piece(2, 媒体类别="报纸"))
    assert bring(city, data, all_or_nothing=True).created == 0
    assert not PublicityItem.objects.exists()
    assert bring(city, data).created == 1


def test_two_rows_of_one_key_refuse_each_other(city):
    outcome = bring(city, workbook(HEADER, piece(1), piece(1, **{"阅读（播放）量": 7})))
    assert outcome.created == 1
    assert "与第 2 行重复，请只保留一行" in messages(outcome)


def test_a_day_outside_every_year_is_refused(city):
    assert "不在任何年度的统计期内" in messages(
        bring(city, workbook(HEADER, piece(1, 发布日期="2019-03-01")))
    )


def test_subjects_are_found_by_code_or_name_and_doubt_says_which(city):
    firm = factories.make_subject(city.tengzhou, name="滕州恒信机械有限公司", township=city.jinghe)
    for number in (1, 2):
        factories.make_subject(city.tengzhou, name="滕州同名有限公司", credit_code=code(number))
    factories.make_subject(city.xuecheng, name="薛城远方有限公司")
    rows = [
        piece(1, 报道对象=firm.credit_code),
        piece(2, 报道对象="滕州恒信机械有限公司"),
        piece(3, 报道对象=f"滕州恒信机械有限公司（{firm.credit_code}）"),
        piece(4, 报道对象="滕州同名有限公司"),
        piece(5, 报道对象="薛城远方有限公司"),
        piece(6, 报道对象=code(1)),
    ]
    outcome = bring(city, workbook(HEADER, *rows))
    assert outcome.created == 4
    assert PublicityItem.objects.filter(subject=firm, township=city.jinghe).count() == 3
    assert f"对应 2 个：滕州同名有限公司（{code(1)}）、滕州同名有限公司（{code(2)}）" in messages(outcome)
    assert "‘薛城远方有限公司’不是滕州市在册的培育对象" in messages(outcome)


def test_a_deregistered_firm_only_in_backfilled_rows(city):
    factories.make_subject(city.tengzhou, name="滕州旧厂", state="DEREGISTERED")
    data = workbook(HEADER, piece(1, 报道对象="滕州旧厂", 发布日期="2024-03-01"))
    assert "‘滕州旧厂’已注销" in messages(bring(city, data))
    assert bring(city, data, backfilled=True).created == 1


def test_numbers_of_others_of_removed_rows_and_typing_slips(city):
    bring(city, workbook(HEADER, piece(1)), organization=city.xuecheng)
    bring(city, workbook(HEADER, piece(1), piece(2)))
    foreign, removed, _ = PublicityItem.objects.order_by("pk")
    PublicityItem.objects.filter(pk=removed.pk).update(removed_at=NOW)
    numbers = [
        record_number("publicity", foreign.pk),
        record_number("publicity", removed.pk),
        "publicity-1-?",
    ]
    outcome = bring(city, workbook(["编号", "标题"], *[[number, "改"] for number in numbers]))
    assert (outcome.updated, len(outcome.errors)) == (0, 3)
    assert "不属于滕州市，或已不存在" in messages(outcome)
    assert "已删除，请先从回收站恢复" in messages(outcome)
    assert "编号不完整" in messages(outcome)


def test_what_the_database_refuses_names_its_line(city, clerk):
    """Two monthly numbers of one kind: no key of the ledger, but a rule of the table."""
    factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)
    header = ["咨询日期", "咨询类别", "办理结果", "按月汇总", "件数"]
    row = ["2026-03-01", "劳动合同", "当场答复", "是"]
    with pytest.raises(DomainError, match=r"第 3 行：.*没有写入任何内容"):
        bring(city, workbook(header, [*row, 5], [*row, 6]), slug="advisories", actor=clerk)
    assert not EmploymentAdvisory.objects.exists()


# --- 补录, visits with their people ------------------------------------------------------------------------------------


def test_backfilled_rows_carry_mark_and_source(city, clerk):
    data = workbook(HEADER, piece(1, 发布日期="2024-03-01"))
    late = bring(city, data, actor=clerk, dry_run=True)
    assert any("统计期已于" in warning.message for warning in late.warnings)
    outcome = bring(city, data, actor=clerk, backfilled=True, source_document="滕人社〔2024〕15号")
    assert (outcome.created, outcome.warnings) == (1, [])
    item = PublicityItem.objects.get()
    assert (item.backfilled, item.source_document, item.year_id) == (True, "滕人社〔2024〕15号", 2024)
    entry = AuditEntry.objects.get(kind="PublicityItem")
    assert (entry.action, entry.changes) == (
        "导入补录宣传报道",
        {"source_document": ["", "滕人社〔2024〕15号"]},
    )


def test_the_people_of_a_visit_are_brought_with_it(city, clerk):
    factories.make_subject(city.tengzhou, name="滕州恒信机械有限公司")
    unit = factories.make_member_unit(city.tengzhou, name="滕州市总工会")
    header = ["日期", "培育对象", "方式", "类别", "主题", "参加单位和人员"]
    row = ["2026-03-01", "滕州恒信机械有限公司", "现场", "指导", "劳动合同规范", "滕州市总工会 张三、李四"]
    assert bring(city, workbook(header, row), slug="visits", actor=clerk).created == 1
    visit = GuidanceVisit.objects.get()
    assert {(row.unit, row.name) for row in visit.participants.all()} == {(unit, "张三"), (None, "李四")}
    assert counts(bring(city, workbook(header, row), slug="visits", actor=clerk)) == (0, 0, 1, [])


# --- batches: preview, confirm, undo ----------------------------------------------------------------------------------


def imported(clerk, city, data):
    batch = stage_import(
        actor=clerk, kind="publicity", organization=city.tengzhou, data=data, filename="清单.xlsx", now=NOW
    )
    check_import(actor=clerk, batch=batch, now=NOW)
    return confirm_import(actor=clerk, batch=batch, digest=batch.digest, only_good=True, now=NOW)


def test_an_undo_takes_back_what_nobody_has_touched(city, clerk):
    bring(city, workbook(HEADER, piece(1)))
    old = PublicityItem.objects.values().get()
    batch = imported(clerk, city, workbook(HEADER, piece(1, 形式="视频"), piece(2), piece(3)))
    touched = PublicityItem.objects.get(title="集体协商第3篇")
    PublicityItem.objects.filter(pk=touched.pk).update(version=2)
    undo_import(actor=clerk, batch=batch, now=NOW)
    assert set(PublicityItem.objects.values_list("title", flat=True)) == {"集体协商第1篇", "集体协商第3篇"}
    now = PublicityItem.objects.values().get(pk=old["id"])
    assert now | {"version": 0, "updated_at": 0, "updated_by_id": 0} == old | {
        "version": 0,
        "updated_at": 0,
        "updated_by_id": 0,
    }
    result = ImportReport.objects.get(batch=batch).undo_result
    assert (result["deleted"], result["restored"]) == (1, 1)
    assert result["kept"] == [{"name": "集体协商第3篇", "why": "导入后已被修改"}]


def test_the_marked_workbook_and_the_preview_speak_of_the_rows(city, clerk):
    bring(city, workbook(HEADER, piece(1)))
    batch = stage_import(
        actor=clerk,
        kind="publicity",
        organization=city.tengzhou,
        data=workbook(HEADER, piece(1, 形式="视频"), piece(2), piece(3, 媒体类别="报纸")),
        filename="清单.xlsx",
        now=NOW,
    )
    check_import(actor=clerk, batch=batch, now=NOW)
    preview = ImportReport.objects.get(batch=batch).preview
    assert preview["changed"][0][3] == [["形式", "消息", "视频"]]
    assert preview["created"][0][:4] == [3, "2026-03-02", "集体协商第2篇", "主流媒体"]
    sheet = load_workbook(BytesIO(make_marked_workbook(batch))).active
    last = [row[-1].value for row in sheet.iter_rows()]
    assert last[0] == "导入结果"
    assert last[1:3] == ["更新", "新增"]
    assert last[3].startswith("未导入：第 4 行 C 列")


@pytest.mark.parametrize("role", [Role.CITY_MEMBER, Role.TOWNSHIP_STAFF, Role.LEADER, Role.AUDITOR])
def test_who_does_not_import_is_refused(city, role):
    actor = factories.make_actor(role, city.jinghe if role == Role.TOWNSHIP_STAFF else city.tengzhou)
    with pytest.raises(NotAllowed):
        imported(actor, city, workbook(HEADER, piece(1)))


def test_the_shell_takes_a_slug(city, tmp_path, capsys):
    path = tmp_path / "a.xlsx"
    call_command("import_register", "publicity", "--template", str(path), "--district", "370481")
    assert load_workbook(path).worksheets[0].title == "宣传报道"
    path.write_bytes(workbook(HEADER, piece(1, 发布日期="2024-03-01")))
    call_command(
        "import_register",
        "publicity",
        str(path),
        "--district",
        "370481",
        "--json",
        "--backfill",
        "2024年台账",
    )
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "errors": [],
    }
    assert PublicityItem.objects.get().source_document == "2024年台账"
    with pytest.raises(CommandError, match="publicity（宣传报道）"):
        call_command("import_register", "nonsense", str(path), "--district", "370481")
