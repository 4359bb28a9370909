"""Pure rules of a review: why a reviewer changes an item, what a declaration may hold, how layers differ."""

from __future__ import annotations

from decimal import Decimal

from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.marking import UNANSWERED, Line
from evaluation.rules.numbers import plain, read_number
from evaluation.rules.self_assessment import NO, YES

# 理由代码 (ux F19): every difference carries one.
REASON_CODES: dict[str, str] = {
    "EVIDENCE_MISSING": "缺少佐证材料",
    "EVIDENCE_INVALID": "佐证材料无效或过期",
    "FIGURE_WRONG": "数据与核实情况不符",
    "STANDARD_MISREAD": "对评分标准理解有误",
    "DEPARTMENT_DATA": "与部门数据不一致",
    "ON_SITE": "现场核实情况不同",
    "UNDERSTATED": "自评偏低，核增",
    "OTHER": "其他",
}


def declaration_problem(definition: IndicatorSetDefinition, code: str, value: str) -> str:
    """Why `value` cannot stand for this veto, deduction or survey; "" when it can."""
    if any(veto.code == code for veto in definition.vetoes):
        return "" if value in {YES, NO} else "否决事项请选择“是”或“否”。"
    number = read_number(value, text_allowed=True) if value else None
    for deduction in definition.deductions:
        if deduction.code == code and number not in deduction.options:
            options = "、".join(plain(option) for option in deduction.options)
            return f"{deduction.name}：请在 {options} 中选择一项。"
    for survey in definition.surveys:
        if survey.code == code and (number is None or not 0 <= number <= 100):
            return f"{survey.name}应为 0 到 100 之间的数。"
    return ""


def declaration_names(definition: IndicatorSetDefinition) -> dict[str, str]:
    """code → name of every veto, deduction and survey, in the set's order."""
    names = {veto.code: veto.name for veto in definition.vetoes}
    names |= {deduction.code: deduction.name for deduction in definition.deductions}
    return names | {survey.code: survey.name for survey in definition.surveys}


VETO, DEDUCTION, SURVEY = "VETO", "DEDUCTION", "SURVEY"


def section_codes(definition: IndicatorSetDefinition) -> dict[str, tuple[str, ...]]:
    """section → its codes, as a review shows them: the dimensions, then the declarations by kind; none is empty."""
    found = {one.code: tuple(item.code for item in one.indicators) for one in definition.dimensions}
    found[VETO] = tuple(item.code for item in definition.vetoes)
    found[DEDUCTION] = tuple(item.code for item in definition.deductions)
    found[SURVEY] = tuple(item.code for item in definition.surveys)
    return {section: codes for section, codes in found.items() if codes}


def section_of(definition: IndicatorSetDefinition, code: str) -> str:
    """The section an indicator or declaration stands in, "" for an unknown code."""
    return next((section for section, codes in section_codes(definition).items() if code in codes), "")


def gap_between(below: Line, above: Line) -> Decimal | None:
    """What the sum gains (核增, positive) or loses; an item that does not apply adds nothing; None while unanswered."""
    if UNANSWERED in (below.state, above.state):
        return None
    return (above.score or Decimal(0)) - (below.score or Decimal(0))


def gap_in_words(gap: Decimal | None) -> str:
    """核增 1.5, 核减 0.25: both directions in the same words (ux F19); "" for none."""
    return f"{'核增' if gap > 0 else '核减'} {plain(abs(gap))}" if gap else ""


# 系统设定 (the notice sets none): a difference below 5 % of the full marks is small, below 10 % middling.
BANDS = ((Decimal(5), "差异较小"), (Decimal(10), "差异一般"))
GREATEST_BAND = "差异较大"


def gap_band(gap: Decimal, out_of: Decimal) -> str:
    """How large a difference is, as a share of the full marks it was found in; "" for none."""
    if not gap or not out_of:
        return ""
    share = abs(gap) * 100 / out_of
    return next((words for limit, words in BANDS if share < limit), GREATEST_BAND)
