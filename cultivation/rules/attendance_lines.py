"""Attendance pasted from a sheet: name or credit code, then one or two numbers of people."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zaozhuang_portal.kernel.parsing import ParseError, clean_text, parse_int

MAX_LINES = 500
MOST_PEOPLE = 9999
_SPLIT = re.compile(r"\t|[,，;；]|\s{2,}| (?=\d)")
_HEADINGS = frozenset(
    {"企业名称", "名称", "单位", "单位名称", "企业", "统一社会信用代码", "信用代码", "培育对象"}
)


@dataclass(frozen=True)
class AttendanceLine:
    """One line; `problem` says what cannot be read (then the numbers are 0)."""

    number: int
    who: str
    managers: int = 0
    hr: int = 0
    problem: str = ""


def read_attendance_lines(text: str, *, single_is_manager: bool = False) -> list[AttendanceLine]:
    """Lines of “名称或代码 ⇥ 负责人 ⇥ HR”; with one number it counts for HR, or for managers if told so.

    Columns are split by tab, comma, semicolon or spaces. Blank lines and a heading line are passed over.
    Raises ValueError above MAX_LINES lines.
    """
    lines = [(number, raw) for number, raw in enumerate(text.splitlines(), 1) if raw.strip()]
    if len(lines) > MAX_LINES:
        raise ValueError(f"一次最多粘贴 {MAX_LINES} 行，现有 {len(lines)} 行，请分次粘贴。")
    found = []
    for number, raw in lines:
        parts = [clean_text(part) for part in _SPLIT.split(raw.strip())]
        who, numbers = parts[0], [part for part in parts[1:] if part]
        if who in _HEADINGS:
            continue
        found.append(_read(number, who, numbers, single_is_manager))
    return found


def _read(number: int, who: str, parts: list[str], single_is_manager: bool) -> AttendanceLine:
    if not who:
        return AttendanceLine(number, "", problem="没有名称或信用代码")
    if not 1 <= len(parts) <= 2:
        words = "没有人数" if not parts else f"有 {len(parts)} 列人数，最多两列（负责人、人力资源）"
        return AttendanceLine(number, who, problem=words)
    try:
        values = [parse_int(part, minimum=0, maximum=MOST_PEOPLE, unit="人") or 0 for part in parts]
    except ParseError as error:
        return AttendanceLine(number, who, problem=str(error))
    if len(values) == 1:
        values = [values[0], 0] if single_is_manager else [0, values[0]]
    if not any(values):
        return AttendanceLine(number, who, problem="人数为 0，没有参训的不必粘贴")
    return AttendanceLine(number, who, values[0], values[1])
