"""Liberal parsing of what clerks type (ux E7): full-width characters, spaces, commas, six date forms.

A parser takes a typed text or a spreadsheet cell and returns the value, None for blank, or raises
ParseError whose message quotes the value and says how to mend it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

CellValue = str | int | float | bool | date | datetime | Decimal | None

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"\s+")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_DATE = re.compile(r"(\d{4})([-./年])(\d{1,2})([-./月])(\d{1,2})日?", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-./年]?(\d{1,2})月?", re.ASCII)
_TIME_TAIL = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(0\d{2,3})-?(\d{7,8})(?:(?:-|转|ext\.?|x)(\d{1,6}))?", re.ASCII)
_LOCAL = re.compile(r"(\d{7,8})(?:(?:-|转)(\d{1,6}))?", re.ASCII)
_SERVICE = re.compile(r"([48]00)-?(\d{3})-?(\d{4})", re.ASCII)
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIAL_RANGE = range(20000, 80000)  # 1954 to 2119: what a date cell without a date format holds
_LONGEST_QUOTE = 30
MAX_TEXT = 4000


class ParseError(ValueError):
    """The value cannot be read. `str(error)` is Chinese, quotes the value and says how to mend it."""


def quote(value: object) -> str:
    """The value as shown in a message: ‘三百’, shortened to 30 characters."""
    text = value if isinstance(value, str) else cell_text(value)
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()
    if len(text) > _LONGEST_QUOTE:
        text = text[: _LONGEST_QUOTE - 1] + "…"
    return f"‘{text}’"


def to_half_width(text: str) -> str:
    """Full-width ASCII and the ideographic space become half-width; Chinese punctuation stays."""
    if text.isascii():
        return text
    return "".join(
        chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else " " if char == "\u3000" else char
        for char in text
    )


def clean_text(value: object) -> str:
    """Trimmed text: invisible and control characters dropped, runs of white space one space, NFC.

    Width is kept: a full-width bracket in a company's name is part of the name.
    """
    text = value if isinstance(value, str) else cell_text(value)
    if text.isascii() and text.isprintable():
        return text.strip() if "  " not in text else _SPACES.sub(" ", text).strip()
    text = _INVISIBLE.sub("", text)
    text = _SPACES.sub(" ", text).strip()
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def cell_text(value: object) -> str:
    """A spreadsheet cell as a person reads it: 312.0 is 312, a date is 2026-11-05, blank is ''."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e21:
            return str(int(value))
        return repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def whole_number(text: str | None, *, digits: int = 18) -> int | None:
    """A whole number in an address or a hidden field: ASCII digits only, at most `digits` of them; else None.

    `str.isdigit` is also true of `²`, which `int` refuses, and thirty digits are in no column.
    """
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= digits):
        return None
    return int(text)


def _compact(value: object) -> str:
    return _SPACES.sub("", to_half_width(clean_text(value)))


def parse_decimal(
    value: CellValue,
    *,
    minimum: Decimal | int | None = None,
    maximum: Decimal | int | None = None,
    places: int | None = None,
    unit: str = "",
) -> Decimal | None:
    """A decimal number, exactly as written; thousands commas and a trailing `unit` are dropped.

    Bounds are inclusive. Raises ParseError for words, wrong grouping, more than `places` decimals or a
    value out of range.
    """
    if value is None or value == "":
        return None
    if isinstance(value, (bool, date)):
        raise ParseError(f"{quote(value)}不是数字，请填阿拉伯数字")
    text = _compact(repr(value) if isinstance(value, float) and not value.is_integer() else value)
    text = text.replace("，", ",").removesuffix(unit) if unit else text.replace("，", ",")
    if not text:
        return None
    if "," in text:
        if not _GROUPED.fullmatch(text):
            raise ParseError(f"{quote(value)}中逗号的位置不对，请去掉逗号重填，如 12345")
        text = text.replace(",", "")
    if len(text) > 40 or not _PLAIN_NUMBER.fullmatch(text):
        raise ParseError(f"{quote(value)}不是数字，请填阿拉伯数字")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ParseError(f"{quote(value)}不是数字，请填阿拉伯数字") from None
    if places is not None and -int(number.normalize().as_tuple().exponent) > places:
        raise ParseError(f"{quote(value)}的小数超过 {places} 位，请四舍五入后重填")
    if minimum is not None and number < minimum:
        raise ParseError(f"{quote(value)}小于 {minimum}，请核对后重填")
    if maximum is not None and number > maximum:
        raise ParseError(f"{quote(value)}大于 {maximum}，请核对后重填")
    return number


