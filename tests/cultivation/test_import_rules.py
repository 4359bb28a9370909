"""The pure part of the import: headings, rows, values, messages."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivation.enums import ImportKindChoice, Ownership, SizeClass
from cultivation.rules.imports_errors import column_letter, group_by_cause
from cultivation.rules.imports_fields import SPECS, ImportKind
from cultivation.rules.imports_headers import Certainty, find_layout, guess_key
from cultivation.rules.imports_plan import UNCONFIRMED_CODE, Existing, plan_import
from cultivation.rules.imports_rows import check_rows, find_tables
from cultivation.rules.imports_scan import Skip, scan_rows
from cultivation.rules.imports_values import MASKED, OWNERSHIP_WORDS, SIZE_WORDS, Place, Reference
from tests.cultivation.import_samples import HEADER, code, firm, golden
from zaozhuang_portal.kernel.spreadsheets import read_workbook

ENTERPRISES = SPECS[ImportKind.ENTERPRISES]
REFERENCE = Reference(
    1,
    "滕州市",
    (
        Place(11, "370481001", "荆河街道", 1, "滕州市"),
        Place(12, "370481101", "洪绪镇", 1, "滕州市"),
        Place(21, "370403002", "兴仁街道", 3, "枣庄高新技术产业开发区"),
    ),
)


def checked(*rows, kind=ENTERPRISES, header=HEADER, reference=REFERENCE):
    sheets = {"表": [header, *rows]}
    return check_rows(kind, sheets, find_tables(kind, list(sheets.items())), reference)


def only_error(*rows, **options):
    check = checked(*rows, **options)
    assert len(check.errors) == 1, check.errors
    return check.errors[0]


def test_codes_of_rules_and_enums_agree():
    assert {kind.value for kind in ImportKind} == set(ImportKindChoice.values)
    assert dict(Ownership.choices) == OWNERSHIP_WORDS
    assert dict(SizeClass.choices) == SIZE_WORDS


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("企业名称", "name"),
        ("单位\n名称", "name"),
        ("*企业名称（必填）", "name"),
        ("信用代码", "credit_code"),
        ("人 数", "employee_count"),
        ("职工人数(人)", "employee_count"),
        ("营业收入（万元）", "annual_revenue"),
        ("乡镇（街道）", "township"),
        ("镇（街）", "township"),
        ("联系电话", "contact_phone"),
        ("序号", "ignored"),
        ("区（市）", "district"),
    ],
)
def test_headings_are_known_by_their_synonyms(heading, key):
    assert guess_key(ENTERPRISES, heading) == (key, Certainty.EXACT)


def test_a_heading_that_contains_a_synonym_is_only_a_guess():
    assert guess_key(ENTERPRISES, "2025年末职工人数") == ("employee_count", Certainty.GUESS)
    assert guess_key(ENTERPRISES, "颜色") == ("", Certainty.NONE)


def test_an_exact_heading_wins_over_a_guess_for_the_same_field():
    layout = find_layout(ENTERPRISES, [["其中女职工人数", "职工人数", "企业名称", "信用代码"]])
    assert [column.key for column in layout.columns] == ["", "employee_count", "name", "credit_code"]
    assert layout.is_sure()


def test_the_users_mapping_overrides_the_guess():
    rows = [["厂名", "号码", "人数"], ["甲", code(1), 3]]
    assert find_layout(ENTERPRISES, rows) is None
    layout = find_layout(ENTERPRISES, rows, {"厂名": "name", "号码": "credit_code", "人数": ""})
    assert [column.key for column in layout.columns] == ["name", "credit_code", ""]


def test_a_sheet_without_headings_has_no_layout():
    assert find_layout(ENTERPRISES, [["本表由区（市）填写"], ["", ""], [1, 2, 3]]) is None


def test_the_golden_sheet_is_understood():
    sheets = [(sheet.name, sheet.rows) for sheet in read_workbook(golden())]
    first, second = find_tables(ENTERPRISES, sheets)
    assert (first.layout.header_row, first.layout.depth) == (2, 2)
    assert second.layout is None
    why = dict(scan_rows(sheets[0][1], first.layout, ENTERPRISES.identity))
    data = [row + 1 for row, skip in why.items() if skip is None]
    assert data == [6, 7, 9]
    assert [skip for skip in why.values() if skip] == [
        Skip.NUMBERING,
        Skip.HEADING,
        Skip.BLANK,
        Skip.TOTAL,
        Skip.NOTE,
        Skip.NOTE,
    ]


def test_good_cells_become_typed_values():
    row = firm(1, 职工人数="１，２００人", 联系电话="138 0632 1234", 经济类型="国有控股", 所属行业="Ｃ34")
    (draft,) = checked(row).drafts
    assert draft.values == {
        "name": "滕州市第1机械有限公司",
        "credit_code": code(1),
        "township": REFERENCE.places[0],
        "industry_code": "34",
        "ownership": "STATE",
        "employee_count": 1200,
        "contact_name": "王五",
        "contact_phone": "13806321234",
    }


def test_the_message_is_that_of_the_convention():
    error = only_error(*[firm(number) for number in range(1, 16)], firm(16, 职工人数="三百"))
    assert error.message == "第 17 行 F 列“职工人数”：‘三百’不是数字，请填阿拉伯数字"
    assert error.as_json() == {
        "sheet": "表",
        "row": 17,
        "column": "职工人数",
        "value": "三百",
        "message": error.message,
    }


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"统一社会信用代码": ""}, "统一社会信用代码", "没有填写"),
        ({"统一社会信用代码": code(1)[:17]}, "统一社会信用代码", "17 位"),
        ({"统一社会信用代码": 913704000000000196.0}, "统一社会信用代码", "文本"),
        ({"统一社会信用代码": code(1).replace("MA", "MO")}, "统一社会信用代码", "数字 0"),
        ({"企业名称": "  "}, "企业名称", "没有填写"),
        ({"企业名称": "长" * 121}, "企业名称", "121 个字"),
        ({"乡镇（街道）": "兴仁街道"}, "乡镇（街道）", "由枣庄高新技术产业开发区管理"),
        ({"乡镇（街道）": "东山镇"}, "乡镇（街道）", "不是滕州市的乡镇"),
        ({"所属行业": "炼丹业"}, "所属行业", "GB/T 4754"),
        ({"经济类型": "乡绅"}, "经济类型", "民营"),
        ({"职工人数": -1}, "职工人数", "小于 0"),
        ({"职工人数": 12.5}, "职工人数", "不是整数"),
        ({"联系电话": "12345"}, "联系电话", "电话号码"),
    ],
)
def test_a_wrong_cell_is_named_with_its_cure(changes, column, words):
    error = only_error(firm(1, **changes))
    assert error.column == column
    assert words in error.what
    assert checked(firm(1, **changes)).drafts == []


def test_all_errors_of_a_row_come_at_once():
    assert len(checked(firm(1, 职工人数="三百", 联系电话="1", 经济类型="？")).errors) == 3


@pytest.mark.parametrize(
    "text", ["荆河", "荆河街道", "滕州市荆河街道", "荆河街道办事处", "370481001", "枣庄市滕州市荆河街道"]
)
def test_townships_are_found_by_name_or_code(text):
    (draft,) = checked(firm(1, **{"乡镇（街道）": text})).drafts
    assert draft.values["township"].id == 11


def test_a_legal_form_is_no_economic_type_but_no_error():
    check = checked(firm(1, 经济类型="有限责任公司"))
    assert "ownership" not in check.drafts[0].values
    assert "登记形式" in check.warnings[0].what


def test_blank_optional_cells_are_fine():
    row = [firm(1)[0], firm(1)[1], *[""] * 6]
    (draft,) = checked(row).drafts
    assert set(draft.values) == {"name", "credit_code"}


def test_a_second_row_with_the_same_key_names_the_first():
    error = only_error(firm(1), firm(2), firm(1, 企业名称="另一个名字"))
    assert error.row == 4
    assert "与第 2 行重复" in error.what


def test_rows_of_another_district_are_refused_when_the_sheet_says_so():
    error = only_error(["高新区", *firm(1)], ["滕州", *firm(2)], header=["区（市）", *HEADER])
    assert (error.row, error.column) == (2, "区（市）")


def test_the_example_row_is_ignored():
    assert checked(["示例（导入时忽略）某厂", *firm(1)[1:]]).drafts == []


def test_masked_cells_are_marked_as_unchanged():
    (draft,) = checked(firm(1, 联系电话="138****1234", 联系人="王*")).drafts
    assert draft.values["contact_phone"] is MASKED
    assert draft.values["contact_name"] is MASKED


def planned(check, existing=None, **options):
    return plan_import(ENTERPRISES, check.drafts, existing or {}, district_id=1, columns={}, **options)


def known(**changes):
    (draft,) = checked(firm(1)).drafts
    values = {**draft.values, "township": 11, "size_class": None, "size_overridden": False}
    return {code(1): replace(Existing(5, 3, 1, "ACTIVE", values), **changes)}


def test_new_changed_and_unchanged():
    assert len(planned(checked(firm(1))).created) == 1
    assert len(planned(checked(firm(1)), known()).unchanged) == 1
    (item,) = planned(checked(firm(1, 职工人数=312, 联系人="")), known()).changed
    assert (item.id, item.version, item.changes) == (5, 3, {"employee_count": (101, 312)})


def test_masked_and_blank_cells_change_nothing():
    plan = planned(checked(firm(1, 联系电话="138****1234", 联系人=None)), known())
    assert len(plan.unchanged) == 1


def test_a_new_row_must_not_be_masked():
    (error,) = planned(checked(firm(1, 联系电话="138****1234"))).errors
    assert error.column == "联系电话"


def test_another_districts_firm_tells_nothing():
    plan = planned(checked(firm(1)), known(district_id=9))
    assert "已由其他区（市）建档" in plan.errors[0].what
    assert "滕州市第1机械有限公司" not in plan.errors[0].what
    assert not plan.changed


def test_a_deregistered_firm_is_not_touched():
    assert "已注销" in planned(checked(firm(1)), known(state="DEREGISTERED")).errors[0].what


WRONG_DIGIT = code(1)[:-1] + ("0" if code(1)[-1] != "0" else "1")


def test_a_wrong_check_digit_needs_a_word():
    check = checked(firm(1, 统一社会信用代码=WRONG_DIGIT))
    assert "校验位" in check.warnings[0].what
    assert planned(check).created[0].values["credit_code_note"] == UNCONFIRMED_CODE
    assert (
        planned(check, code_note="已核对营业执照").created[0].values["credit_code_note"] == "已核对营业执照"
    )


def test_the_word_may_stand_in_the_file():
    check = checked([*firm(1, 统一社会信用代码=WRONG_DIGIT), "已核对"], header=[*HEADER, "信用代码说明"])
    assert check.warnings == []
    assert planned(check).created[0].values["credit_code_note"] == "已核对"


def test_the_size_class_is_computed():
    header = [*HEADER, "营业收入（万元）", "企业规模"]
    (new,) = planned(checked([*firm(1, 职工人数=320), "2,500", ""], header=header)).created
    assert (new.values["size_class"], new.values["size_overridden"]) == ("MEDIUM", False)
    plan = planned(checked([*firm(1, 职工人数=320), "2500", "大型"], header=header))
    assert plan.created[0].values["size_class"] == "MEDIUM"
    assert "测算" in plan.warnings[0].what
    (new,) = planned(checked([*firm(1, 职工人数=320), None, "大型企业"], header=header)).created
    assert (new.values["size_class"], new.values["size_overridden"]) == ("LARGE", True)


def test_parks_and_pilots_have_their_own_keys():
    (park,) = checked(
        ["滕州（经济）开发区", "荆河街道"], kind=SPECS[ImportKind.PARKS], header=["园区名称", "乡镇（街道）"]
    ).drafts
    assert park.key == "滕州经济开发区"
    header = ["试点名称", "年度"]
    check = checked(["玻璃行业", "2026年"], ["玻璃行业", 2027], kind=SPECS[ImportKind.PILOTS], header=header)
    assert [draft.key for draft in check.drafts] == [("玻璃行业", 2026), ("玻璃行业", 2027)]
    assert "2023 至 2027" in only_error(["玻璃行业", 2031], kind=SPECS[ImportKind.PILOTS], header=header).what


def test_doubts_are_grouped_by_cause():
    check = checked(*[firm(n, 统一社会信用代码="") for n in range(3)], firm(9, 职工人数="x"))
    assert [(group.cause, group.count) for group in group_by_cause(check.errors)] == [
        ("缺少统一社会信用代码", 3),
        ("职工人数填写有误", 1),
    ]


def test_column_letters():
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_every_synonym_leads_to_one_field():
    for spec in SPECS.values():
        for field in spec.fields:
            assert guess_key(spec, field.header) == (field.key, Certainty.EXACT)


cells = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.floats(allow_nan=False),
    st.booleans(),
    st.dates(),
    st.sampled_from(HEADER),
)


@given(st.lists(st.lists(cells, max_size=10), max_size=12), st.sampled_from(list(SPECS.values())))
def test_no_sheet_breaks_the_pure_part(rows, kind):
    header = [field.header for field in kind.fields]
    check = checked(*rows, kind=kind, header=header)
    plan_import(kind, check.drafts, {}, district_id=1, columns={})
