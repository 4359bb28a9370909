"""Where a line of a standard comes from, in words: the set keeps short codes, a reader gets what they stand for."""

from __future__ import annotations

import re
from typing import Any

from django import template

from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.fields import BASIS_WORDS, Provenance

register = template.Library()
_ADDRESS = re.compile(r"^https?://\S+\s*[（(]?(.*?)[）)]?$")
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2,}(?![A-Za-z0-9])")
GRADE_WORDS = {"A": "正式文本", "B": "二手资料", "C": "由同类标准推定", "D": "未核实"}


def source_words(ref: str) -> str:
    """The title of a source; of an address only what is said about it."""
    found = _ADDRESS.match(ref)
    return (found[1].strip() or "网页资料") if found else ref


def _definition(context: Any) -> IndicatorSetDefinition | None:
    found: IndicatorSetDefinition | None = context.get("definition")
    return context["page"].definition if found is None and "page" in context else found


@register.simple_tag(takes_context=True)
def standard_text(context: Any, text: str) -> str:
    """The prose of a line; a code of the set's sources in it is told as what it stands for: 「（园区评分表 5分）」."""
    definition = _definition(context)
    if not text or definition is None:
        return text or ""
    names = {source.code: source_words(source.ref).partition("，")[0] for source in definition.sources}
    return _CODE.sub(lambda found: names.get(found[0], found[0]), text)


@register.simple_tag(takes_context=True)
def provenance(context: Any, line: Provenance) -> str:
    """「枣人社字〔2023〕34号、团体标准，党建部分；可信度：由同类标准推定；拟定」"""
    definition = _definition(context)
    refs = {source.code: source_words(source.ref) for source in definition.sources} if definition else {}
    sources = "、".join(refs.get(code, "其他资料") for code in line.source)
    grade = f"可信度：{GRADE_WORDS[line.grade]}" if line.grade in GRADE_WORDS else ""
    basis = BASIS_WORDS.get(line.basis, line.basis)
    return "；".join(part for part in (sources, grade, basis) if part)


@register.filter
def grade_words(grade: str) -> str:
    return GRADE_WORDS.get(grade, grade)