def parse_int(
    value: CellValue, *, minimum: int | None = None, maximum: int | None = None, unit: str = ""
) -> int | None:
    """A whole number (312, '3,120', 312.0). Raises ParseError as parse_decimal, also for a fraction."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is int:
        number = value
    else:
        exact = parse_decimal(value, unit=unit)
        if exact is None:
            return None
        if exact != exact.to_integral_value():
            raise ParseError(f"{quote(value)}不是整数，请填整数")
        number = int(exact)
    if minimum is not None and number < minimum:
        raise ParseError(f"{quote(value)}小于 {minimum}，请核对后重填")
    if maximum is not None and number > maximum:
        raise ParseError(f"{quote(value)}大于 {maximum}，请核对后重填")
    return number


def parse_date(value: CellValue) -> date | None:
    """A calendar day from 20261105, 2026.11.5, 2026-11-5, 2026/11/5, 2026年11月5日 or a spreadsheet date.

    Years 1900 to 2100. Raises ParseError when it is no such day or the day is missing.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value in _SERIAL_RANGE:
        return _EXCEL_EPOCH + timedelta(days=int(value))
    raw = to_half_width(clean_text(value)).replace("。", ".")
    text = _SPACES.sub("", _TIME_TAIL.sub("", raw))
    if not text:
        return None
    matched = _COMPACT_DATE.fullmatch(text)
    if matched:
        parts = matched.groups()
    else:
        loose = _DATE.fullmatch(text)
        if loose is None or (loose[2], loose[4]) not in {("-", "-"), (".", "."), ("/", "/"), ("年", "月")}:
            raise ParseError(f"{quote(value)}不是完整的日期，请按 2026-11-05 的形式填写年月日")
        parts = (loose[1], loose[3], loose[5])
    year, month, day = (int(part) for part in parts)
    if not 1900 <= year <= 2100:
        raise ParseError(f"{quote(value)}的年份不在 1900 至 2100 之间，请核对后重填")
    try:
        return date(year, month, day)
    except ValueError:
        raise ParseError(f"{quote(value)}不是存在的日期，请核对月和日") from None


def parse_month(value: CellValue) -> date | None:
    """The first day of a month from 2026-11, 2026.11, 202611, 2026年11月, or of the month of a whole date.

    Raises ParseError as parse_date.
    """
    if isinstance(value, (date, datetime)):
        return value.replace(day=1) if not isinstance(value, datetime) else value.date().replace(day=1)
    text = _SPACES.sub("", to_half_width(clean_text(value)))
    matched = _MONTH.fullmatch(text)
    if matched is None:
        try:
            day = parse_date(value)
        except ParseError:
            raise ParseError(f"{quote(value)}不是月份，请按 2026-11 的形式填写年和月") from None
        return day.replace(day=1) if day else None
    year, month = int(matched[1]), int(matched[2])
    if not (1900 <= year <= 2100 and 1 <= month <= 12):
        raise ParseError(f"{quote(value)}不是存在的月份，请核对年和月")
    return date(year, month, 1)


def parse_phone(value: CellValue) -> str:
    """A mainland phone number: mobile, landline (0632-1234567, extension after -), 400/800; '' for blank.

    Spaces, brackets and dots are dropped, +86 is removed. Raises ParseError for anything else.
    """
    if value is None or value == "":
        return ""
    text = _compact(value).lower().replace("—", "-").replace("–", "-").replace("－", "-").replace("·", "")
    text = text.replace("（", "(").replace("）", ")")
    text = re.sub(r"^\((0\d{2,3})\)-?", r"\1-", text)
    text = re.sub(r"^(?:\+|00)86-?|^86-?(?=1[3-9]\d{9}$)", "", text)
    if not text:
        return ""
    digits = text.replace("-", "").replace(".", "")
    if _MOBILE.fullmatch(digits):
        return digits
    for pattern in (_SERVICE, _LANDLINE, _LOCAL):
        matched = pattern.fullmatch(text)
        if matched:
            return "-".join(part for part in matched.groups() if part)
    raise ParseError(f"{quote(value)}不是有效的电话号码，请填 11 位手机号，或带区号的固定电话如 0632-1234567")
