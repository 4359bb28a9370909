"""落实情况检查表: the file of a district's checklist, checked and in its canonical form (C041–C119, C091)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import yaml

from evaluation.rules.problems import Problem, Problems, ProblemsError
from evaluation.rules.yaml_text import YamlError, read_yaml

MOST_LINES = 100
_CODE = re.compile(r"[A-Z]{1,3}[0-9]{2,3}")
# Key of a line → most characters. `evidence` is a list of such texts.
_TEXTS = {"clause": 60, "title": 200, "looked_at": 300, "judged_by": 300}
_HEAD = {"code": 40, "version": 40, "title": 120, "source": 200}
_MOST_PAPERS, _MOST_PAPER = 20, 100


class ChecklistError(ProblemsError):
    """The file cannot be taken as it stands; every problem is told."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems, code="checklist")


# How the head of a file says that no official text stands behind it.
RECONSTRUCTION = "草拟稿"
_WORDS = {
    "clause": "条款",
    "title": "检查事项",
    "looked_at": "看什么",
    "evidence": "应看材料",
    "judged_by": "如何判断",
    "fact": "系统事实",
}


@dataclass(frozen=True)
class LineChange:
    """One line added, taken out, or worded otherwise than in the version before."""

    code: str
    what: str
    before: str
    after: str


def checklist_changes(
    old: Sequence[Mapping[str, object]], new: Sequence[Mapping[str, object]]
) -> list[LineChange]:
    """What `new` changes against `old`, in the order of `new`, what was taken out at the end."""
    before, after = ({str(line["code"]): line for line in lines} for lines in (old, new))
    found = []
    for code, line in after.items():
        if code not in before:
            found.append(LineChange(code, "新增", "", _in_words(line["title"])))
            continue
        for key, label in _WORDS.items():
            pair = _in_words(before[code].get(key)), _in_words(line.get(key))
            if pair[0] != pair[1]:
                found.append(LineChange(code, label, *pair))
    gone = [code for code in before if code not in after]
    return found + [LineChange(code, "删去", _in_words(before[code]["title"]), "") for code in gone]


def _in_words(value: object) -> str:
    return "、".join(str(one) for one in value) if isinstance(value, list) else str(value or "")


def check_checklist(source: bytes) -> tuple[dict[str, object], bytes]:
    """For the limited process: {"checklist": …} or {"problems": [[code, path, message], …]}."""
    try:
        return {"checklist": asdict(read_checklist(source))}, b""
    except ChecklistError as error:
        return {"problems": [[one.code, one.path, one.message] for one in error.problems]}, b""


def write_checklist(checklist: Checklist) -> str:
    """The file of a version; loaded again it gives the same."""
    content = {**asdict(checklist), "lines": [dict(line) for line in checklist.lines]}
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000))


@dataclass(frozen=True)
class Checklist:
    """`lines` in the order of the file: code, clause, title, looked_at, evidence (list), judged_by, fact."""

    code: str
    version: str
    title: str
    source: str
    lines: tuple[dict[str, object], ...]

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical JSON of everything an inspector reads."""
        content = [self.title, self.source, *self.lines]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def read_checklist(source: bytes | str) -> Checklist:
    """The checklist of a YAML file (UTF-8, at most 2 MB). Raises ChecklistError with every problem."""
    try:
        data = read_yaml(source)
    except YamlError as error:
        raise ChecklistError((error.problem,)) from error
    problems = Problems()
    if not isinstance(data, dict) or not isinstance(data.get("lines"), list):
        problems.add(
            "SHAPE", "", "文件应有 code、version、title、source 和 lines（检查事项列表）。请对照样表补齐。"
        )
        raise ChecklistError(problems.as_tuple())
    head = {key: _text(data, key, most, key, problems) for key, most in _HEAD.items()}
    if unknown := sorted(str(key) for key in set(data) - {*_HEAD, "lines"}):
        problems.add("UNKNOWN_KEY", "", f"不认识的项目：{'、'.join(unknown)}。请删去或改正拼写。")
    if not 1 <= len(data["lines"]) <= MOST_LINES:
        problems.add("LINE_COUNT", "lines", f"检查事项应有 1–{MOST_LINES} 条，现有 {len(data['lines'])} 条。")
    lines, seen = [], set()
    for number, row in enumerate(data["lines"][:MOST_LINES], start=1):
        line = _line(row, f"第 {number} 条", problems)
        if line and line["code"] in seen:
            problems.add(
                "TWICE", f"lines[{number}]", f"第 {number} 条：编号 {line['code']} 重复。请改用未用过的编号。"
            )
        if line:
            seen.add(line["code"])
            lines.append(line)
    if len(problems):
        raise ChecklistError(problems.as_tuple())
    return Checklist(**head, lines=tuple(lines))


def _line(row: object, where: str, problems: Problems) -> dict[str, object] | None:
    if not isinstance(row, dict):
        problems.add(
            "SHAPE", where, f"{where}：应写成 code、clause、title、looked_at、evidence、judged_by 各项。"
        )
        return None
    if unknown := sorted(str(key) for key in set(row) - {"code", "evidence", "fact", *_TEXTS}):
        problems.add("UNKNOWN_KEY", where, f"{where}：不认识的项目 {'、'.join(unknown)}。请删去或改正拼写。")
    code = str(row.get("code") or "")
    if not _CODE.fullmatch(code):
        problems.add("CODE", where, f"{where}：编号“{code[:20]}”无效，应为大写字母加数字，如 L01。")
    line: dict[str, object] = {"code": code}
    for key, most in _TEXTS.items():
        line[key] = _text(row, key, most, f"{where}的 {key}", problems)
    # Which of the portal's own figures stands beside the line; empty when it has none.
    fact = row.get("fact", "")
    if not isinstance(fact, str) or not re.fullmatch(r"[a-z_]{0,40}", fact):
        problems.add("FACT", where, f"{where}：fact 应为系统事实的代号（小写字母和下划线），没有的留空。")
    line["fact"] = fact if isinstance(fact, str) else ""
    papers = row.get("evidence", [])
    good = isinstance(papers, list) and len(papers) <= _MOST_PAPERS
    if not good or not all(
        isinstance(one, str) and one.strip() and len(one) <= _MOST_PAPER for one in papers
    ):
        problems.add(
            "EVIDENCE",
            where,
            f"{where}：evidence 应为不超过 {_MOST_PAPERS} 项的材料名称列表，每项不超过 {_MOST_PAPER} 字。",
        )
        papers = []
    line["evidence"] = [one.strip() for one in papers]
    return line


def _text(row: dict[object, object], key: str, most: int, where: str, problems: Problems) -> str:
    value = row.get(key)
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        problems.add("MISSING", key, f"{where}：没有填写，或不是文字（数字请加引号）。")
    elif len(text) > most:
        problems.add("TOO_LONG", key, f"{where}：有 {len(text)} 字，最多 {most} 字。请精简。")
    return text
