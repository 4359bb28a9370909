"""The services and the shell command against the database: idempotence, scope, undo, exit status."""

import json
from datetime import timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from cultivation.enums import ImportState, SubjectKind
from cultivation.models import ImportBatch, Subject, SubjectContact, SubjectProfile
from cultivation.rules.imports_fields import ImportKind
from cultivation.rules.imports_plan import UNCONFIRMED_CODE
from cultivation.services.imports import (
    cancel_import,
    check_import,
    confirm_import,
    import_file,
    map_columns,
    stage_import,
)
from cultivation.services.imports_files import make_marked_workbook, make_template
from cultivation.services.imports_undo import undo_import
from tests import factories
from tests.cultivation.import_samples import (
    HEADER,
    NOW,
    City,
    code,
    firm,
    golden,
    make_city,
    register,
    workbook,
)
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.kernel.spreadsheets import SpreadsheetError

pytestmark = pytest.mark.django_db
ENTERPRISES = ImportKind.ENTERPRISES


@pytest.fixture
def city() -> City:
    return make_city()


@pytest.fixture
def clerk(city):
    return factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)


def bring(city, data, *, kind=ENTERPRISES, organization=None, **options):
    return import_file(
        actor=None,
        kind=kind,
        organization=organization or city.tengzhou,
        data=data,
        filename="名册.xlsx",
        now=NOW,
        **options,
    )


def stage(clerk, city, data, **options):
    return stage_import(
        actor=clerk,
        kind=options.pop("kind", ENTERPRISES),
        organization=options.pop("organization", city.tengzhou),
        data=data,
        filename="名册.xlsx",
        now=NOW,
        **options,
    )


def check(clerk, batch):
    return check_import(actor=clerk, batch=batch, now=NOW)


def confirm(clerk, batch, **options):
    options = {"only_good": True, "digest": batch.digest, "now": NOW} | options
    return confirm_import(actor=clerk, batch=batch, **options)


def imported(clerk, city, data, **options):
    return confirm(clerk, check(clerk, stage(clerk, city, data)), **options)


def counts(outcome):
    return outcome.created, outcome.updated, outcome.unchanged, len(outcome.errors)


def test_the_golden_workbook_goes_in(city):
    outcome = bring(city, golden())
    assert counts(outcome) == (3, 0, 0, 0)
    first = Subject.objects.select_related("profile").get(credit_code=code(1))
    assert (first.name, first.township, first.employee_count) == ("滕州市第1机械有限公司", city.jinghe, 1200)
    assert (first.industry_code, first.ownership, first.contact_phone) == ("34", "PRIVATE", "13806321234")
    assert (first.managing_organization, first.division_code) == (city.tengzhou, "370481001")
    assert (first.kind, first.version, first.created_at) == (SubjectKind.ENTERPRISE, 1, NOW)
    assert first in Subject.objects.named_like("第1机械")
    assert Subject.objects.get(credit_code=code(3)).ownership == "HK_MACAO_TAIWAN"


def test_the_same_file_twice_changes_nothing(city):
    bring(city, golden())
    before = list(Subject.objects.order_by("pk").values())
    audits = AuditEntry.objects.count()
    assert counts(bring(city, golden())) == (0, 0, 3, 0)
    assert list(Subject.objects.order_by("pk").values()) == before
    assert AuditEntry.objects.count() == audits
    assert ImportBatch.objects.count() == 1


def test_a_change_is_written_with_version_and_audit(city):
    bring(city, register(firm(1), firm(2)))
    outcome = bring(city, register(firm(1, 职工人数=999, **{"乡镇（街道）": "北辛街道"}), firm(2)))
    assert counts(outcome) == (0, 1, 1, 0)
    subject = Subject.objects.get(credit_code=code(1))
    assert (subject.employee_count, subject.township, subject.version) == (999, city.beixin, 2)
    assert subject.division_code == "370481003"
    entry = AuditEntry.objects.get(kind="Subject", object_id=str(subject.pk))
    assert entry.changes["employee_count"] == [101, 999]


