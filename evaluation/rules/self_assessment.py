"""A draft sheet: what people typed, kept as typed, marked as far as it can be read (design §4, §10).

The scorer refuses a sheet with one wrong number; a draft must live with it. Here an entry that cannot be read
counts as not answered and its refusal is told beside the item.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from evaluation.rules.answers import AnswerSheet, ItemAnswer, read_item_answer
from evaluation.rules.definitions import Indicator, IndicatorSetDefinition
from evaluation.rules.kinds import BandsPart, CheckPart, Part, SlopePart
from evaluation.rules.lengths import MAX_ENTRY
from evaluation.rules.marking import NOT_APPLICABLE, SCORED, UNANSWERED, Line, mark_answer
from evaluation.rules.numbers import is_whole, plain, read_number
from evaluation.rules.problems import Problem, Problems
from evaluation.rules.scoring import ScoreResult, score_lines
from zaozhuang_portal.kernel.parsing import ParseError, parse_decimal

T = TypeVar("T")
YES, NO = "YES", "NO"
STATE_LETTERS = {SCORED: "S", UNANSWERED: "U", NOT_APPLICABLE: "N"}


@dataclass(frozen=True)
class StoredAnswer:
    """One item of one layer as stored. `inputs` is the list of design §10 or what was typed instead."""

    inputs: Sequence[object] = ()
    not_applicable: bool = False
    not_applicable_reason: str = ""
    words: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.not_applicable and all(_is_blank(entry) for entry in self.inputs)


@dataclass(frozen=True)
class DraftSheet:
    """A marked draft: `result` counts what can be read; `problems` tells per code what cannot."""

    result: ScoreResult
    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)

    @property
    def lines(self) -> Mapping[str, Line]:
        return {line.code: line for line in self.result.lines}


def is_ratio(part: Part) -> bool:
    """Whether the part takes two numbers."""
    return isinstance(part, SlopePart | BandsPart)


def normalize_number(typed: object) -> object:
    """Typed text → JSON entry: whole numbers as int, decimals as text, blank as None, anything else as typed.

    What is longer than an entry may be is no number; saving refuses it.
    """
    if typed is None or isinstance(typed, bool | int):
        return typed
    text = str(typed)
    if len(text) > MAX_ENTRY:
        return text.strip() or None
    try:
        number = parse_decimal(text)
    except ParseError:
        return text.strip() or None
    if number is None:
        return None
    return int(number) if is_whole(number) else plain(number)


def normalize_entry(part: Part, typed: Sequence[str]) -> object:
    """What the controls of one part sent → its entry. Never refuses."""
    first = typed[0] if typed else ""
    if isinstance(part, CheckPart):
        return {YES: True, NO: False}.get(first.strip())
    if is_ratio(part):
        pair = [normalize_number(text) for text in (*typed, "", "")[:2]]
        return None if pair == [None, None] else pair
    return normalize_number(first)


def _is_blank(entry: object) -> bool:
    return entry is None or (isinstance(entry, list | tuple) and all(item is None for item in entry))


def fit_inputs(indicator: Indicator, inputs: Sequence[object]) -> list[object]:
    """The entries, one per part answered by hand: missing ones are blank, surplus ones dropped."""
    count = len(indicator.parts_by_hand)
    return [*inputs[:count], *([None] * (count - len(inputs)))]


def read_stored(indicator: Indicator, stored: StoredAnswer | None, problems: Problems) -> ItemAnswer | None:
    """A stored answer leniently: entries that cannot be read are None and reported to `problems`."""
    if stored is None:
        return None
    raw: object
    if stored.not_applicable:
        raw = {"not_applicable": stored.not_applicable_reason}
    else:
        raw = fit_inputs(indicator, stored.inputs)
    return read_item_answer(indicator, raw, problems, numbers_as_text=True)


def read_declarations(
    definition: IndicatorSetDefinition, declared: Mapping[str, str], problems: dict[str, tuple[Problem, ...]]
) -> AnswerSheet:
    """Vetoes, deductions and surveys from their stored text; what cannot be read counts as undeclared."""
    deductions: dict[str, Decimal] = {}
    surveys: dict[str, Decimal] = {}
    for deduction in definition.deductions:
        value = declared.get(deduction.code, "")
        number = read_number(value, text_allowed=True) if value else None
        if number is not None and number in deduction.options:
            deductions[deduction.code] = number
        elif value:
            options = "、".join(plain(option) for option in deduction.options)
            _refuse(
                problems, deduction.code, "NOT_AN_OPTION", f"{deduction.name}：请在 {options} 中选择一项。"
            )
    for survey in definition.surveys:
        value = declared.get(survey.code, "")
        number = read_number(value, text_allowed=True) if value else None
        if number is not None and 0 <= number <= 100:
            surveys[survey.code] = number
        elif value:
            _refuse(
                problems,
                survey.code,
                "SURVEY_RANGE",
                f"{survey.name}：‘{value}’应为 0 到 100 之间的数。请更正。",
            )
    vetoes = tuple(veto.code for veto in definition.vetoes if declared.get(veto.code) == YES)
    return AnswerSheet(vetoes=vetoes, deductions=deductions, surveys=surveys)


def _refuse(found: dict[str, tuple[Problem, ...]], code: str, kind: str, message: str) -> None:
    found[code] = (Problem(kind, code, message),)


def mark_draft(
    definition: IndicatorSetDefinition, answers: Mapping[str, StoredAnswer], declared: Mapping[str, str]
) -> DraftSheet:
    """The sheet of one layer, or of the merged EFFECTIVE layer. Never raises for what was typed."""
    problems: dict[str, tuple[Problem, ...]] = {}
    sheet = read_declarations(definition, declared, problems)
    lines = []
    for indicator in definition.indicators:
        found = Problems()
        answer = read_stored(indicator, answers.get(indicator.code), found)
        if len(found):
            problems[indicator.code] = found.as_tuple()
        lines.append(mark_answer(indicator, answer, sheet.surveys))
    return DraftSheet(score_lines(definition, tuple(lines), sheet), problems)


def hundredths(score: Decimal | None) -> int | None:
    """A rounded score as stored in `marks`."""
    return None if score is None else int(score.scaleb(2))


@dataclass(frozen=True)
class StoredDeclaration:
    """A veto, deduction or survey of one layer as stored."""

    value: str = ""
    words: str = ""


@dataclass(frozen=True)
class NamedFile:
    """A piece of evidence as the print lists it."""

    label: str
    sha256: str


def content_hash(
    set_hash: str,
    answers: Mapping[str, StoredAnswer],
    declared: Mapping[str, StoredDeclaration],
    files: Mapping[str, Sequence[NamedFile]],
) -> str:
    """SHA-256 in canonical JSON of all the print lists: answers, declarations, words, and the evidence by code.

    Printed on every paper, compared when the content is frozen again and with what was copied from the paper.
    """
    content = {
        "indicator_set": set_hash,
        "answers": {
            code: [list(a.inputs), a.not_applicable, a.not_applicable_reason, a.words]
            for code, a in answers.items()
            if not a.is_blank or a.words
        },
        "declarations": {
            code: [found.value, found.words] for code, found in declared.items() if found.value or found.words
        },
        "evidence": {
            code: sorted([found.label, found.sha256] for found in of_code)
            for code, of_code in files.items()
            if of_code
        },
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def printed_hash(content: str) -> str:
    """The first 16 characters: what the print shows in fours."""
    return content[:16].upper()


def in_fours(content: str) -> str:
    """As printed: 「1A2B 3C4D 5E6F 7081」."""
    return " ".join(content[i : i + 4].upper() for i in range(0, 16, 4))


def read_printed_hash(typed: str) -> str:
    """What was copied from the paper, without blanks and dashes, in capitals: comparable with `printed_hash`."""
    return "".join(char for char in unicodedata.normalize("NFKC", typed).upper() if char.isalnum())


def highest_entered(layers: Iterable[Mapping[str, T]]) -> dict[str, T]:
    """EFFECTIVE: per code the row of the last mapping that has one; `layers` from the lowest to the highest."""
    merged: dict[str, T] = {}
    for layer in layers:
        merged.update(layer)
    return merged
