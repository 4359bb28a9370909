"""Pasted lines against the register: each names one enterprise by credit code or by its name."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from django.db.models import Q

from cultivation.enums import SubjectState
from cultivation.models import Subject
from cultivation.models.subjects import SubjectQuerySet
from zaozhuang_portal.kernel.credit_code import ALPHABET, LENGTH, normalize_credit_code
from zaozhuang_portal.kernel.names import compact_name, normalize_name

MOST_LINES = 2000


@dataclass(frozen=True)
class LineMatch:
    """One pasted line. `subject` None: not found, or not one only; `why` says so. `number` is that of the pasted text, from 1."""

    number: int
    text: str
    subject: Subject | None
    why: str = ""


def _as_code(text: str) -> str:
    code = normalize_credit_code(text)
    return code if len(code) == LENGTH and all(char in ALPHABET for char in code) else ""


def pasted_lines(text: str) -> dict[str, int]:
    """Lines with something in them, only the first cell of each (a column pasted from Excel), each once, with the
    number of the line it stood on first: empty and repeated lines count, so the number is the one on the person's sheet.
    """
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if cell := line.partition("\t")[0].strip():
            found.setdefault(cell, number)
    return found


def match_lines(subjects: SubjectQuerySet, text: str) -> list[LineMatch]:
    """Each pasted line with the one active subject of `subjects` it names. Statements: 1."""
    lines = dict(islice(pasted_lines(text).items(), MOST_LINES))
    codes = {code for line in lines if (code := _as_code(line))}
    names = {normalize_name(line) for line in lines if compact_name(line) and not _as_code(line)}
    if not codes and not names:
        return [LineMatch(number, line, None, "不是企业名称或信用代码") for line, number in lines.items()]
    found = list(
        subjects.filter(state=SubjectState.ACTIVE).filter(
            Q(credit_code__in=codes) | Q(normalized_name__in=names)
        )
    )
    by_code = {subject.credit_code: subject for subject in found if subject.credit_code}
    by_name: dict[str, list[Subject]] = {}
    for subject in found:
        by_name.setdefault(subject.normalized_name, []).append(subject)
    matches = []
    for line, number in lines.items():
        code = _as_code(line)
        if code:
            hit = by_code.get(code)
            matches.append(LineMatch(number, line, hit, "" if hit else "登记表中没有这个信用代码"))
            continue
        alike = by_name.get(normalize_name(line), [])
        exact = [subject for subject in alike if compact_name(subject.name) == compact_name(line)]
        one = exact[0] if len(exact) == 1 else alike[0] if len(alike) == 1 else None
        why = "" if one else "有多个同名对象，请改填信用代码" if alike else "登记表中没有这个名称"
        matches.append(LineMatch(number, line, one, why))
    return matches
