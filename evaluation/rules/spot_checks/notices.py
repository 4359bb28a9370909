"""检查通知书: what a unit is told before it is checked, in words (basis, manner, time, duty, papers, second chance)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

DUTY = (
    "请安排熟悉情况的负责人和经办人员在场，如实介绍情况，提供真实、完整的材料，为检查人员查阅材料、实地查看、"
    "访谈提供便利。无法联系或者拒绝配合的，如实记入检查结果。认为检查人员应当回避的，请在检查之前提出。"
)


@dataclass(frozen=True)
class NoticeFacts:
    """Of one check. `members` are in words, 主检 first; `papers` are (heading, names) of everything the unit may be asked
    for: of a subject the papers of the whole standard, so that the notice does not tell which items were drawn."""

    unit: str
    basis: str
    period: tuple[date, date]
    planned_on: date
    manners: Sequence[str]
    members: Sequence[str]
    papers: Sequence[tuple[str, Sequence[str]]]
    answer_days: int
    defaults: Sequence[str] = ()


def notice_title(is_district: bool, year: int) -> str:
    what = "和谐劳动关系创建活动落实情况检查" if is_district else "和谐劳动关系创建活动抽查"
    return f"{year}年度{what}通知书"


def notice_sections(facts: NoticeFacts) -> list[tuple[str, str]]:
    """[heading, words] in the order of the paper."""
    day = f"{facts.planned_on.year}年{facts.planned_on.month}月{facts.planned_on.day}日"
    chance = (
        f"检查后先作出初步结论并书面告知。对初步结论有意见的，自告知之日起{facts.answer_days}个工作日内"
        "可以书面陈述并补充佐证，检查组研究后再作出结论。"
    )
    return [
        ("检查依据", facts.basis),
        ("检查时间", f"{day}（检查期间 {facts.period[0]} 至 {facts.period[1]}）"),
        ("检查方式", "、".join(facts.manners)),
        ("检查组", "、".join(facts.members)),
        ("配合检查", DUTY),
        ("需要准备的材料", papers_words(facts.papers)),
        ("陈述和补充佐证", "\n".join([chance, *facts.defaults])),
    ]


def papers_words(papers: Sequence[tuple[str, Sequence[str]]]) -> str:
    """One numbered line per heading; each paper is named once, where it is asked for first."""
    named: set[str] = set()
    lines: list[str] = []
    for heading, names in papers:
        fresh = [name for name in dict.fromkeys(names) if name not in named]
        named.update(fresh)
        if fresh:
            lines.append(f"{len(lines) + 1}. {heading}：{'、'.join(fresh)}")
    return "\n".join(lines)


def papers_of_lines(lines: Sequence[Mapping[str, object]]) -> list[tuple[str, tuple[str, ...]]]:
    """(what is looked at, its papers) of the lines of a district's checklist."""
    return [(text_of(line, "title", "what", "name"), evidence_of(line)) for line in lines]


def text_of(line: Mapping[str, object], *keys: str) -> str:
    return next((str(line[key]) for key in keys if line.get(key)), "")


def evidence_of(line: Mapping[str, object]) -> tuple[str, ...]:
    """The evidence a line of a checklist asks for, as a tuple, whether it was written as a list or as one text."""
    found = line.get("evidence") or ()
    if isinstance(found, str):
        return tuple(part.strip() for part in found.replace("；", "、").split("、") if part.strip())
    return tuple(str(part) for part in found) if isinstance(found, Sequence) else ()
