"""工作方案: the six parts the notice asks for (三（二）2, C066–C071), and which of them a plan lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

CLAUSE = "枣人社字〔2023〕34号三（二）2（C066—C071）"


@dataclass(frozen=True)
class PlanPart:
    """One part: the field that holds it, its name in the notice, and what is usually written there."""

    key: str
    name: str
    clause: str
    hint: str


PARTS: tuple[PlanPart, ...] = (
    PlanPart("objectives", "目标任务", "C066", "全年培育多少户企业、几个园区或乡镇（街道），达到什么程度"),
    PlanPart("cultivated_subjects", "培育对象", "C067", "列出企业、园区、乡镇（街道）名称，或写明按培育名单"),
    PlanPart("methods", "培育方式", "C068", "结对、指导服务、专题培训、对照标准查找不足等"),
    PlanPart("schedule", "时间安排", "C069", "分几个阶段，各到什么时候"),
    PlanPart("implementation", "组织实施", "C070", "专门工作小组、会议、督导、经费和人员保障"),
    PlanPart(
        "responsibilities",
        "责任分工",
        "C071",
        "人社、工会、企联、工商联各负责什么，园区、乡镇（街道）负责什么",
    ),
)
PART_KEYS = tuple(part.key for part in PARTS)
# What a signature stands under: the title and the six parts.
SIGNED_NAMES = {"title": "方案名称"} | {part.key: part.name for part in PARTS}


def missing_parts(texts: Mapping[str, str]) -> list[PlanPart]:
    """The parts without a word in them, in the order of the notice. Blanks and line ends are no words."""
    return [part for part in PARTS if not "".join((texts.get(part.key) or "").split())]


def text_marks(texts: Mapping[str, str]) -> dict[str, str]:
    """A fingerprint of every text a signature stands under, so that later one can say which of them has changed."""
    return {
        key: hashlib.sha256((texts.get(key) or "").replace("\r\n", "\n").strip().encode()).hexdigest()[:16]
        for key in SIGNED_NAMES
    }


def changed_names(signed: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The names of the texts whose fingerprint is another than when it was signed; none without fingerprints."""
    return [name for key, name in SIGNED_NAMES.items() if key in signed and signed[key] != now.get(key)]
