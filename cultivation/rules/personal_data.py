"""Free texts in which no worker may be recognised: identity and mobile numbers are found and refused (C061)."""

from __future__ import annotations

import re
from datetime import date

from zaozhuang_portal.kernel.credit_code import Level, check_credit_code
from zaozhuang_portal.kernel.parsing import to_half_width

# Digits may be grouped by spaces or hyphens; a neighbouring letter or digit makes it another number.
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{6})[ -]?(\d{4})[ -]?(\d{4})[ -]?(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?![0-9A-Za-z])")


def _is_day(text: str) -> bool:
    try:
        return 1900 <= int(text[:4]) <= 2100 and bool(date(int(text[:4]), int(text[4:6]), int(text[6:])))
    except ValueError:
        return False


def _is_credit_code(number: str) -> bool:
    """A 统一社会信用代码 of digits only is no identity number, unless it also holds a birthday."""
    return check_credit_code(number).level is Level.OK and not _is_day(number[6:14])


def personal_data_in(text: str) -> str:
    """What kind of personal number stands in the text: 居民身份证号码, 手机号码, or "" when there is none."""
    plain = to_half_width(text)
    if any(not _is_credit_code("".join(found)) for found in _IDENTITY.findall(plain)):
        return "居民身份证号码"
    return "手机号码" if _MOBILE.search(plain) else ""


def refusal_of(header: str, text: str) -> str:
    """The sentence that refuses the text of a column, or ""."""
    kind = personal_data_in(text)
    return (
        f"“{header}”中有{kind}。台账不记录劳动者个人信息，请删去后再保存，可改写为“某职工”。" if kind else ""
    )
