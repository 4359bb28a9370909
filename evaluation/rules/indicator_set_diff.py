"""What changes from one version of a standard to the next, in the words of the office."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from evaluation.rules.definitions import (
    NOT_APPLICABLE_POLICIES,
    REQUIREMENTS,
    STATUSES,
    SUBJECT_KINDS,
    Deduction,
    Dimension,
    Indicator,
    IndicatorSetDefinition,
    Survey,
    Veto,
)
from evaluation.rules.numbers import plain

ACTIONS = {"ADDED": "新增", "REMOVED": "删除", "CHANGED": "调整"}

Words = dict[str, str]
Line = TypeVar("Line", Dimension, Indicator, Veto, Deduction, Survey)


@dataclass(frozen=True)
class FieldChange:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """One line of the set that is new, gone or different. `code` is empty for the standard's own data."""

    action: str
    kind: str
    code: str
    name: str
    fields: tuple[FieldChange, ...] = ()

    @property
    def action_label(self) -> str:
        return ACTIONS[self.action]

    @property
    def title(self) -> str:
        return " ".join(word for word in (self.kind, self.code, self.name) if word)

    def __str__(self) -> str:
        fields = "；".join(
            f"{field.label}：{field.old or '（空）'} → {field.new or '（空）'}" for field in self.fields
        )
        return f"{self.action_label} {self.title}" + (f"：{fields}" if fields else "")


def diff_indicator_sets(old: IndicatorSetDefinition | None, new: IndicatorSetDefinition) -> list[Change]:
    """Every difference: the standard's own data first, then each kind of line in the new set's order, gone lines last.

    With `old` None every line is new. The version number is not reported.
    """
    own = [] if old is None else _changed("标准信息", "", "", _standard_words(old), _standard_words(new))
    return [
        *own,
        *_lines(
            "评价项目", old.dimensions if old else (), new.dimensions, _dimension_words, _dimension_words
        ),
        *_lines(
            "评价指标",
            old.indicators if old else (),
            new.indicators,
            lambda line: _indicator_words(line, old),
            lambda line: _indicator_words(line, new),
        ),
        *_lines("一票否决项", old.vetoes if old else (), new.vetoes, _veto_words, _veto_words),
        *_lines("扣分项", old.deductions if old else (), new.deductions, _deduction_words, _deduction_words),
        *_lines("测评", old.surveys if old else (), new.surveys, _survey_words, _survey_words),
    ]


def _lines(
    kind: str,
    old: Sequence[Line],
    new: Sequence[Line],
    old_words: Callable[[Line], Words],
    new_words: Callable[[Line], Words],
) -> list[Change]:
    before, after = {line.code: line for line in old}, {line.code: line for line in new}
    found: list[Change] = []
    for code, line in after.items():
        if code not in before:
            found.append(Change("ADDED", kind, code, line.name))
        else:
            found += _changed(kind, code, line.name, old_words(before[code]), new_words(line))
    return found + [
        Change("REMOVED", kind, code, line.name) for code, line in before.items() if code not in after
    ]


def _changed(kind: str, code: str, name: str, old: Words, new: Words) -> list[Change]:
    labels = dict.fromkeys([*old, *new])
    fields = tuple(
        FieldChange(label, old.get(label, ""), new.get(label, ""))
        for label in labels
        if old.get(label, "") != new.get(label, "")
    )
    return [Change("CHANGED", kind, code, name, fields)] if fields else []


def _standard_words(found: IndicatorSetDefinition) -> Words:
    return {
        "标准号": found.code,
        "名称": found.title,
        "来源": STATUSES[found.status],
        "总分": plain(found.total_score),
        "适用对象": "、".join(SUBJECT_KINDS[kind] for kind in found.applies_to),
        "生效日期": found.effective_from.isoformat() if found.effective_from else "",
        "前置要求": "、".join(REQUIREMENTS[key] for key in found.requires),
        "合格线": plain(found.pass_score),
        "否决回溯月数": "" if found.veto_lookback_months is None else str(found.veto_lookback_months),
        "说明": found.text,
        "合格线出处": "；".join(f"{key} {note!s}" for key, note in found.threshold_notes.items()),
        "出处清单": "；".join(
            f"{source.code} {source.ref} {source.grade}".strip() for source in found.sources
        ),
    }


def _dimension_words(line: Dimension) -> Words:
    return {
        "名称": line.name,
        "满分": plain(line.max_score),
        "乡镇（街道）表述": line.name_township,
        "原文": line.text,
        "出处": str(line.provenance),
    }


def _indicator_words(line: Indicator, definition: IndicatorSetDefinition | None) -> Words:
    dimension = definition.dimension_of(line.code) if definition else None
    return {
        "所属评价项目": dimension.code if dimension else "",
        "名称": line.name,
        "满分": plain(line.max_score),
        "评分规则": "；".join(
            f"{number}. {part.in_words()}" for number, part in enumerate(line.parts, start=1)
        ),
        "不适用": NOT_APPLICABLE_POLICIES[line.not_applicable],
        "佐证材料": "、".join(line.evidence),
        "乡镇（街道）表述": line.name_township,
        "原文": line.text,
        "出处": "；".join(
            words for words in (str(line.provenance), *(str(part.provenance) for part in line.parts)) if words
        ),
    }


def _veto_words(line: Veto) -> Words:
    return {
        "名称": line.name,
        "相关指标": "、".join(line.related),
        "乡镇（街道）表述": line.name_township,
        "原文": line.text,
        "出处": str(line.provenance),
    }


def _deduction_words(line: Deduction) -> Words:
    return {
        "名称": line.name,
        "可选扣分": "、".join(plain(option) for option in line.options),
        "原文": line.text,
        "出处": str(line.provenance),
    }


def _survey_words(line: Survey) -> Words:
    return {
        "名称": line.name,
        "门槛": "" if line.minimum is None else plain(line.minimum),
        "原文": line.text,
        "出处": str(line.provenance),
    }
