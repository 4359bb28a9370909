"""Reading the lines of an indicator set: dimensions, items, rule parts, vetoes, deductions, surveys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Protocol, TypeVar

from evaluation.rules.definitions import (
    NOT_APPLICABLE_POLICIES,
    Deduction,
    Dimension,
    Indicator,
    IndicatorSetDefinition,
    Survey,
    Veto,
)
from evaluation.rules.fields import Fields, Provenance, show
from evaluation.rules.kinds import PART_KINDS, Part
from evaluation.rules.numbers import decimal_places, plain

CODE_LIMIT = 20  # the width of the stored answer and declaration columns


class Coded(Protocol):
    @property
    def code(self) -> str: ...


Line = TypeVar("Line", bound=Coded)


def parse_each(
    parent: Fields, key: str, label: str, build: Callable[[Fields, str], Line], *, required: bool = False
) -> list[Line]:
    """Every mapping of the list under `key`, built; lines that are no mapping are reported and left out."""
    found: list[Line] = []
    for number, raw in enumerate(parent.items(key, required=required), start=1):
        code = raw.get("code") if isinstance(raw, Mapping) else None
        named = f"{label} {code}" if isinstance(code, str) and code else f"第 {number} 个{label}"
        where = f"{parent.where}的{named}" if parent.path and not isinstance(code, str) else named
        fields = parent.child(raw, f"{key}[{number - 1}]", where)
        if fields.is_mapping:
            found.append(build(fields, _code(fields)))
            fields.finish()
    if key != "indicators":  # items are compared over all dimensions at once
        refuse_duplicates(found, label, key, parent)
    return found


def refuse_duplicates(lines: Iterable[Coded], label: str, key: str, parent: Fields) -> None:
    seen: set[str] = set()
    for line in lines:
        if line.code and line.code in seen:
            parent.problems.add(
                "DUPLICATE_CODE", parent.at(key), f"{label} {line.code}：编号重复。请改用不同的编号。"
            )
        seen.add(line.code)


def check_sum(
    fields: Fields, key: str, what: str, addends: Sequence[Decimal], whole: Decimal, whole_name: str
) -> None:
    """Reported unless Σ addends = whole. A 0 stands for a number already refused; then nothing is added."""
    if not addends or not whole or not all(addends):
        return
    total = sum((Fraction(addend) for addend in addends), Fraction(0))
    if total != Fraction(whole):
        fields.report(
            "SUM_DIFFERS",
            key,
            f"{what}合计 {plain(total)}，与{whole_name} {plain(whole)} 不一致。请调整分值使两者相等。",
        )


def parse_dimension(fields: Fields, code: str) -> Dimension:
    max_score = _max_score(fields)
    indicators = parse_each(fields, "indicators", "评价指标", parse_indicator, required=True)
    if fields.raw.get("indicators") == []:
        fields.report("MISSING_KEY", "indicators", "indicators 为空。请至少写一个指标。")
    check_sum(
        fields,
        "max_score",
        "各指标满分",
        [item.max_score for item in indicators],
        max_score,
        "本项目满分 max_score",
    )
    return Dimension(
        code=code,
        name=fields.text("name", required=True),
        max_score=max_score,
        indicators=tuple(indicators),
        name_township=fields.text("name_township"),
        text=fields.text("text", limit=2000),
        provenance=fields.provenance(),
    )


def parse_indicator(fields: Fields, code: str) -> Indicator:
    name = fields.text("name", required=True)
    max_score = _max_score(fields)
    parts = _parts(fields, name)
    complete = [part for part in parts if part is not None]
    if len(complete) == len(parts):
        total = sum((Fraction(part.max_points) for part in complete), Fraction(0))
        if complete and max_score and total != Fraction(max_score):
            fields.report(
                "SUM_DIFFERS",
                "rule",
                f"各条评分规则最高分合计 {plain(total)}，与本指标满分 max_score {plain(max_score)} 不一致。"
                "请调整分值使两者相等。",
            )
    return Indicator(
        code=code,
        name=name,
        max_score=max_score,
        parts=tuple(complete),
        not_applicable=fields.choice(
            "not_applicable", tuple(NOT_APPLICABLE_POLICIES), required=False, default="FORBIDDEN"
        ),
        evidence=fields.texts("evidence"),
        name_township=fields.text("name_township"),
        text=fields.text("text", limit=2000),
        provenance=fields.provenance(),
    )


def parse_veto(fields: Fields, code: str) -> Veto:
    return Veto(
        code=code,
        name=fields.text("name", required=True),
        related=fields.texts("related"),
        name_township=fields.text("name_township"),
        text=fields.text("text", limit=2000),
        provenance=fields.provenance(),
    )


def parse_deduction(fields: Fields, code: str) -> Deduction:
    options: list[Decimal] = []
    raw_options = fields.items("options", required=True)
    if fields.raw.get("options") == []:
        fields.report("MISSING_KEY", "options", "options 为空。请列出可选的扣分，如 [0, -2]。")
    for raw in raw_options:
        number = fields.as_number(raw, "options")
        if number is None:
            continue
        if number > 0:
            fields.report(
                "OUT_OF_RANGE",
                "options",
                f"options 中的 {plain(number)} 大于 0。扣分项只能是 0 或负数，请更正。",
            )
        elif (decimal_places(Fraction(number)) or 0) > 2:
            fields.report(
                "TOO_MANY_DECIMALS", "options", f"options 中的 {plain(number)} 多于两位小数。请更正。"
            )
        else:
            options.append(number)
    return Deduction(
        code=code,
        name=fields.text("name", required=True),
        options=tuple(dict.fromkeys(options)),
        text=fields.text("text", limit=2000),
        provenance=fields.provenance(),
    )


def parse_survey(fields: Fields, code: str) -> Survey:
    return Survey(
        code=code,
        name=fields.text("name", required=True),
        minimum=fields.number("minimum", required=False, least=0, most=100),
        text=fields.text("text", limit=2000),
        provenance=fields.provenance(),
    )


def check_references(definition: IndicatorSetDefinition, top: Fields) -> None:
    """Survey parts, related items and sources must name something that is there."""
    items = {item.code for item in definition.indicators}
    surveys = {survey.code for survey in definition.surveys}
    for item in definition.indicators:
        for code in item.survey_codes:
            if code not in surveys:
                top.problems.add(
                    "UNKNOWN_SURVEY",
                    f"dimensions.{item.code}.rule",
                    f"评价指标 {item.code}：评分规则引用的测评 {code} 不存在。请在 surveys 中补上，或改正 survey。",
                )
    for veto in definition.vetoes:
        for code in veto.related:
            if code not in items:
                top.problems.add(
                    "UNKNOWN_INDICATOR",
                    f"vetoes.{veto.code}.related",
                    f"一票否决项 {veto.code}：related 中的指标 {code} 不存在。请改正编号或删去。",
                )
    if definition.sources:
        known = {source.code for source in definition.sources}
        for label, code, provenance in _provenances(definition):
            for name in provenance.source:
                if name not in known:
                    top.problems.add(
                        "UNKNOWN_SOURCE",
                        code,
                        f"{label} {code}：出处 {name} 不在 sources 中。请补上，或改正 source。",
                    )


def _provenances(definition: IndicatorSetDefinition) -> Iterable[tuple[str, str, Provenance]]:
    for dimension in definition.dimensions:
        yield "评价项目", dimension.code, dimension.provenance
    for item in definition.indicators:
        yield "评价指标", item.code, item.provenance
        for part in item.parts:
            yield "评价指标", item.code, part.provenance
    yield from (("一票否决项", line.code, line.provenance) for line in definition.vetoes)
    yield from (("扣分项", line.code, line.provenance) for line in definition.deductions)
    yield from (("测评", line.code, line.provenance) for line in definition.surveys)


def _parts(fields: Fields, name: str) -> list[Part | None]:
    found: list[Part | None] = []
    for number, raw in enumerate(fields.items("rule", required=True), start=1):
        part = fields.child(raw, f"rule[{number - 1}]", f"{fields.where} 第 {number} 条评分规则")
        found.append(_part(part, name) if part.is_mapping else None)
    if fields.raw.get("rule") == []:
        fields.report("MISSING_KEY", "rule", "rule 为空。请至少写一条评分规则。")
    return found


def _part(fields: Fields, name: str) -> Part | None:
    kind = fields.take("kind", required=True)
    if not isinstance(kind, str) or kind not in PART_KINDS:
        if kind is not None:
            fields.report(
                "UNKNOWN_KIND", "kind", f"没有{show(kind)}这种规则。可用：{'、'.join(PART_KINDS)}。"
            )
        return None
    part = PART_KINDS[kind].parse(fields, fields.text("text", default=name))
    provenance = fields.provenance()
    fields.finish()
    return replace(part, provenance=provenance) if part is not None else None


def _code(fields: Fields) -> str:
    code = fields.text("code", limit=CODE_LIMIT)
    if not code:
        fields.report("MISSING_CODE", "code", "缺少编号 code。请补上唯一的编号。")
    elif any(sign.isspace() for sign in code):
        fields.report("BAD_CODE", "code", f"编号{show(code)}含空格。请去掉空格。")
    return code


def _max_score(fields: Fields) -> Decimal:
    """Above 0, at most two decimals because every score is rounded to two; 0 stands for refused."""
    number = fields.number("max_score", above=0)
    if number is not None and (decimal_places(Fraction(number)) or 0) > 2:
        fields.report(
            "TOO_MANY_DECIMALS", "max_score", f"max_score {plain(number)} 多于两位小数。请改为至多两位小数。"
        )
        return Decimal(0)
    return number or Decimal(0)
