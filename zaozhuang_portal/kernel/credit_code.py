"""统一社会信用代码, GB 32100-2015: 18 characters, 31-letter alphabet, check digit modulo 31.

A wrong length or letter is an error; a wrong check digit is only a warning, because real codes that fail
the arithmetic are reported (ux E9): the clerk confirms 「已核对营业执照」.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zaozhuang_portal.kernel.parsing import cell_text, clean_text, quote, to_half_width

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
WEIGHTS = tuple(pow(3, position, 31) for position in range(LENGTH - 1))
_VALUES = {char: value for value, char in enumerate(ALPHABET)}
_LOOKALIKES = {"I": "数字 1", "O": "数字 0", "S": "数字 5", "Z": "数字 2", "V": "字母 U 或 Y"}
_DROPPED = str.maketrans("", "", " -_.·—–－\t\n\r'’‘\"")


class Level(StrEnum):
    OK = "OK"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class CreditCodeCheck:
    """`code` is the normalized code (also when wrong); `message` is empty when `level` is OK."""

    code: str
    level: Level
    message: str = ""

    @property
    def ok(self) -> bool:
        return self.level is Level.OK


def normalize_credit_code(value: object) -> str:
    """Upper-case, half-width, without spaces, dashes and quotation marks. Never raises."""
    text = value if type(value) is str else cell_text(value)
    if text.isascii() and text.isalnum():
        return text.upper()
    return to_half_width(clean_text(text)).translate(_DROPPED).upper()


def check_digit(body: str) -> str:
    """The 18th character for 17 leading ones. Raises ValueError for a wrong length or letter."""
    if len(body) != LENGTH - 1 or any(char not in _VALUES for char in body):
        raise ValueError(f"need {LENGTH - 1} characters of {ALPHABET}")
    total = sum(_VALUES[char] * weight for char, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def make_credit_code(body: str) -> str:
    """A complete code from 17 characters; for fictitious demonstration and test firms."""
    return body + check_digit(body)


def check_credit_code(value: object) -> CreditCodeCheck:
    """Normalize and judge one code: ERROR for length or alphabet, WARNING for the check digit, else OK."""
    code = normalize_credit_code(value)
    if type(value) is float and abs(value) > 2**53:
        return CreditCodeCheck(
            code,
            Level.ERROR,
            "统一社会信用代码被 Excel 当成数字，末几位已丢失，请把该列设为“文本”格式后按营业执照重新填写",
        )
    if len(code) != LENGTH:
        return CreditCodeCheck(
            code,
            Level.ERROR,
            f"{quote(code)}是 {len(code)} 位，统一社会信用代码须为 18 位，请按营业执照填写",
        )
    total = 0
    for position, char in enumerate(code):
        number = _VALUES.get(char)
        if number is None:
            hint = f"，请核对是否为{_LOOKALIKES[char]}" if char in _LOOKALIKES else "，请按营业执照填写"
            return CreditCodeCheck(
                code,
                Level.ERROR,
                f"{quote(code)}第 {position + 1} 位‘{char}’不是统一社会信用代码可用的字符{hint}",
            )
        if position < LENGTH - 1:
            total += number * WEIGHTS[position]
    if code[-1] != ALPHABET[(31 - total % 31) % 31]:
        return CreditCodeCheck(
            code, Level.WARNING, f"{quote(code)}的校验位不符（GB 32100-2015），请核对营业执照；确认无误可继续"
        )
    return CreditCodeCheck(code, Level.OK)
