"""行业试点 by phase: chosen 2023, widened and summed up 2024, spread 2025–2027 (notice 三（二）3, 二（三）)."""

from __future__ import annotations

from dataclasses import dataclass

PILOT, SUMMARY, SPREAD = "PILOTS", "PILOT_SUMMARY", ""


@dataclass(frozen=True)
class Phase:
    """One phase in words. `milestone` is the code of its date, "" where the notice sets none."""

    first: int
    last: int
    name: str
    duty: str
    clause: str
    milestone: str

    @property
    def years(self) -> str:
        return f"{self.first}年" if self.first == self.last else f"{self.first}—{self.last}年"


PHASES = (
    Phase(
        2023, 2023, "选点起步", "全市选取1—2个重点行业开展试点，进行重点培育指导", "三（二）3（C078）", PILOT
    ),
    Phase(
        2024,
        2024,
        "巩固扩面",
        "巩固试点成效，总结试点经验，逐步扩大试点范围，做好指导",
        "三（二）3（C079—C080）",
        SUMMARY,
    ),
    Phase(2025, 2027, "推广经验", "推广和谐劳动关系行业试点经验", "三（二）3（C081）", SPREAD),
)


@dataclass(frozen=True)
class Standard:
    """One of the four standards of an industry; `key` is the attribute of a progress record that claims it."""

    key: str
    name: str
    clause: str


STANDARDS = (
    Standard("mechanism_sound", "创建机制健全", "二（三）（C035）"),
    Standard("bargaining_effective", "协商协调成效明显", "二（三）（C036）"),
    Standard("firms_compliant", "行业企业总体规范", "二（三）（C037）"),
    Standard("disputes_settled", "矛盾调处顺畅有效", "二（三）（C038）"),
)


def phase_of(year: int) -> Phase:
    """The phase of a campaign year; the first before it, the last after it."""
    for phase in PHASES:
        if year <= phase.last:
            return phase
    return PHASES[-1]


def scope_sentence(*, year: int, pilots: int, before: int) -> str:
    """Whether the year's number of pilots fits its phase. `before`: pilots of the year before."""
    phase = phase_of(year)
    if phase.first == 2023:
        if pilots == 0:
            return "2023年应选取1—2个重点行业，尚未选取。"
        extra = "，多于1—2个，请核对。" if pilots > 2 else "，符合1—2个的要求。"
        return f"2023年选取 {pilots} 个重点行业试点{extra}"
    if phase.first == 2024:
        change = "范围已扩大" if pilots > before else "范围尚未扩大"
        return f"{year}年试点 {pilots} 个，上年 {before} 个，{change}。"
    return f"{year}年在推广阶段，继续培育的试点 {pilots} 个。"
