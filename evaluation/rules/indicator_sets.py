"""Reading an indicator set: everything is checked, every problem is told at once (design §10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal

from evaluation.rules.definitions import (
    REQUIREMENTS,
    STATUSES,
    SUBJECT_KINDS,
    IndicatorSetDefinition,
    Source,
)
from evaluation.rules.fields import GRADES, Fields, Provenance, show
from evaluation.rules.indicator_set_items import (
    check_references,
    check_sum,
    parse_deduction,
    parse_dimension,
    parse_each,
    parse_survey,
    parse_veto,
    refuse_duplicates,
)
from evaluation.rules.numbers import plain
from evaluation.rules.problems import IndicatorSetError, Problems
from evaluation.rules.yaml_text import YamlError, read_yaml


def read_indicator_set(source: bytes | str) -> IndicatorSetDefinition:
    """From the text of a YAML file. Raises IndicatorSetError with every problem found."""
    try:
        raw = read_yaml(source)
    except YamlError as error:
        raise IndicatorSetError((error.problem,)) from error
    return parse_indicator_set(raw)


def parse_indicator_set(
    raw: object, *, numbers_as_text: bool = False, locate: Callable[[str], str] | None = None
) -> IndicatorSetDefinition:
    """Raw mapping → definition. Raises IndicatorSetError carrying all problems (code, path, Chinese message).

    `numbers_as_text` reads the stored JSON form. `locate` turns a path into a place of another source (a workbook).
    """
    problems = Problems(locate)
    top = Fields(raw, "", "评价标准文件", problems, numbers_as_text=numbers_as_text)
    definition = _parse_top(top) if top.is_mapping else None
    if definition is None or len(problems):
        raise IndicatorSetError(problems.as_tuple())
    return definition


def _parse_top(top: Fields) -> IndicatorSetDefinition:
    meta = _section(top, "meta", "meta（标准信息）")
    code = meta.text("code", required=True, limit=40)
    version = meta.text("version", required=True, limit=40)
    title = meta.text("title", required=True, limit=120)
    status = meta.choice("status", tuple(STATUSES))
    total_score = meta.number("total_score", above=0) or Decimal(0)
    applies_to = _choices(meta, "applies_to", SUBJECT_KINDS, required=True)
    effective_from = _date(meta, "effective_from")
    requires = _choices(meta, "requires", REQUIREMENTS)
    text = meta.text("text", limit=2000)
    meta.finish()

    thresholds = _section(top, "thresholds", "thresholds（合格线）")
    pass_score = thresholds.number("pass_score", least=0)
    lookback = thresholds.whole("veto_lookback_months", required=False)
    notes = _threshold_notes(thresholds)
    thresholds.finish()
    if pass_score is not None and 0 < total_score < pass_score:
        thresholds.report(
            "OUT_OF_RANGE",
            "pass_score",
            f"pass_score {plain(pass_score)} 超过总分 {plain(total_score)}。请更正。",
        )

    sources = _sources(top)
    dimensions = parse_each(top, "dimensions", "评价项目", parse_dimension, required=True)
    if top.raw.get("dimensions") == []:
        top.report("MISSING_KEY", "dimensions", "dimensions 为空。请至少写一个评价项目。")
    check_sum(
        top,
        "dimensions",
        "各评价项目满分",
        [d.max_score for d in dimensions],
        total_score,
        "总分 total_score",
    )
    refuse_duplicates(
        [item for found in dimensions for item in found.indicators], "评价指标", "dimensions", top
    )
    definition = IndicatorSetDefinition(
        code=code,
        version=version,
        title=title,
        status=status,
        total_score=total_score,
        applies_to=applies_to,
        effective_from=effective_from,
        requires=requires,
        text=text,
        pass_score=pass_score or Decimal(0),
        veto_lookback_months=lookback,
        threshold_notes=notes,
        sources=sources,
        dimensions=tuple(dimensions),
        vetoes=tuple(parse_each(top, "vetoes", "一票否决项", parse_veto)),
        deductions=tuple(parse_each(top, "deductions", "扣分项", parse_deduction)),
        surveys=tuple(parse_each(top, "surveys", "测评", parse_survey)),
    )
    top.finish()
    check_references(definition, top)
    return definition


def _section(top: Fields, key: str, where: str) -> Fields:
    raw = top.take(key)
    if raw is None:
        raw = {}
    return top.child(raw, key, where)


def _choices(
    fields: Fields, key: str, allowed: Mapping[str, str], *, required: bool = False
) -> tuple[str, ...]:
    values = fields.items(key, required=required)
    if required and fields.raw.get(key) == []:
        fields.report("MISSING_KEY", key, f"{key} 为空。可用：{'、'.join(allowed)}。")
    for value in values:
        if value not in allowed:
            words = "、".join(f"{name}（{label}）" for name, label in allowed.items())
            fields.report("UNKNOWN_VALUE", key, f"{key} 不能是{show(value)}。可用：{words}。")
    return tuple(dict.fromkeys(str(value) for value in values if value in allowed))


def _date(fields: Fields, key: str) -> date | None:
    value = fields.take(key)
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        fields.report("BAD_DATE", key, f"{key} 应为日期，现为{show(value)}。请写成 2020-09-20 的形式。")
        return None


def _threshold_notes(thresholds: Fields) -> dict[str, Provenance]:
    raw = thresholds.take("notes")
    if raw is None:
        return {}
    notes = thresholds.child(raw, "notes", "thresholds.notes（合格线出处）")
    found = {}
    for key in ("pass_score", "veto_lookback_months"):
        value = notes.take(key)
        if value is not None:
            note = notes.child(value, key, f"thresholds.notes.{key}")
            found[key] = note.provenance()
            note.finish()
    notes.finish()
    return found


def _sources(top: Fields) -> tuple[Source, ...]:
    """By code: a JSON column need not keep the order of keys (PostgreSQL does not)."""
    raw = top.take("sources")
    if raw is None:
        return ()
    found = []
    section = top.child(raw, "sources", "sources（出处）")
    for code in section.raw:
        fields = section.child(section.raw[code], str(code), f"出处 {code}")
        found.append(
            Source(
                code=str(code),
                ref=fields.text("ref", required=True),
                grade=fields.choice("grade", GRADES, required=False),
            )
        )
        fields.finish()
    return tuple(sorted(found, key=lambda source: source.code))
