"""Reading a sheet of answers against a set: unknown codes, wrong counts, impossible numbers are refused, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from evaluation.rules.definitions import Indicator, IndicatorSetDefinition
from evaluation.rules.fields import show
from evaluation.rules.kinds import EntryReader
from evaluation.rules.numbers import plain, read_number
from evaluation.rules.problems import Problems, ScoringError

LAYERS = ("SELF", "DISTRICT", "CITY", "EFFECTIVE")
SHEET_KEYS = ("layer", "answers", "vetoes", "deductions", "surveys")


@dataclass(frozen=True)
class ItemAnswer:
    """What one layer says of one item: a value per part answered by hand (None = blank), or why it does not apply."""

    values: tuple[object, ...] = ()
    not_applicable: str = ""


@dataclass(frozen=True)
class AnswerSheet:
    """Everything one layer says. Items that are absent are unanswered; surveys likewise; deductions default to 0."""

    layer: str = ""
    items: Mapping[str, ItemAnswer] = field(default_factory=dict)
    vetoes: tuple[str, ...] = ()
    deductions: Mapping[str, Decimal] = field(default_factory=dict)
    surveys: Mapping[str, Decimal] = field(default_factory=dict)


def read_answers(
    definition: IndicatorSetDefinition, raw: object, *, numbers_as_text: bool = False
) -> AnswerSheet:
    """The sheet of design §10, checked whole. Raises ScoringError with every refusal.

    `numbers_as_text` reads stored answers, whose decimals are text.
    """
    problems = Problems()
    if raw is None:
        raw = {}
    if not isinstance(raw, Mapping):
        problems.add("WRONG_TYPE", "", f"作答文件应为一组“键: 值”，现为{show(raw)}。请按格式说明改写。")
        raise ScoringError(problems.as_tuple())
    for key in raw:
        if key not in SHEET_KEYS:
            problems.add(
                "UNKNOWN_KEY",
                str(key)[:40],
                f"作答文件：不认识的键{show(str(key))}。可用：{'、'.join(SHEET_KEYS)}。",
            )
    layer = raw.get("layer")
    if layer is not None and layer not in LAYERS:
        problems.add("UNKNOWN_VALUE", "layer", f"layer 不能是{show(layer)}。可用：{'、'.join(LAYERS)}。")
    items: dict[str, ItemAnswer] = {}
    for code, value in _mapping(raw, "answers", problems).items():
        indicator = definition.indicator(code) if isinstance(code, str) else None
        if indicator is None:
            problems.add(
                "UNKNOWN_CODE", f"answers.{code}", f"评价指标 {code} 不在本标准中。请改正编号或删去。"
            )
            continue
        answer = read_item_answer(indicator, value, problems, numbers_as_text=numbers_as_text)
        if answer is not None:
            items[indicator.code] = answer
    sheet = AnswerSheet(
        layer=str(layer or ""),
        items=items,
        vetoes=_vetoes(definition, raw, problems),
        deductions=_deductions(definition, raw, problems, numbers_as_text),
        surveys=_surveys(definition, raw, problems, numbers_as_text),
    )
    if len(problems):
        raise ScoringError(problems.as_tuple())
    return sheet


def read_item_answer(
    indicator: Indicator, raw: object, problems: Problems, *, numbers_as_text: bool = False
) -> ItemAnswer | None:
    """One item's answer. None when blank or refused; refusals go to `problems`."""
    path, where = f"answers.{indicator.code}", f"评价指标 {indicator.code}（{indicator.name}）"
    if raw is None:
        return None
    if isinstance(raw, Mapping):
        return _not_applicable(indicator, raw, EntryReader(path, where, problems))
    parts = indicator.parts_by_hand
    if not isinstance(raw, list | tuple):
        expected = f"应为 {len(parts)} 项的列表" if parts else "取自测评，不需填写"
        problems.add("WRONG_TYPE", path, f"{where}：{expected}，现为{show(raw)}。请逐条填写，未答的写 null。")
        return None
    if len(raw) != len(parts):
        problems.add(
            "WRONG_COUNT",
            path,
            f"{where}：应有 {len(parts)} 项，现有 {len(raw)} 项。请逐条填写，未答的写 null。",
        )
        return None
    values: list[object] = []
    for number, (part, entry) in enumerate(zip(parts, raw, strict=True), start=1):
        reader = EntryReader(
            f"{path}[{number - 1}]", f"{where} 第 {number} 项“{part.text}”", problems, numbers_as_text
        )
        values.append(None if entry is None else part.read(entry, reader))
    return ItemAnswer(values=tuple(values))


