"""The shell command of the register import: exit status, JSON, templates."""

import json
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from cultivation.models import Subject
from cultivation.rules.imports_fields import ImportKind
from cultivation.services.imports_files import make_template
from tests import factories
from tests.cultivation.import_samples import (
    HEADER,
    City,
    firm,
    make_city,
    register,
    workbook,
)
from tests.cultivation.import_steps import ENTERPRISES
from zaozhuang_portal.accounts.enums import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return make_city()


@pytest.fixture
def clerk(city):
    return factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)


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
