"""The part of the report that people write: one text per section, with marked gaps until it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

GAP_PATTERN = re.compile(r"【待补充：[^】]*】")

# section key → (level, heading); the skeleton of ux P2, in the order of the report.
SKELETON: dict[str, tuple[int, str]] = {
    "overview": (1, "一、总体情况"),
    "measures": (1, "二、主要做法"),
    "measures_enterprise": (2, "（一）企业培育"),
    "measures_area": (2, "（二）园区、乡镇（街道）培育"),
    "measures_pilot": (2, "（三）行业试点"),
    "measures_guidance": (2, "（四）指导服务与培训"),
    "measures_mediation": (2, "（五）调解与站点"),
    "measures_publicity": (2, "（六）宣传引导"),
    "measures_spot_checks": (2, "（七）抽查与整改"),
    "experience": (1, "三、典型经验"),
    "problems": (1, "四、存在问题"),
    "plans": (1, "五、下一步打算"),
}

# What each section still wants from the office (C066-C071, C089, C102-C104); 「measures」 is a bare heading,
# 「measures_publicity」 and 「measures_spot_checks」 are drafted from the records alone.
GAPS: dict[str, str] = {
    "overview": "组织领导、目标责任分解和三方机制运行情况",
    "measures_enterprise": "企业培育的具体做法和成效，如劳动合同、集体协商、民主管理、争议预防等",
    "measures_area": "园区、乡镇（街道）培育的具体做法和成效，如协调机制、公共服务站点等",
    "measures_pilot": "行业试点的具体做法和成效；未开展的说明原因",
    "measures_guidance": "结对、指导服务和培训的具体做法和成效",
    "measures_mediation": "劳动争议调解件数、基层公共服务站点建设情况",
    "experience": "可复制可推广的典型经验",
    "problems": "存在的主要问题和原因",
    "plans": "下一年度的工作打算",
}


def gap(hint: str) -> str:
    """A marked gap: 【待补充：…】."""
    return f"【待补充：{hint}】"


def narrative_keys() -> tuple[str, ...]:
    """Keys of the sections that carry a narrative, in report order."""
    return tuple(GAPS)


def default_narrative() -> dict[str, str]:
    """The narrative a new report starts with: one gap per section."""
    return {key: gap(hint) for key, hint in GAPS.items()}


def find_gaps(texts: Iterable[str]) -> list[str]:
    """Every marked gap in `texts`, in order."""
    return [match for text in texts for match in GAP_PATTERN.findall(text)]


def remaining_gaps(narrative: Mapping[str, str]) -> dict[str, list[str]]:
    """Section key → gaps still open in the office's text; a section left blank counts as one gap.

    Sections without a gap are left out, so an empty result means the narrative is complete.
    """
    found: dict[str, list[str]] = {}
    for key, hint in GAPS.items():
        text = narrative.get(key, "")
        gaps = find_gaps([text]) if text.strip() else [gap(hint)]
        if gaps:
            found[key] = gaps
    return found


def split_gaps(text: str) -> list[tuple[str, bool]]:
    """`text` cut into (piece, is_gap), for highlighting; joined again it is `text`."""
    pieces: list[tuple[str, bool]] = []
    position = 0
    for match in GAP_PATTERN.finditer(text):
        if match.start() > position:
            pieces.append((text[position : match.start()], False))
        pieces.append((match.group(), True))
        position = match.end()
    if position < len(text):
        pieces.append((text[position:], False))
    return pieces
