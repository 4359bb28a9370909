"""The result of a verification adds up: lines, sections, deductions, sum, score, for every layer and any change."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluation.enums import Layer, Verdict
from evaluation.forms.results import OPEN_DIFFERENCES, build_result
from evaluation.models import Answer, Declaration
from evaluation.rules.definitions import Indicator, IndicatorSetDefinition
from evaluation.rules.indicator_sets import read_indicator_set
from evaluation.rules.kinds import BandsPart, CheckPart, CountPart, SlopePart
from evaluation.rules.numbers import plain, round_half_up
from evaluation.rules.reviews import gap_band
from evaluation.selectors.layers import LayerRows
from evaluation.selectors.results import Result, load_result
from evaluation.services.review_moves import open_city_review, verify
from evaluation.services.reviews import ItemVerdict, judge_item
from tests.evaluation.assessment_builders import DATA, NOW, best_inputs
from tests.evaluation.test_reviews import Case
from tests.factories import login

DEFINITIONS = [read_indicator_set(path.read_bytes()) for path in sorted(DATA.glob("*.yaml"))]


def _entry(part: Any, draw: random.Random) -> object:
    if isinstance(part, CheckPart):
        return draw.random() < 0.8
    if isinstance(part, SlopePart):
        return [draw.randint(90, 100), 100]
    if isinstance(part, BandsPart):
        return [draw.randint(60, 140), 100]
    if isinstance(part, CountPart):
        return draw.randint(0, 6)
    return str(part.points if draw.random() < 0.7 else part.points - (part.step or part.points))


def _answer(item: Indicator, layer: str, draw: random.Random) -> Answer:
    away = item.not_applicable != "FORBIDDEN" and draw.random() < 0.4
    return Answer(
        indicator=item.code,
        layer=layer,
        inputs=[_entry(part, draw) for part in item.parts_by_hand],
        not_applicable=away,
        not_applicable_reason="没有此项" if away else "",
        verdict="" if layer == Layer.SELF else Verdict.CHANGED,
        reason_code="" if layer == Layer.SELF else "ON_SITE",
        reason=f"{layer} 的理由",
        updated_at=NOW,
    )


def _declared(definition: IndicatorSetDefinition, layer: str, draw: random.Random) -> dict[str, Declaration]:
    values = {one.code: draw.choice(["YES", "NO", "NO"]) for one in definition.vetoes}
    values |= {one.code: plain(draw.choice(one.options)) for one in definition.deductions}
    values |= {one.code: str(draw.randint(60, 100)) for one in definition.surveys}
    return {
        code: Declaration(
            code=code,
            layer=layer,
            value=value,
            verdict="" if layer == Layer.SELF else Verdict.CHANGED,
            reason="查实",
            updated_at=NOW,
        )
        for code, value in values.items()
    }


def drawn(definition: IndicatorSetDefinition, seed: int) -> LayerRows:
    """Everything judged by the district, a third of it by the city too."""
    draw = random.Random(seed)
    answers: dict[str, dict[str, Answer]] = {Layer.CITY: {}}
    for layer in (Layer.SELF, Layer.DISTRICT):
        answers[layer] = {item.code: _answer(item, layer, draw) for item in definition.indicators}
    for item in definition.indicators:
        if draw.random() < 0.3:
            answers[Layer.CITY][item.code] = _answer(item, Layer.CITY, draw)
    declared = {layer: _declared(definition, layer, draw) for layer in (Layer.SELF, Layer.DISTRICT)}
    declared[Layer.CITY] = {} if seed % 2 else _declared(definition, Layer.CITY, draw)
    return LayerRows(answers, declared)


def assert_adds_up(result: Result) -> None:
    for number, column in enumerate(result.columns):
        earned = sum((section.sums[number][0] for section in result.sections), Decimal(0))
        most = sum((section.sums[number][1] for section in result.sections), Decimal(0))
        for section in result.sections:
            lines = [row.lines[number] for row in section.rows]
            assert section.sums[number][0] == sum((line.score or 0 for line in lines), Decimal(0))
        deducted = sum((line.value for line in column.result.deductions), Decimal(0))
        assert earned == sum((line.score for line in column.result.dimensions), Decimal(0))
        assert most == column.result.applicable_max
        assert column.result.total == max(Decimal(0), earned + deducted)
        if most:
            share = round_half_up(column.result.scaled_exact)
            assert column.score.value == share
    sums = [
        sum((section.sums[number][0] for section in result.sections), Decimal(0))
        + sum((line.value for line in column.result.deductions), Decimal(0))
        for number, column in enumerate(result.columns)
    ]
    assert sums[-1] - sums[0] == result.increased[1] - result.reduced[1]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda one: one.code)
def test_columns_sums_and_differences_add_up(definition, seed):
    result = load_result(definition, drawn(definition, seed))
    assert [column.layer for column in result.columns] == ["SELF", "DISTRICT", "CITY"]
    assert_adds_up(result)
    for section in result.sections:
        assert section.gap == section.sums[-1][0] - section.sums[0][0]
        for row in section.rows:
            # When the city overrides, the district's reason stays.
            layers = [change.layer for change in row.changes]
            assert layers == sorted(layers, key=["DISTRICT", "CITY"].index) and "DISTRICT" in layers
    view = build_result(result, "ENTERPRISE")
    printed = {row.name: row for row in view.sums}
    assert printed["适用满分"].cells == tuple(
        plain(column.result.applicable_max) for column in result.columns
    )
    assert [row.cells for row in view.sums][-1] == tuple(column.score.text for column in result.columns)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda one: one.code)
def test_what_is_not_judged_is_in_no_sum_and_no_difference(definition):
    rows = drawn(definition, 1)
    rows.answers[Layer.CITY].clear()
    some = dict(list(rows.answers[Layer.DISTRICT].items())[::3])
    result = load_result(definition, LayerRows({**rows.answers, Layer.DISTRICT: some}, rows.declarations))
    assert len(result.columns) == 2
    for section in result.sections:
        for row in section.rows:
            if row.indicator.parts_by_hand and row.indicator.code not in some:
                assert row.gap is None and not row.differs
    cells = [
        cell
        for section in build_result(result, "ENTERPRISE").sections
        for row in section.rows
        for cell in row.cells
    ]
    assert any(cell.note == "未核" and cell.text == "—" for cell in cells)


def test_bands_are_of_the_full_marks():
    assert [
        gap_band(Decimal(number), Decimal(100)) for number in ("0", "-0.01", "4.99", "5", "-9.99", "10")
    ] == [
        "",
        "差异较小",
        "差异较小",
        "差异一般",
        "差异一般",
        "差异较大",
    ]


@pytest.mark.django_db
def test_the_page_shows_three_layers_each_with_its_reason():
    case = Case()
    case.open()
    case.judge("D01-01", [[96, 100]], reason="名册与合同数不符")
    case.agree_all()
    verify(actor=case.office, assessment=case.assessment, now=NOW)
    open_city_review(actor=case.city, assessment=case.assessment, now=NOW)
    change = ItemVerdict("D01-01", "CHANGED", [[98, 100]], reason_code="ON_SITE", reason="补看了两份合同")
    judge_item(actor=case.city, assessment=case.assessment, verdict=change, now=NOW)
    page = (
        login(Client(), case.city)
        .get(reverse("evaluation:assessment_result", args=[case.assessment.pk]))
        .content.decode()
    )
    for words in (
        "名册与合同数不符",
        "补看了两份合同",
        "缺少佐证材料",
        "现场核实情况不同",
        "核减 0.5",
        "适用满分",
        "一票否决事项",
        "同区（市）",
    ):
        assert words in page, words


# --- on a phone -----------------------------------------------------------------------------------------------------


def differing_rows(definition: IndicatorSetDefinition, number: int) -> LayerRows:
    """`number` items found lower by the district, each with a reason of two lines on a phone."""
    own = {
        item.code: Answer(indicator=item.code, layer=Layer.SELF, inputs=best_inputs(item), updated_at=NOW)
        for item in definition.indicators
    }
    checks = [
        item
        for item in definition.indicators
        if any(isinstance(part, CheckPart) for part in item.parts_by_hand)
    ]
    changed = {}
    for item in checks[:number]:
        inputs = [
            False if isinstance(part, CheckPart) else entry
            for part, entry in zip(item.parts_by_hand, best_inputs(item), strict=True)
        ]
        changed[item.code] = inputs
    district = {
        item.code: Answer(
            indicator=item.code,
            layer=Layer.DISTRICT,
            inputs=changed.get(item.code, best_inputs(item)),
            verdict=Verdict.CHANGED if item.code in changed else Verdict.AGREED,
            reason_code="EVIDENCE_MISSING" if item.code in changed else "",
            reason="抽查十份合同，其中四份没有见到，名册与合同数不符。" if item.code in changed else "",
            updated_at=NOW,
        )
        for item in definition.indicators
    }
    declared = {
        layer: {
            code: Declaration(code=code, layer=layer, value=value, updated_at=NOW)
            for code, value in {
                **{v.code: "NO" for v in definition.vetoes},
                **{d.code: "0" for d in definition.deductions},
                **{s.code: "90" for s in definition.surveys},
            }.items()
        }
        for layer in (Layer.SELF, Layer.DISTRICT)
    }
    return LayerRows({Layer.SELF: own, Layer.DISTRICT: district}, declared)


def test_only_the_first_differences_stand_open():
    definition = next(one for one in DEFINITIONS if "4077" in one.code)
    view = build_result(load_result(definition, differing_rows(definition, 12)), "ENTERPRISE")
    assert (
        len(view.first_differences) == OPEN_DIFFERENCES
        and len(view.other_differences) == 12 - OPEN_DIFFERENCES
    )