def test_good_rows_go_in_and_wrong_ones_are_reported(city):
    outcome = bring(city, register(firm(1), firm(2, 职工人数="三百")))
    assert counts(outcome) == (1, 0, 0, 1)
    assert outcome.errors[0].message == "第 3 行 F 列“职工人数”：‘三百’不是数字，请填阿拉伯数字"


def test_all_or_nothing_keeps_everything_out(city):
    outcome = bring(city, register(firm(1), firm(2, 职工人数="三百")), all_or_nothing=True)
    assert counts(outcome) == (0, 0, 0, 1)
    assert not Subject.objects.exists()
    assert not ImportBatch.objects.exists()


def test_a_dry_run_writes_nothing(city):
    assert counts(bring(city, register(firm(1)), dry_run=True)) == (1, 0, 0, 0)
    assert not Subject.objects.exists()
    assert not AuditEntry.objects.exists()


def test_another_districts_firm_is_not_taken_over(city):
    bring(city, register(firm(1, **{"乡镇（街道）": ""})), organization=city.xuecheng)
    outcome = bring(city, register(firm(1, 企业名称="改名")))
    assert counts(outcome) == (0, 0, 0, 1)
    assert "已由其他区（市）建档" in outcome.errors[0].message
    assert "滕州市第1机械" not in outcome.errors[0].message
    assert Subject.objects.get().managing_organization == city.xuecheng


def test_streets_in_custody_belong_to_the_zone(city):
    rows = register(firm(1, **{"乡镇（街道）": "兴仁街道"}))
    assert counts(bring(city, rows, organization=city.xuecheng))[3] == 1
    assert counts(bring(city, rows, organization=city.zone)) == (1, 0, 0, 0)
    assert Subject.objects.get().division_code == "370403002"


def test_the_profile_and_the_size_class_are_written(city):
    header = [*HEADER, "营业收入（万元）", "成立日期", "法定代表人", "地址"]
    data = workbook(header, [*firm(1, 职工人数=1200), "50,000.5", "2015.6.1", "孙八", "平行路1号"])
    bring(city, data)
    profile = SubjectProfile.objects.select_related("subject").get()
    assert (profile.annual_revenue, profile.established_on.isoformat()) == (Decimal("50000.50"), "2015-06-01")
    assert (profile.legal_representative, profile.subject.size_class) == ("孙八", "LARGE")
    assert counts(bring(city, data)) == (0, 0, 1, 0)
    data = workbook(header, [*firm(1, 职工人数=1200), "200", "", "", "平行路2号"])
    assert counts(bring(city, data)) == (0, 1, 0, 0)
    profile.refresh_from_db()
    profile.subject.refresh_from_db()
    assert (profile.address, profile.legal_representative, profile.subject.size_class) == (
        "平行路2号",
        "孙八",
        "MICRO",
    )


def test_a_wrong_check_digit_goes_in_with_a_note(city):
    wrong = code(1)[:-1] + ("0" if code(1)[-1] != "0" else "1")
    data = register(firm(1, 统一社会信用代码=wrong))
    outcome = bring(city, data)
    assert counts(outcome) == (1, 0, 0, 0)
    assert "校验位" in outcome.warnings[0].message
    assert Subject.objects.get().credit_code_note == UNCONFIRMED_CODE
    Subject.objects.update(credit_code_note="已核对营业执照")
    assert counts(bring(city, data)) == (0, 0, 1, 0)


