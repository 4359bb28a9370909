from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaozhuang_portal.kernel.parsing import (
    ParseError,
    cell_text,
    clean_text,
    parse_date,
    parse_decimal,
    parse_int,
    parse_phone,
)


@pytest.mark.parametrize(
    "typed",
    [
        "20261105",
        "2026.11.5",
        "2026-11-5",
        "2026年11月5日",
        "2026/11/5",
        "２０２６－１１－０５",
        " 2026-11-05 ",
        "2026-11-05 00:00:00",
        "2026. 11. 5",
        "2026年11月5",
        date(2026, 11, 5),
        datetime(2026, 11, 5, 8),  # noqa: DTZ001 -- a spreadsheet cell has no zone
        46331,
        46331.0,
        20261105.0,
    ],
)
def test_a_date_is_read_in_every_usual_form(typed):
    assert parse_date(typed) == date(2026, 11, 5)


@pytest.mark.parametrize(
    "typed", ["2026-13-01", "2026-02-30", "2026年11月", "26.11.5", "明天", "2026-11.5", "0001-1-1", True, "1"]
)
def test_a_wrong_date_is_refused_with_its_value(typed):
    with pytest.raises(ParseError, match="‘"):
        parse_date(typed)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_dates_survive_every_form(day):
    for form in ("%Y%m%d", "%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y年%m月%d日"):
        assert parse_date(day.strftime(form)) == day


@given(st.dates(date(1954, 10, 4), date(2119, 1, 1)))
def test_excel_serial_numbers_are_days(day):
    assert parse_date((day - date(1899, 12, 30)) / timedelta(days=1)) == day


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("312", 312),
        (" ３１２ ", 312),
        ("3,120", 3120),
        ("3，120", 3120),
        ("1 200", 1200),
        (312.0, 312),
        (7, 7),
        ("312.0", 312),
        ("312人", 312),
        ("", None),
        (None, None),
        ("  ", None),
    ],
)
def test_whole_numbers_are_read_liberally(typed, number):
    assert parse_int(typed, unit="人") == number


@pytest.mark.parametrize(
    "typed", ["三百", "3.5", "1,23", "12,34,567", "约300", "1e5", "--3", True, "0x10", "٣", "1.2.3"]
)
def test_what_is_no_whole_number_is_refused(typed):
    with pytest.raises(ParseError):
        parse_int(typed)


def test_the_message_quotes_the_value_and_the_cure():
    with pytest.raises(ParseError) as caught:
        parse_int("三百")
    assert str(caught.value) == "‘三百’不是数字，请填阿拉伯数字"


def test_bounds_are_inclusive():
    assert parse_int("0", minimum=0, maximum=10) == 0
    assert parse_decimal("10", maximum=10) == 10
    for typed in ("-1", "11"):
        with pytest.raises(ParseError):
            parse_int(typed, minimum=0, maximum=10)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=2))
def test_decimals_are_exact(number):
    assert parse_decimal(f"{number:,}") == number


@given(st.text(max_size=60))
def test_parsers_never_fail_otherwise(text):
    for parser in (parse_date, parse_int, parse_decimal, parse_phone):
        try:
            parser(text)
        except ParseError as error:
            assert str(error).startswith("‘")


def test_decimal_of_a_float_is_what_is_shown():
    assert parse_decimal(0.1) == Decimal("0.1")
    with pytest.raises(ParseError):
        parse_decimal("1.234", places=2)


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("13806321234", "13806321234"),
        ("138 0632 1234", "13806321234"),
        ("138-0632-1234", "13806321234"),
        ("+86 13806321234", "13806321234"),
        ("008613806321234", "13806321234"),
        (13806321234.0, "13806321234"),
        ("0632-3321234", "0632-3321234"),
        ("06323321234", "0632-3321234"),
        ("（0632）3321234", "0632-3321234"),
        ("0632－3321234转801", "0632-3321234-801"),
        ("3321234", "3321234"),
        ("400-800-1234", "400-800-1234"),
        ("", ""),
    ],
)
def test_phones_have_one_form(typed, phone):
    assert parse_phone(typed) == phone


@pytest.mark.parametrize("typed", ["123", "1380632123", "138063212345", "电话", "12806321234"])
def test_wrong_phones_are_refused(typed):
    with pytest.raises(ParseError):
        parse_phone(typed)


def test_text_is_cleaned_of_what_cannot_be_seen():
    assert clean_text(" 滕州\u200b　机械 \x00\u202e厂 ") == "滕州 机械 厂"
    assert cell_text(312.0) == "312"
    assert cell_text(datetime(2026, 11, 5)) == "2026-11-05"  # noqa: DTZ001 -- a spreadsheet cell has no zone
    assert cell_text(None) == ""
