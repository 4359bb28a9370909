"""Golden table: one cell of each kind of column to one value, or one sentence that says how to mend it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivation.rules.imports_cells import Ref, Unresolved, make_ledger_readers, same_value
from cultivation.rules.imports_fields import RECORD_NUMBER, ImportField
from cultivation.rules.imports_values import MASKED
from cultivation.rules.record_numbers import RecordNumberError, numberer, read_record_number, record_number

CHOICES = (("LAW", "法律法规、政策"), ("PAY", "工资工时"), ("OTHER", "其他"))
FIELDS = {
    "text": ImportField("text", "主题", "", longest=6, maskable=False),
    "masked": ImportField("masked", "联系人", ""),
    "long": ImportField("long", "情况", "", kind="long_text", longest=20, maskable=False),
    "count": ImportField("count", "人数", "", kind="integer", unit="人", maximum=500),
    "share": ImportField("share", "比例", "", kind="decimal", places=1, maximum=100),
    "day": ImportField("day", "日期", "", kind="date"),
    "month": ImportField("month", "月份", "", kind="month"),
    "year": ImportField("year", "年度", "", kind="year"),
    "flag": ImportField("flag", "一站式", "", kind="boolean"),
    "one": ImportField("one", "方式", "", kind="choice", choices=CHOICES),
    "many": ImportField("many", "内容", "", kind="choices", choices=CHOICES),
    "phone": ImportField("phone", "电话", "", kind="phone"),
    "url": ImportField("url", "链接", "", kind="url", longest=60),
    "unit": ImportField("unit", "单位", "", kind="member_unit"),
    RECORD_NUMBER: ImportField(RECORD_NUMBER, "编号", "", kind="number"),
}
UNIT = Ref(7, "滕州市总工会")


def find_unit(text: str) -> Ref | Unresolved:
    return UNIT if text == "滕州市总工会" else Unresolved(text, "单位找不到", f"‘{text}’不是成员单位")


READERS = make_ledger_readers(FIELDS, "visits", {"unit": find_unit})


@pytest.mark.parametrize(
    ("key", "cell", "value"),
    [
        ("text", "  集体　协商 ", "集体 协商"),
        ("text", 312.0, "312"),
        ("text", "5*24", "5*24"),
        ("masked", "张*", MASKED),
        ("masked", "张三", "张三"),
        ("long", "一\r\n二_x000D_\n三 ", "一\n二\n三"),
        ("count", "３１２人", 312),
        ("count", 312.0, 312),
        ("count", "0", 0),
        ("share", "96.5", Decimal("96.5")),
        ("share", 96.5, Decimal("96.5")),
        ("day", "2026年11月5日", date(2026, 11, 5)),
        ("day", 46331.0, date(2026, 11, 5)),
        ("month", "2026-10", date(2026, 10, 1)),
        ("month", "2026年10月", date(2026, 10, 1)),
        ("month", "202610", date(2026, 10, 1)),
        ("month", datetime(2026, 10, 17, tzinfo=UTC), date(2026, 10, 1)),
        ("year", "2026年度", 2026),
        ("year", 2026.0, 2026),
        ("flag", "是", True),
        ("flag", "√", True),
        ("flag", "一站式", True),
        ("flag", "否", False),
        ("flag", 0.0, False),
        ("flag", True, True),
        ("one", "工资工时", "PAY"),
        ("one", "PAY", "PAY"),
        ("many", "其他、法律法规、政策", ["LAW", "OTHER"]),
        ("many", "工资工时，其他;工资工时", ["PAY", "OTHER"]),
        ("phone", "138 0632 1234", "13806321234"),
        ("phone", "138****1234", MASKED),
        ("url", "www.zaozhuang.gov.cn/a", "https://www.zaozhuang.gov.cn/a"),
        ("unit", " 滕州市总工会 ", UNIT),
        (RECORD_NUMBER, record_number("visits", 123), 123),
        (RECORD_NUMBER, f" {record_number('visits', 123).upper()} ", 123),
        (RECORD_NUMBER, 12.0, None),
        (RECORD_NUMBER, "滕人社〔2024〕9号", None),
    ],
)
def test_good_cells(key, cell, value):
    assert READERS[key](cell) == (value, "", "")


@pytest.mark.parametrize(
    ("key", "cell", "words"),
    [
        ("text", "一二三四五六七", "‘一二三四五六七’有 7 个字，超过 6 个字"),
        ("count", "三百", "‘三百’不是数字，请填阿拉伯数字"),
        ("count", 501, "大于 500"),
        ("count", -1, "小于 0"),
        ("share", "96.55", "小数超过 1 位"),
        ("day", "去年秋天", "不是完整的日期"),
        ("day", "2026-02-30", "不是存在的日期"),
        ("month", "2026-13", "不是"),
        ("year", "2031", "2023 至 2027"),
        ("flag", "大概", "请填“是”或“否”"),
        ("one", "现场", "请填“法律法规、政策”“工资工时”“其他”之一"),
        ("many", "工资工时、集体协商", "‘集体协商’不在可选范围内"),
        ("phone", "12345", "不是有效的电话号码"),
        ("url", "见附件", "不是完整的网址"),
        (RECORD_NUMBER, "visits-123", "编号不完整"),
        (RECORD_NUMBER, record_number("trainings", 123), "另一本台账"),
    ],
)
def test_bad_cells_say_what_and_how_to_mend(key, cell, words):
    value, cause, what = READERS[key](cell)
    assert value is None
    assert cause.startswith(FIELDS[key].header)
    assert words in what


def test_a_word_that_names_nothing_waits_for_what_is_stored():
    value, cause, _ = READERS["unit"]("区总工会")
    assert isinstance(value, Unresolved)
    assert (value.text, cause) == ("区总工会", "")


@given(st.integers(1, 10**15), st.sampled_from(["visits", "service-point-tallies"]))
def test_a_number_is_read_back_and_a_typing_slip_is_found(pk, slug):
    number = record_number(slug, pk)
    assert number == numberer(slug)(pk)
    assert read_record_number(slug, number) == pk
    digits = str(pk)
    slip = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    with pytest.raises(RecordNumberError):
        read_record_number(slug, f"{slug}-{slip}-{number[-1]}")


@pytest.mark.parametrize(
    ("kind", "old", "new", "same"),
    [
        ("text", None, "", True),
        ("text", "甲  乙", "甲 乙", True),
        ("long_text", "一\r\n二", "一\n二", True),
        ("choices", [], None, True),
        ("decimal", Decimal("12.50"), Decimal("12.5"), True),
        ("integer", 0, None, False),
        ("boolean", False, None, False),
        ("date", date(2026, 1, 1), date(2026, 1, 2), False),
    ],
)
def test_what_counts_as_the_same(kind, old, new, same):
    assert same_value(kind, old, new) is same