def to_stored(raw: object) -> object:
    """An answer as JSON can keep it exactly: decimals become text, everything else stays."""
    if isinstance(raw, Decimal):
        return plain(raw)
    if isinstance(raw, Mapping):
        return {str(key): to_stored(value) for key, value in raw.items()}
    if isinstance(raw, Sequence) and not isinstance(raw, str):
        return [to_stored(value) for value in raw]
    return raw


def _not_applicable(
    indicator: Indicator, raw: Mapping[object, object], reader: EntryReader
) -> ItemAnswer | None:
    if set(raw) != {"not_applicable"}:
        reader.refuse("WRONG_TYPE", "只能填写各条的列表，或 {not_applicable: 理由}。请改正。")
        return None
    reason = raw["not_applicable"]
    if indicator.not_applicable == "FORBIDDEN":
        reader.refuse("NOT_APPLICABLE_FORBIDDEN", "本指标不得按“不适用”处理。请逐条作答。")
        return None
    if not isinstance(reason, str) or not reason.strip():
        reader.refuse("NOT_APPLICABLE_REASON", "按“不适用”处理须写明理由。请填写文字说明。")
        return None
    return ItemAnswer(not_applicable=reason.strip())


def _mapping(raw: Mapping[object, object], key: str, problems: Problems) -> Mapping[object, object]:
    value = raw.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        problems.add("WRONG_TYPE", key, f"{key} 应为一组“编号: 值”，现为{show(value)}。请改正。")
        return {}
    return {code_text(code): entry for code, entry in value.items()}


def code_text(code: object) -> object:
    """A code written without quotes (1) is the code "1"."""
    return str(code) if isinstance(code, int | Decimal) and not isinstance(code, bool) else code


def _vetoes(
    definition: IndicatorSetDefinition, raw: Mapping[object, object], problems: Problems
) -> tuple[str, ...]:
    value = raw.get("vetoes")
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        problems.add("WRONG_TYPE", "vetoes", f"vetoes 应为编号的列表，现为{show(value)}。请写成 [V01, V02]。")
        return ()
    known = [veto.code for veto in definition.vetoes]
    codes = [code_text(code) for code in value]
    for code in codes:
        if code not in known:
            words = code if isinstance(code, str) else show(code)
            problems.add("UNKNOWN_CODE", "vetoes", f"一票否决项 {words} 不在本标准中。请改正编号或删去。")
    return tuple(code for code in known if code in codes)


def _deductions(
    definition: IndicatorSetDefinition,
    raw: Mapping[object, object],
    problems: Problems,
    numbers_as_text: bool,
) -> dict[str, Decimal]:
    known = {deduction.code: deduction for deduction in definition.deductions}
    found: dict[str, Decimal] = {}
    for code, value in _mapping(raw, "deductions", problems).items():
        path = f"deductions.{code}"
        deduction = known.get(code) if isinstance(code, str) else None
        if deduction is None:
            problems.add("UNKNOWN_CODE", path, f"扣分项 {code} 不在本标准中。请改正编号或删去。")
            continue
        if value is None:
            continue
        number = read_number(value, text_allowed=numbers_as_text)
        if number is None:
            problems.add(
                "WRONG_TYPE", path, f"扣分项 {code}（{deduction.name}）应为数字，现为{show(value)}。请更正。"
            )
        elif number not in deduction.options:
            options = "、".join(plain(option) for option in deduction.options)
            problems.add(
                "NOT_AN_OPTION",
                path,
                f"扣分项 {code}（{deduction.name}）不能扣 {plain(number)}。可选：{options}。",
            )
        else:
            found[deduction.code] = number
    return found


def _surveys(
    definition: IndicatorSetDefinition,
    raw: Mapping[object, object],
    problems: Problems,
    numbers_as_text: bool,
) -> dict[str, Decimal]:
    known = {survey.code: survey for survey in definition.surveys}
    found: dict[str, Decimal] = {}
    for code, value in _mapping(raw, "surveys", problems).items():
        path = f"surveys.{code}"
        survey = known.get(code) if isinstance(code, str) else None
        if survey is None:
            problems.add("UNKNOWN_CODE", path, f"测评 {code} 不在本标准中。请改正编号或删去。")
            continue
        if value is None:
            continue
        number = read_number(value, text_allowed=numbers_as_text)
        if number is None:
            problems.add(
                "WRONG_TYPE", path, f"测评 {code}（{survey.name}）应为数字，现为{show(value)}。请更正。"
            )
        elif not 0 <= number <= 100:
            problems.add(
                "SURVEY_RANGE",
                path,
                f"测评 {code}（{survey.name}）为 {plain(number)}，应在 0 到 100 之间。请更正。",
            )
        else:
            found[survey.code] = number
    return found
