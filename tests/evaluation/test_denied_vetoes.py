"""A veto denied while any check part of a related item is answered 否 is asked about (D03-05 with V05, D06-04 with V07)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.indicator_sets import read_indicator_set
from evaluation.rules.kinds import CheckPart
from evaluation.rules.self_assessment import NO, YES, StoredAnswer, mark_draft
from evaluation.rules.self_assessment_checks import CheckFacts, check_sheet
from tests.evaluation.assessment_builders import DATA, best_inputs


def _definitions() -> list[IndicatorSetDefinition]:
    return [read_indicator_set(path.read_bytes()) for path in sorted(DATA.glob("*.yaml"))]


def _cases() -> list[tuple[IndicatorSetDefinition, str, str, int]]:
    """Every check part of every related item of every veto of the sets that ship with the portal."""
    return [
        (definition, veto.code, code, index)
        for definition in _definitions()
        for veto in definition.vetoes
        for code in veto.related
        if (item := definition.indicator(code)) is not None
        for index, part in enumerate(item.parts_by_hand)
        if isinstance(part, CheckPart)
    ]


def _doubts(
    definition: IndicatorSetDefinition, changed: Mapping[str, list[object]], declared: Mapping[str, str]
) -> list[tuple[str, str]]:
    answers = {item.code: StoredAnswer(best_inputs(item)) for item in definition.indicators}
    answers |= {code: StoredAnswer(inputs) for code, inputs in changed.items()}
    sheet = mark_draft(definition, answers, declared)
    found = check_sheet(definition, sheet, CheckFacts(declared=declared)).doubts
    return [(doubt.code, doubt.message) for doubt in found if doubt.code.startswith("VETO-")]


CASES = _cases()


def test_the_two_of_the_issue_are_among_the_cases():
    seen = {(veto, code) for definition, veto, code, _ in CASES if "4077" in definition.code}
    assert {("V05", "D03-05"), ("V07", "D06-04")} <= seen


@pytest.mark.parametrize(("definition", "veto", "code", "index"), CASES)
def test_one_part_answered_no_is_asked_about(definition, veto, code, index):
    item = definition.indicator(code)
    inputs = best_inputs(item)
    inputs[index] = False
    declared = {one.code: NO for one in definition.vetoes}
    found = dict(_doubts(definition, {code: inputs}, declared))
    assert f"VETO-{veto}" in found
    assert (
        item.parts_by_hand[index].text in found[f"VETO-{veto}"] and "为何不构成否决" in found[f"VETO-{veto}"]
    )


def test_nothing_is_asked_when_everything_is_done_and_a_declared_veto_is_asked_once():
    for definition in _definitions():
        if "4077" in definition.code:  # the best entry of every part of this set gives its full points
            assert not _doubts(definition, {}, {one.code: NO for one in definition.vetoes})
        declared = {one.code: YES for one in definition.vetoes}
        worst = {
            item.code: [
                False if isinstance(part, CheckPart) else entry
                for part, entry in zip(item.parts_by_hand, best_inputs(item), strict=True)
            ]
            for item in definition.indicators
        }
        codes = [code for code, _ in _doubts(definition, worst, declared)]
        assert codes == [f"VETO-{one.code}" for one in definition.vetoes]


def test_an_item_of_no_points_without_a_check_part_is_still_asked_about():
    definition = next(one for one in _definitions() if "4077" in one.code)
    related = [
        (veto.code, item)
        for veto in definition.vetoes
        for code in veto.related
        if (item := definition.indicator(code)) is not None
        and not any(isinstance(part, CheckPart) for part in item.parts_by_hand)
    ]
    for veto, item in related:
        zero = [[0, 100] if isinstance(entry, list) else "0" for entry in best_inputs(item)]
        found = dict(_doubts(definition, {item.code: zero}, {one.code: NO for one in definition.vetoes}))
        assert "得 0 分" in found.get(f"VETO-{veto}", "得 0 分")
