"""统计指标 of a district and period (reference domain.md §8): the table of figures, derived ratios, jumps, sums.

The form is a proposal of the portal, grounded on what district plans ask for; the notice prescribes no form.
Ratios are derived from numerator and denominator and never typed; a total is Σnumerator ÷ Σdenominator.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

HUNDRED = Decimal(100)
JUMP_POINTS = Decimal(10)  # percentage points of a ratio (系统设定)
JUMP_SHARE = Decimal("0.5")  # of a count (系统设定)
JUMP_LEAST = Decimal(10)  # a small count may halve or double without a word


@dataclass(frozen=True)
class Figure:
    """One figure. With `denominator` it is a ratio in percent, the share of `numerator` in it; without, a count."""

    code: str
    label: str
    group: str
    numerator: str
    denominator: str = ""
    unit: str = "件"
    places: int = 0
    help: str = ""

    @property
    def is_ratio(self) -> bool:
        return bool(self.denominator)


CONTRACTS = "劳动合同和集体协商"
UNIONS = "工会和民主管理"
DISPUTES = "劳动争议"
WAGES = "欠薪和群体性事件"

_TABLE = (
    Figure(
        "CONTRACT_RATE", "劳动合同签订率", CONTRACTS, "已签订劳动合同职工数", "应签订劳动合同职工数", "人"
    ),
    Figure("COLLECTIVE_CONTRACTS", "集体合同份数", CONTRACTS, "有效集体合同份数", unit="份"),
    Figure(
        "COLLECTIVE_REGIONAL",
        "区域性、行业性集体合同份数",
        CONTRACTS,
        "有效区域性、行业性集体合同份数",
        unit="份",
    ),
    Figure("COLLECTIVE_FIRMS", "集体合同覆盖企业率", CONTRACTS, "集体合同覆盖企业数", "已建工会企业数", "家"),
    Figure(
        "COLLECTIVE_WORKERS",
        "集体合同覆盖职工率",
        CONTRACTS,
        "集体合同覆盖职工数",
        "已建工会企业职工数",
        "人",
    ),
    Figure("WAGE_AGREEMENTS", "工资专项集体合同份数", CONTRACTS, "有效工资专项集体合同份数", unit="份"),
    Figure(
        "WOMEN_AGREEMENTS",
        "女职工专项集体合同份数",
        CONTRACTS,
        "有效女职工权益保护专项集体合同份数",
        unit="份",
    ),
    Figure("UNION_RATE", "建会率", UNIONS, "已建工会企业数", "应建工会企业数", "家"),
    Figure("UNION_MEMBERS", "职工入会率", UNIONS, "工会会员数", "已建工会企业职工数", "人"),
    Figure(
        "CONGRESS_RATE",
        "职工（代表）大会建制率",
        UNIONS,
        "建立职工（代表）大会制度企业数",
        "已建工会企业数",
        "家",
    ),
    Figure("OPENNESS_RATE", "厂务公开建制率", UNIONS, "建立厂务公开制度企业数", "已建工会企业数", "家"),
    Figure("MEDIATION_BODIES", "调解组织数", DISPUTES, "企业、园区、乡镇（街道）调解组织数", unit="个"),
    Figure("MEDIATORS", "调解员数", DISPUTES, "专兼职调解员数", unit="人"),
    Figure("DISPUTES_ACCEPTED", "争议受理数", DISPUTES, "调解、仲裁受理案件数"),
    Figure("DISPUTES_CLOSED", "争议结案率", DISPUTES, "结案数", "应结案件数（受理数加上期未结数）"),
    Figure("DISPUTES_SETTLED", "争议调解成功率", DISPUTES, "调解成功案件数", "结案数"),
    Figure("DISPUTE_WORKERS", "争议涉及人数", DISPUTES, "受理案件涉及劳动者人数", unit="人"),
    Figure("DISPUTE_AMOUNT", "争议涉及金额", DISPUTES, "结案案件涉及金额", unit="万元", places=2),
    Figure("ARREARS_CASES", "欠薪案件数", WAGES, "立案查处欠薪案件数"),
    Figure("ARREARS_CLOSED", "欠薪案件结案率", WAGES, "已结欠薪案件数", "立案查处欠薪案件数"),
    Figure("ARREARS_WORKERS", "欠薪涉及人数", WAGES, "欠薪案件涉及劳动者人数", unit="人"),
    Figure("ARREARS_AMOUNT", "追发工资金额", WAGES, "为劳动者追发工资等待遇金额", unit="万元", places=2),
    Figure("MASS_INCIDENTS", "群体性事件数", WAGES, "因劳动关系引发的群体性事件数", unit="起"),
)
FIGURES: dict[str, Figure] = {figure.code: figure for figure in _TABLE}
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(figure.group for figure in _TABLE))


@dataclass(frozen=True)
class Amounts:
    """What is stored of one figure. A count has no denominator."""

    numerator: Decimal
    denominator: Decimal | None = None


def ratio_percent(amounts: Amounts | None) -> Decimal | None:
    """The ratio in percent, half up to two places; None without a positive denominator."""
    if amounts is None or not amounts.denominator:
        return None
    exact = amounts.numerator * HUNDRED / amounts.denominator
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def check_amounts(figure: Figure, numerator: Decimal | None, denominator: Decimal | None) -> str:
    """The sentence that refuses the pair, or "". Both empty is fine: the figure is not reported."""
    if not figure.is_ratio:
        return f"“{figure.label}”是数量，不填分母。" if denominator is not None else ""
    if (numerator is None) != (denominator is None):
        missing = figure.numerator if numerator is None else figure.denominator
        return f"“{figure.label}”的分子、分母须同时填写，缺“{missing}”；比率由系统计算。"
    if numerator is None or denominator is None:
        return ""
    if denominator <= 0:
        return f"“{figure.denominator}”须大于 0；没有对象的，分子、分母都留空。"
    if numerator > denominator:
        return (
            f"“{figure.numerator}”{plain(numerator)} 大于“{figure.denominator}”{plain(denominator)}，请核对。"
        )
    return ""


def find_jump(figure: Figure, before: Amounts | None, after: Amounts | None) -> str:
    """A change against the last period that is worth a second look, in words; "" otherwise.

    Ratios: 10 percentage points. Counts: more than half, and 10 or more (all 系统设定).
    """
    if before is None or after is None:
        return ""
    if figure.is_ratio:
        old, new = ratio_percent(before), ratio_percent(after)
        if old is None or new is None or abs(new - old) < JUMP_POINTS:
            return ""
        return f"“{figure.label}”由上期 {old}% 变为 {new}%，相差 {abs(new - old)} 个百分点"
    change = abs(after.numerator - before.numerator)
    if change < JUMP_LEAST or change <= before.numerator * JUMP_SHARE:
        return ""
    return f"“{figure.label}”由上期 {plain(before.numerator)} 变为 {plain(after.numerator)} {figure.unit}"


def sum_amounts(figure: Figure, rows: Iterable[Amounts]) -> Amounts | None:
    """Σnumerator and Σdenominator: the total of a ratio is never the average of ratios. None without rows."""
    listed = list(rows)
    if not listed:
        return None
    numerator = sum((row.numerator for row in listed), Decimal(0))
    if not figure.is_ratio:
        return Amounts(numerator)
    return Amounts(numerator, sum((row.denominator or Decimal(0) for row in listed), Decimal(0)))


def plain(value: Decimal | None) -> str:
    """12.50 → 12.5, 12.00 → 12, none → ""."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# What follows what: (year shift, period) of the last period of the same length.
_BEFORE = {
    "YEAR": (-1, "YEAR"),
    "FIRST_HALF": (-1, "SECOND_HALF"),
    "SECOND_HALF": (0, "FIRST_HALF"),
    "Q1": (-1, "Q4"),
    "Q2": (0, "Q1"),
    "Q3": (0, "Q2"),
    "Q4": (0, "Q3"),
}


def previous_period(year: int, period: str) -> tuple[int, str]:
    """The period of the same length just before this one. KeyError for an unknown period."""
    shift, before = _BEFORE[period]
    return year + shift, before
