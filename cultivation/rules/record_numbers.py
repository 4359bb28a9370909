"""编号 of a record in an export: ledger, record id and one check character, e.g. visits-123-K. An import reads it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import mul

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(80))
_NUMBER = re.compile(r"([a-z][a-z0-9-]*)-(\d{1,18})-([0-9A-Z])", re.IGNORECASE)


class RecordNumberError(ValueError):
    """`str(error)` says in Chinese what is wrong with the number."""


def record_number(slug: str, pk: int) -> str:
    return f"{slug}-{pk}-{_check(slug, pk)}"


def paper_number(noun: str, year: int, pk: int) -> str:
    """The number printed on a record's one-page paper, e.g. 专题培训〔2026〕61号."""
    return f"{noun}〔{year}〕{pk}号"


def numberer(slug: str) -> Callable[[int], str]:
    """`record_number` of one ledger, for many rows."""
    begun = sum(ord(char) * _WEIGHTS[place] for place, char in enumerate(slug))
    weights = _WEIGHTS[len(slug) :]

    def number(pk: int) -> str:
        digits = str(pk)
        total = begun + sum(map(mul, map(ord, digits), weights))
        return f"{slug}-{digits}-{_ALPHABET[total % 31]}"

    return number


def read_record_number(slug: str, text: str) -> int | None:
    """The record id; None for a clerk's own numbering (1, 2, 3 or 文号), which says nothing to us.

    Raises RecordNumberError for a number of another ledger or a mistyped one.
    """
    compact = "".join(text.split()).lower()
    matched = _NUMBER.fullmatch(compact)
    if matched is None:
        if compact.startswith(f"{slug}-"):
            raise RecordNumberError("编号不完整，请从导出的表格中复制原来的编号，新增的行请留空")
        return None
    if matched[1] != slug:
        raise RecordNumberError("是另一本台账的编号，请导入到对应的台账，新增的行请留空")
    pk = int(matched[2])
    if matched[3].upper() != _check(slug, pk):
        raise RecordNumberError("编号有误，请从导出的表格中复制原来的编号，新增的行请留空")
    return pk


def _check(slug: str, pk: int) -> str:
    """Weights 3^i mod 31 as in GB 32100: one wrong character or two swapped ones are found."""
    total = sum(ord(char) * _WEIGHTS[place] for place, char in enumerate(f"{slug}{pk}"))
    return _ALPHABET[total % 31]
