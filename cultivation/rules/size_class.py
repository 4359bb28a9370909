"""企业规模 by 国统字〔2017〕213号《统计上大中小微型企业划分办法（2017）》.

Large, medium and small need the lower bound of every listed metric, else the firm falls one class; micro if
any metric is below the bound of small. So the class is the lowest class any one metric reaches.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources

EMPLOYEES = "从业人员"
REVENUE = "营业收入"
ASSETS = "资产总额"
METRICS = (EMPLOYEES, REVENUE, ASSETS)
UNLISTED = "其他未列明行业"


class Size(StrEnum):
    LARGE = "LARGE"
    MEDIUM = "MEDIUM"
    SMALL = "SMALL"
    MICRO = "MICRO"


_RANK = (Size.MICRO, Size.SMALL, Size.MEDIUM, Size.LARGE)
_BY_SECTION = {
    "A": "农、林、牧、渔业",
    "B": "工业",
    "C": "工业",
    "D": "工业",
    "E": "建筑业",
    "L": "租赁和商务服务业",
    "M": UNLISTED,
    "N": UNLISTED,
    "O": UNLISTED,
    "R": UNLISTED,
}
_BY_DIVISION = {
    "51": "批发业",
    "52": "零售业",
    "54": "交通运输业",
    "55": "交通运输业",
    "56": "交通运输业",
    "57": "交通运输业",
    "58": "交通运输业",
    "60": "邮政业",
    "61": "住宿业",
    "62": "餐饮业",
    "63": "信息传输业",
    "64": "信息传输业",
    "65": "软件和信息技术服务业",
    "85": UNLISTED,
}
# Divisions 59 and 70 are split by the table below the two-digit level.
_BY_CLASS = {
    "591": "交通运输业",
    "701": "房地产开发经营",
    "702": "物业管理",
    "703": UNLISTED,
    "704": UNLISTED,
    "709": UNLISTED,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Lower bounds of one metric: persons for 从业人员, 万元 for the two others."""

    metric: str
    large: Decimal
    medium: Decimal
    small: Decimal

    def size(self, value: Decimal) -> Size:
        if value >= self.large:
            return Size.LARGE
        if value >= self.medium:
            return Size.MEDIUM
        return Size.SMALL if value >= self.small else Size.MICRO


@dataclass(frozen=True, slots=True)
class SizeResult:
    """`size` None: not decided; `missing` names the figures needed, `reason` says why."""

    size: Size | None
    table_industry: str = ""
    missing: tuple[str, ...] = ()
    reason: str = ""


@cache
def size_table() -> Mapping[str, tuple[Bounds, ...]]:
    text = (
        resources.files("cultivation").joinpath("data/enterprise_size_2017.csv").read_text(encoding="utf-8")
    )
    table: dict[str, tuple[Bounds, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        bounds = Bounds(
            row["metric"], *(Decimal(row[f"{name}_min"]) for name in ("large", "medium", "small"))
        )
        table[row["industry"]] = (*table.get(row["industry"], ()), bounds)
    return table


@cache
def table_industry(industry_code: str, section: str) -> str:
    """The row of the size table for a GB/T 4754 code (2–4 digits or a section letter); '' for none.

    Not in the table: 铁路运输 53, 金融 J, 教育 P, 卫生 84, 公共管理 S, 国际组织 T.
    Divisions 59 and 70 need three digits.
    """
    if industry_code[:3] in _BY_CLASS:
        return _BY_CLASS[industry_code[:3]]
    if industry_code[:2] == "59":
        return "仓储业" if len(industry_code) > 2 else ""
    return _BY_DIVISION.get(industry_code[:2]) or _BY_SECTION.get(section, "")


def classify_size(
    *,
    industry_code: str,
    section: str,
    employees: int | None,
    revenue: Decimal | None = None,
    assets: Decimal | None = None,
) -> SizeResult:
    """Class of an enterprise. `employees` in persons, `revenue` and `assets` in 万元 of the year.

    A known metric below the bound of small decides MICRO even when another figure is missing.
    """
    row = table_industry(industry_code, section)
    if not row:
        return SizeResult(None, reason=_why_silent(industry_code))
    values = {EMPLOYEES: None if employees is None else Decimal(employees), REVENUE: revenue, ASSETS: assets}
    lowest: Size | None = None
    missing = []
    for bounds in size_table()[row]:
        value = values[bounds.metric]
        if value is None:
            missing.append(bounds.metric)
            continue
        reached = bounds.size(value)
        if lowest is None or _RANK.index(reached) < _RANK.index(lowest):
            lowest = reached
    if missing and lowest is not Size.MICRO:
        return SizeResult(None, row, tuple(missing), f"缺少{'、'.join(missing)}，暂不能划分规模")
    return SizeResult(lowest, row, tuple(missing))


def _why_silent(industry_code: str) -> str:
    if not industry_code:
        return "缺少所属行业，暂不能划分规模"
    if industry_code in ("59", "70", "G", "F", "H", "I", "K"):
        return "所属行业须细分（如 591 装卸搬运、592 仓储、701 房地产开发经营、702 物业管理），暂不能划分规模"
    return "该行业不在国统字〔2017〕213号的划分范围内，请人工认定"