def test_parks_and_pilots(city):
    parks = workbook(["园区名称", "乡镇（街道）", "地址"], ["滕州经济开发区", "荆河街道", "益康大道"])
    assert counts(bring(city, parks, kind=ImportKind.PARKS)) == (1, 0, 0, 0)
    assert counts(bring(city, parks, kind=ImportKind.PARKS)) == (0, 0, 1, 0)
    assert counts(bring(city, workbook(["园区名称"], ["滕州经济开发区"]), kind=ImportKind.PARKS, organization=city.zone)) == (
        1, 0, 0, 0,
    )  # fmt: skip
    pilots = workbook(
        ["试点名称", "年度", "所属行业"], ["滕州玻璃行业", 2026, "30"], ["滕州玻璃行业", 2027, "30"]
    )
    assert counts(bring(city, pilots, kind=ImportKind.PILOTS)) == (2, 0, 0, 0)
    assert counts(bring(city, pilots, kind=ImportKind.PILOTS)) == (0, 0, 2, 0)
    outcome = bring(city, pilots, kind=ImportKind.PILOTS, organization=city.zone)
    assert counts(outcome) == (0, 0, 0, 2)


def statements(run):
    """All statements but the batched inserts, whose number SQLite's parameter limit sets."""
    with CaptureQueriesContext(connection) as captured:
        run()
    return sum(not query["sql"].startswith("INSERT") for query in captured.captured_queries)


def test_the_number_of_statements_does_not_grow_with_the_rows(city):
    few, many = (register(*[firm(n) for n in rows]) for rows in (range(1000, 1250), range(500)))
    assert statements(lambda: bring(city, few)) == statements(lambda: bring(city, many))
    few, many = (
        register(*[firm(n, 职工人数=n + 5000) for n in rows]) for rows in (range(1000, 1250), range(500))
    )
    assert statements(lambda: bring(city, few)) == statements(lambda: bring(city, many))
    assert Subject.objects.get(credit_code=code(299)).employee_count == 5299


def test_files_that_are_no_register_are_refused(city):
    with pytest.raises(DomainError, match="没有找到表头"):
        bring(city, workbook(["颜色", "形状"], ["红", "圆"]))
    with pytest.raises(DomainError, match="缺少“统一社会信用代码”列"):
        bring(city, workbook(["企业名称", "职工人数"], ["甲", 1]))
    with pytest.raises(SpreadsheetError):
        bring(city, b"%PDF-1.7")


# --- in the browser's steps -----------------------------------------------------------------------------------------


def test_nothing_is_written_before_confirm(city, clerk):
    batch = stage(clerk, city, register(firm(1), firm(2, 职工人数="三百")))
    assert batch.state == ImportState.MAPPED
    check(clerk, batch)
    assert (batch.state, batch.created_count, batch.error_row_count) == (ImportState.CHECKED, 1, 1)
    assert not Subject.objects.exists()
    confirm(clerk, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.confirmed_by) == (ImportState.CONFIRMED, clerk.user)
    subject = Subject.objects.get()
    assert (subject.created_by, subject.credit_code) == (clerk.user, code(1))
    entry = AuditEntry.objects.get(action="导入")
    assert (entry.user_id, entry.changes["created"]) == (clerk.user.pk, [0, 1])


def test_errors_may_hold_the_whole_batch_back(city, clerk):
    batch = check(clerk, stage(clerk, city, register(firm(1), firm(2, 职工人数="三百"))))
    with pytest.raises(DomainError, match="还有 1 行有错误"):
        confirm(clerk, batch, only_good=False)
    assert batch.state == ImportState.CHECKED
    assert not Subject.objects.exists()


def test_guessed_columns_wait_for_the_person(city, clerk):
    data = workbook(["企业名称", "信用代码", "2025年末职工人数"], ["甲厂", code(1), 3])
    batch = stage(clerk, city, data)
    assert batch.state == ImportState.STAGED
    with pytest.raises(IllegalTransition):
        check(clerk, batch)
    map_columns(actor=clerk, batch=batch, mapping={"2025年末职工人数": "employee_count"}, now=NOW)
    confirm(clerk, check(clerk, batch))
    assert Subject.objects.get().employee_count == 3


