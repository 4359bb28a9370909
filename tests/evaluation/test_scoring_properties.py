"""Invariants of the score, over generated sets and answers."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.rules.answers import to_stored
from evaluation.rules.indicator_set_json import content_hash, from_json, to_canonical_json
from evaluation.rules.numbers import round_half_up
from evaluation.rules.scoring import score
from tests.evaluation.indicator_set_samples import make

CENTS = st.integers(1, 600).map(lambda cents: Decimal(cents) / 100)
RATIO = st.tuples(st.integers(0, 500), st.integers(1, 500)).map(lambda pair: [min(pair), max(1, *pair)])


@st.composite
def part_and_entry(draw: st.DrawFn) -> tuple[dict[str, Any], Decimal, Any]:
    kind = draw(st.sampled_from(["check", "slope", "bands", "count", "points"]))
    points = draw(CENTS)
    part: dict[str, Any] = {"kind": kind, "text": "部分"}
    if kind == "check":
        return {**part, "points": points}, points, draw(st.booleans())
    if kind == "slope":
        part |= {
            "target": draw(st.integers(1, 100)),
            "points": points,
            "per_point": draw(CENTS),
            "count": draw(st.sampled_from(["FULL", "STARTED", "PROPORTIONAL"])),
        }
        return part, points, draw(RATIO)
    if kind == "points":
        return {**part, "points": points, "step": points / 4}, points, draw(st.integers(0, 4)) * points / 4
    thresholds = draw(st.lists(st.integers(0, 120), min_size=1, max_size=4, unique=True))
    rows = [[threshold, draw(CENTS)] for threshold in thresholds]
    entry = draw(RATIO) if kind == "bands" else draw(st.integers(0, 150))
    return {**part, "bands": rows}, max(row[1] for row in rows), entry


@st.composite
def set_and_answers(draw: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    items, answers = [], {}
    for number in range(draw(st.integers(1, 5))):
        parts = draw(st.lists(part_and_entry(), min_size=1, max_size=3))
        code = f"I{number}"
        policy = draw(st.sampled_from(["FULL", "EXCLUDE", "FORBIDDEN"]))
        total = sum((worth for _, worth, _ in parts), Decimal(0))
        rule = [part for part, _, _ in parts]
        items.append({"code": code, "name": code, "max_score": total, "not_applicable": policy, "rule": rule})
        state = draw(
            st.sampled_from(["answered", "answered", "answered", "blank", "partly", "not applicable"])
        )
        entries: list[Any] = [entry for _, _, entry in parts]
        if state == "answered":
            answers[code] = entries
        elif state == "partly":
            answers[code] = [None, *entries[1:]]
        elif state == "not applicable" and policy != "FORBIDDEN":
            answers[code] = {"not_applicable": "不涉及"}
    definition = make(
        *items,
        deductions=[{"code": "X01", "name": "扣分", "options": [0, -2, -4]}],
        vetoes=[{"code": "V01", "name": "否决"}],
    )
    return definition, {"answers": answers}


@given(set_and_answers())
@settings(max_examples=150, deadline=None)
def test_sums_and_bounds(case: tuple[Any, dict[str, Any]]) -> None:
    definition, answers = case
    found = score(definition, answers)
    scores = [line.score for line in found.lines if line.score is not None]
    assert (
        found.total == sum(scores, Decimal(0)) == sum((line.score for line in found.dimensions), Decimal(0))
    )
    assert all(0 <= line.score <= line.max_score for line in found.lines if line.score is not None)
    assert 0 <= found.total <= found.scored_max <= found.applicable_max <= definition.total_score
    assert all(
        re.fullmatch(r"\d+\.\d\d", line["score"]) for line in found.to_json()["lines"] if line["score"]
    )  # type: ignore[attr-defined]


@given(set_and_answers(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_answers_changes_nothing(case: tuple[Any, dict[str, Any]], random: Any) -> None:
    definition, answers = case
    pairs = list(answers["answers"].items())
    random.shuffle(pairs)
    assert score(definition, {"answers": dict(pairs)}) == score(definition, answers)


@given(set_and_answers(), st.sampled_from([-2, -4]))
@settings(max_examples=60, deadline=None)
def test_a_deduction_never_raises_the_total(case: tuple[Any, dict[str, Any]], value: int) -> None:
    definition, answers = case
    before, after = score(definition, answers), score(definition, {**answers, "deductions": {"X01": value}})
    assert after.total <= before.total
    assert after.scaled_exact <= before.scaled_exact
    assert after.lines == before.lines


@given(set_and_answers())
@settings(max_examples=60, deadline=None)
def test_excluding_one_item_leaves_the_others(case: tuple[Any, dict[str, Any]]) -> None:
    definition, answers = case
    before = {line.code: line for line in score(definition, answers).lines}
    for indicator in definition.indicators:
        if indicator.not_applicable != "EXCLUDE":
            continue
        changed = {**answers["answers"], indicator.code: {"not_applicable": "不涉及"}}
        after = {line.code: line for line in score(definition, {"answers": changed}).lines}
        assert {**before, indicator.code: None} == {**after, indicator.code: None}


@given(set_and_answers())
@settings(max_examples=60, deadline=None)
def test_a_veto_never_alters_the_number(case: tuple[Any, dict[str, Any]]) -> None:
    definition, answers = case
    before, after = score(definition, answers), score(definition, {**answers, "vetoes": ["V01"]})
    assert (after.total, after.scaled_exact, after.lines) == (before.total, before.scaled_exact, before.lines)
    assert after.qualification == "VETOED"


@given(set_and_answers())
@settings(max_examples=60, deadline=None)
def test_stored_inputs_give_the_stored_total(case: tuple[Any, dict[str, Any]]) -> None:
    """Set and answers through JSON and back: the same sheet, the same fingerprint."""
    definition, answers = case
    again = from_json(json.loads(json.dumps(to_canonical_json(definition))))
    assert again == definition
    assert content_hash(again) == content_hash(definition)
    stored = json.loads(json.dumps(to_stored(answers)))
    assert score(again, stored, numbers_as_text=True) == score(definition, answers)


@given(set_and_answers())
@settings(max_examples=150, deadline=None)
def test_the_arithmetic_line_reckons_to_the_score(case: tuple[Any, dict[str, Any]]) -> None:
    definition, answers = case
    for line in score(definition, answers).lines:
        if line.state != "SCORED":
            continue
        total = Fraction(0)
        for found in line.parts:
            assert found.mark is not None
            total += reckon(found.mark.arithmetic)
        assert round_half_up(total) == line.score
        assert re.split("[=≈]", line.arithmetic)[-1].strip() == str(line.score)
        if len(line.parts) > 1:
            terms = re.split(r" [=≈] (?![^()]*\))", line.arithmetic)[0]
            assert (
                round_half_up(sum((reckon(term.strip("()")) for term in terms.split(" + ")), Fraction(0)))
                == line.score
            )


def reckon(term: str) -> Fraction:
    """The value of one term, computed again where it is a subtraction."""
    slope = re.fullmatch(r"([\d./]+) − ([\d./]+)×([\d./]+)(，扣完为止)? = ([\d./]+)", term)
    if slope is None:
        return Fraction(term.rsplit("= ", 1)[-1])
    points, short, each, exhausted, told = slope.groups()
    exact = Fraction(points) - Fraction(short) * Fraction(each)
    assert bool(exhausted) is (exact < 0)
    assert max(Fraction(0), exact) == Fraction(told)
    return Fraction(told)