def test_a_doubtful_mapping_is_refused(city, clerk):
    batch = stage(clerk, city, workbook(["企业名称", "信用代码", "2025年末职工人数"], ["甲厂", code(1), 3]))
    with pytest.raises(DomainError, match="有两列都对应“企业名称”"):
        map_columns(
            actor=clerk, batch=batch, mapping={"企业名称": "name", "2025年末职工人数": "name"}, now=NOW
        )
    with pytest.raises(DomainError, match="还没有指定哪一列是“统一社会信用代码”"):
        map_columns(actor=clerk, batch=batch, mapping={"信用代码": ""}, now=NOW)
    with pytest.raises(DomainError, match="无法识别"):
        map_columns(actor=clerk, batch=batch, mapping={"信用代码": "managing_organization"}, now=NOW)


def test_a_register_that_moved_on_is_shown_again(city, clerk):
    batch = check(clerk, stage(clerk, city, register(firm(1))))
    bring(city, register(firm(1)))
    with pytest.raises(ConflictError, match="重新校验"):
        confirm(clerk, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.created_count, batch.unchanged_count) == (ImportState.CHECKED, 0, 1)
    assert Subject.objects.count() == 1


def test_confirming_twice_imports_once(city, clerk):
    batch = check(clerk, stage(clerk, city, register(firm(1))))
    twin = ImportBatch.objects.get(pk=batch.pk)
    confirm(clerk, batch)
    with pytest.raises(IllegalTransition):
        confirm(clerk, twin)
    assert Subject.objects.count() == 1


def test_a_wrong_check_digit_asks_for_a_word(city, clerk):
    wrong = code(1)[:-1] + ("0" if code(1)[-1] != "0" else "1")
    batch = check(clerk, stage(clerk, city, register(firm(1, 统一社会信用代码=wrong))))
    with pytest.raises(DomainError, match="校验位不符"):
        confirm(clerk, batch)
    confirm(clerk, batch, code_note="已核对营业执照")
    assert Subject.objects.get().credit_code_note == "已核对营业执照"


def test_pasted_cells_with_heading(city, clerk):
    text = "\t".join(HEADER) + "\n" + "\t".join(str(value) for value in firm(1)) + "\n"
    batch = stage(clerk, city, text.encode(), pasted=True)
    confirm(clerk, check(clerk, batch))
    assert Subject.objects.get().employee_count == 101


def test_cancelling_leaves_nothing_behind(city, clerk, django_capture_on_commit_callbacks):
    batch = check(clerk, stage(clerk, city, register(firm(1))))
    name = batch.file.name
    assert batch.file.storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        cancel_import(actor=clerk, batch=batch, now=NOW)
    assert not batch.file.storage.exists(name)
    with pytest.raises(IllegalTransition):
        confirm(clerk, batch)


@pytest.mark.parametrize(
    "role",
    [Role.CITY_MEMBER, Role.LEADER, Role.SYSTEM_ADMIN, Role.AUDITOR, Role.INSTRUCTOR, Role.TOWNSHIP_STAFF],
)
def test_other_roles_may_not_import(city, role):
    with pytest.raises(NotAllowed):
        stage(factories.make_actor(role), city, register(firm(1)))
    assert not ImportBatch.objects.exists()


def test_a_district_imports_only_its_own_and_the_city_any(city, clerk):
    with pytest.raises(NotAllowed):
        stage(clerk, city, register(firm(1)), organization=city.xuecheng)
    office = factories.make_actor(Role.CITY_OFFICE)
    assert stage(office, city, register(firm(1)), organization=city.xuecheng).organization == city.xuecheng
    assert not ImportBatch.objects.visible_to(clerk).exists()
    assert ImportBatch.objects.visible_to(office).count() == 1


def test_undo_takes_back_what_nobody_touched(city, clerk):
    imported(clerk, city, register(firm(1), firm(2), firm(3)))
    before = {row["pk"]: row for row in Subject.objects.values("pk", "name", "employee_count", "township_id")}
    header = [*HEADER, "地址"]
    data = workbook(
        header,
        [
            *firm(1, 企业名称="滕州市华泰机械有限公司", 职工人数=1, **{"乡镇（街道）": "北辛街道"}),
            "平行路1号",
        ],
        [*firm(2, 职工人数=2), ""],
        [*firm(4), ""],
        [*firm(5), ""],
        [*firm(6), ""],
    )
    batch = imported(clerk, city, data)
    Subject.objects.filter(credit_code=code(2)).update(employee_count=777, version=9)
    Subject.objects.filter(credit_code=code(4)).update(version=2)
    used = Subject.objects.get(credit_code=code(5))
    SubjectContact.objects.create(user=clerk.user, subject=used, valid_from=NOW.date())
    undo_import(actor=clerk, batch=batch, now=NOW + timedelta(hours=23))
    result = ImportBatch.objects.get(pk=batch.pk).report.undo_result
    assert (result["deleted"], result["restored"], result["kept_count"]) == (1, 1, 3)
    assert {item["name"] for item in result["kept"]} == {
        "滕州市第4机械有限公司",
        "滕州市第5机械有限公司",
        "滕州市第2机械有限公司",
    }
    first = Subject.objects.get(credit_code=code(1))
    assert {name: getattr(first, name) for name in before[first.pk] if name != "pk"} == {
        name: value for name, value in before[first.pk].items() if name != "pk"
    }
    assert (first.profile.address, first.version, first.division_code) == ("", 3, "370481001")
    assert first in Subject.objects.named_like("第1机械")
    assert not Subject.objects.filter(credit_code=code(6)).exists()
    assert Subject.objects.get(credit_code=code(2)).employee_count == 777
    with pytest.raises(IllegalTransition):
        undo_import(actor=clerk, batch=batch, now=NOW)


def test_undo_ends_after_a_day(city, clerk):
    batch = imported(clerk, city, register(firm(1)))
    with pytest.raises(DomainError, match="24 小时"):
        undo_import(actor=clerk, batch=batch, now=NOW + timedelta(hours=24))
    assert Subject.objects.count() == 1


def test_the_users_workbook_comes_back_marked(city, clerk):
    imported(clerk, city, register(firm(1)))
    data = register(firm(1), firm(2), firm(3, 职工人数="三百", 联系电话="1"), firm(1))
    batch = imported(clerk, city, data)
    sheet = load_workbook(BytesIO(make_marked_workbook(batch))).active
    marks = [row[8].value for row in sheet.iter_rows()]
    assert marks[0] == "导入结果"
    assert marks[1:3] == ["不变", "新增"]
    assert marks[3].startswith("未导入：第 4 行 F 列“职工人数”：‘三百’")
    assert "；第 4 行 H 列“联系电话”" in marks[3]
    assert "与第 2 行重复" in marks[4]
    assert sheet["F4"].fill.fgColor.rgb.endswith("FDECEC")
    few = load_workbook(BytesIO(make_marked_workbook(batch, errors_only=True))).active
    assert [row[0].value for row in few.iter_rows()] == ["企业名称", firm(3)[0], firm(1)[0]]


# --- shell ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shell(city, tmp_path):
    def run(kind, data=b"", *options, district="370481", name="名册.xlsx"):
        path = tmp_path / name
        path.write_bytes(data)
        out, err = StringIO(), StringIO()
        arguments = [kind, str(path), *options] + (["--district", district] if district else [])
        status = 0
        try:
            call_command("import_register", *arguments, stdout=out, stderr=err)
        except SystemExit as stop:
            status = stop.code
        except CommandError as error:
            status = error.returncode
            err.write(str(error))
        return status, out.getvalue(), err.getvalue()

    return run


def test_json_has_exactly_the_agreed_keys(shell):
    status, out, _ = shell(
        "enterprises", register(*[firm(n) for n in range(15)], firm(15, 职工人数="三百")), "--json"
    )
    answer = json.loads(out)
    assert status == 1
    assert {name: answer[name] for name in ("created", "updated", "unchanged")} == {
        "created": 15,
        "updated": 0,
        "unchanged": 0,
    }
    assert set(answer) == {"created", "updated", "unchanged", "errors"}
    assert answer["errors"] == [
        {
            "sheet": "企业",
            "row": 17,
            "column": "职工人数",
            "value": "三百",
            "message": "第 17 行 F 列“职工人数”：‘三百’不是数字，请填阿拉伯数字",
        }
    ]


def test_status_is_zero_only_when_all_was_done(shell):
    data = register(firm(1))
    assert shell("enterprises", data, "--json") == (
        0,
        '{"created": 1, "updated": 0, "unchanged": 0, "errors": []}\n',
        "",
    )
    status, out, _ = shell("enterprises", data)
    assert status == 0
    assert "不变 1 家" in out
    status, _, err = shell("enterprises", register(firm(1), firm(2, 联系电话="1")), "--all-or-nothing")
    assert status == 1
    assert "一行也没有写入" in err
    assert Subject.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "code_", "words"),
    [
        (("factories", b"x"), "unknown_kind", "enterprises"),
        (("enterprises", b"x", "--dry-run"), "not_spreadsheet", ""),
        (("enterprises", b""), "empty", "空"),
        (("enterprises", workbook(["颜色", "形状"])), "no_header", "表头"),
        (("enterprises", workbook(["企业名称", "职工人数"])), "missing_column", "统一社会信用代码"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_refusal_is_one_json_object(shell, arguments, code_, words):
    if code_ == "not_spreadsheet":
        arguments = ("enterprises", b"\x00\x01\x02", "--dry-run")
    status, out, _ = shell(*arguments, "--json")
    answer = json.loads(out)
    assert status == 1
    assert set(answer) == {"errors"}
    assert answer["errors"][0]["code"] == code_
    assert words in answer["errors"][0]["message"]


def test_the_district_must_be_known(shell):
    assert "--district" in shell("enterprises", register(firm(1)), district=None)[2]
    status, out, _ = shell("enterprises", register(firm(1)), "--json", district="999999")
    assert (status, json.loads(out)["errors"][0]["code"]) == (1, "unknown_district")
    assert "370481 滕州市" in out


def test_a_missing_file_is_named(city):
    with pytest.raises(CommandError, match="读不了文件"):
        call_command("import_register", "enterprises", "/nowhere/x.xlsx", district="370481")


@pytest.mark.parametrize("kind", list(ImportKind))
def test_a_template_holds_the_agreed_headings_and_is_itself_importable(shell, city, tmp_path, kind):
    path = tmp_path / "模板.xlsx"
    call_command("import_register", kind.value, template=str(path), district="370481", stdout=StringIO())
    sheet = load_workbook(path).worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    if kind is ENTERPRISES:
        assert set(HEADER) <= set(headings)
        rules = [rule.formula1 for rule in sheet.data_validations.dataValidation]
        assert "选项!$C$1:$C$2" in rules
    assert any("示例（导入时忽略）" in str(cell.value) for cell in sheet[2])
    assert shell(kind.value, path.read_bytes(), "--json")[:2] == (
        0,
        '{"created": 0, "updated": 0, "unchanged": 0, "errors": []}\n',
    )


def test_a_filled_template_goes_in(shell):
    book = load_workbook(BytesIO(make_template(ENTERPRISES)))
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[1]}
    for heading, value in zip(HEADER, firm(1), strict=True):
        sheet.cell(3, places[heading], value)
    stream = BytesIO()
    book.save(stream)
    status, out, _ = shell("enterprises", stream.getvalue(), "--json")
    assert (status, json.loads(out)["created"]) == (0, 1)


def test_csv_in_gb18030(shell):
    text = ",".join(HEADER) + "\r\n" + ",".join(str(value) for value in firm(1)) + "\r\n"
    status, out, _ = shell("enterprises", text.encode("gb18030"), "--json", name="名册.csv")
    assert (status, json.loads(out)["created"]) == (0, 1)
