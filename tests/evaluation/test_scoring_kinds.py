"""Golden tables: every kind of rule part at its edges."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from evaluation.rules.scoring import ScoringError, mark_item
from tests.evaluation.indicator_set_samples import bands, check, item, make, slope

D = Decimal


def mark(
    part: dict[str, Any], max_score: Any, entry: Any, surveys: dict[str, Any] | None = None
) -> tuple[str, str]:
    sets = {"surveys": [{"code": "S01", "name": "满意度"}]} if part["kind"] == "survey" else {}
    definition = make(item("A1", max_score, part), **sets)
    answer = None if part["kind"] == "survey" else [entry]
    line = mark_item(definition.indicators[0], answer, surveys=surveys)
    return str(line.score), line.arithmetic


@pytest.mark.parametrize(
    ("count", "entry", "score", "arithmetic"),
    [
        ("FULL", [100, 100], "1.00", "1.00 − 0×0.25 = 1.00"),
        ("FULL", [999, 1000], "1.00", "1.00 − 0×0.25 = 1.00"),  # 99.9 %: no whole point short
        ("FULL", [96, 100], "0.00", "1.00 − 4×0.25 = 0.00"),
        ("FULL", [97, 100], "0.25", "1.00 − 3×0.25 = 0.25"),
        ("FULL", [2, 3], "0.00", "1.00 − 33×0.25，扣完为止 = 0.00"),
        ("FULL", [0, 100], "0.00", "1.00 − 100×0.25，扣完为止 = 0.00"),
        ("STARTED", [999, 1000], "0.75", "1.00 − 1×0.25 = 0.75"),
        ("STARTED", [99, 100], "0.75", "1.00 − 1×0.25 = 0.75"),  # exactly one point is one point
        ("STARTED", [989, 1000], "0.50", "1.00 − 2×0.25 = 0.50"),
        ("STARTED", [0, 100], "0.00", "1.00 − 100×0.25，扣完为止 = 0.00"),
        ("PROPORTIONAL", [999, 1000], "0.98", "1.00 − 0.1×0.25 = 0.975 ≈ 0.98"),
        ("PROPORTIONAL", [96, 100], "0.00", "1.00 − 4×0.25 = 0.00"),
        ("PROPORTIONAL", [291, 300], "0.25", "1.00 − 3×0.25 = 0.25"),
        ("PROPORTIONAL", [295, 300], "0.58", "1.00 − 5/3×0.25 = 7/12 ≈ 0.58"),
        ("PROPORTIONAL", [D("99.5"), 100], "0.88", "1.00 − 0.5×0.25 = 0.875 ≈ 0.88"),
    ],
)
def test_slope(count: str, entry: list[Any], score: str, arithmetic: str) -> None:
    assert mark(slope(count=count), 1, entry) == (score, arithmetic)


def test_slope_below_target_counts_from_the_target() -> None:
    part = slope(points=8, per_point=D("0.2"), target=90)
    assert mark(part, 8, [95, 100])[0] == "8.00"
    assert mark(part, 8, [90, 100])[0] == "8.00"
    assert mark(part, 8, [85, 100])[0] == "7.00"


def test_slope_is_exact_where_binary_floats_are_not() -> None:
    """0.29 × 100 is 28.999… as a float; 71 of 100 is exactly 29 points short."""
    assert mark(slope(points=10, per_point=D("0.1")), 10, [71, 100])[0] == "7.10"
    assert mark(slope(points=10, per_point=D("0.1")), 10, [D("0.71"), 1])[0] == "7.10"


@pytest.mark.parametrize(
    ("entry", "score"),
    [
        ([110, 100], "3.00"),
        ([D("109.99"), 100], "2.00"),
        ([100, 100], "2.00"),
        ([D("99.9"), 100], "0.50"),
        ([50, 100], "0.50"),
        ([49, 100], "0.00"),
        ([0, 100], "0.00"),
        ([8000, 5000], "3.00"),
    ],
)
def test_bands(entry: list[Any], score: str) -> None:
    """The rows stand in any order; below the lowest row there is nothing."""
    assert mark(bands([100, 2], [50, D("0.5")], [110, 3]), 3, entry)[0] == score


def test_bands_say_which_row_was_reached() -> None:
    assert mark(bands([110, 3], [100, 2]), 3, [105, 100])[1] == "105%，达到 100% 档 = 2.00"
    assert mark(bands([110, 3], [100, 2]), 3, [2, 3])[1] == "≈66.67%，未达到任何一档 = 0.00"


@pytest.mark.parametrize(
    ("entry", "score"), [(0, "0.00"), (1, "0.00"), (2, "1.00"), (3, "1.00"), (4, "2.00"), (99, "2.00")]
)
def test_count(entry: int, score: str) -> None:
    assert mark({"kind": "count", "text": "场次", "bands": [[4, 2], [2, 1]]}, 2, entry)[0] == score


def test_count_may_give_less_for_more() -> None:
    part = {"kind": "count", "text": "案件", "bands": [[0, 6], [1, 3], [2, 0]]}
    assert [mark(part, 6, number)[0] for number in (0, 1, 2, 7)] == ["6.00", "3.00", "0.00", "0.00"]


@pytest.mark.parametrize(("entry", "score"), [(True, "1.50"), (False, "0.00")])
def test_check(entry: bool, score: str) -> None:
    assert mark(check(D("1.5")), D("1.5"), entry) == (score, score)


@pytest.mark.parametrize(
    ("entry", "score"), [(0, "0.00"), (D("0.5"), "0.50"), (D("2.50"), "2.50"), (2, "2.00")]
)
def test_points(entry: Any, score: str) -> None:
    assert (
        mark({"kind": "points", "text": "酌情", "points": D("2.5"), "step": D("0.5")}, D("2.5"), entry)[0]
        == score
    )


@pytest.mark.parametrize(
    ("value", "score"),
    [(D("90"), "2.00"), (D("89.99"), "1.00"), (D("80"), "1.00"), (D("79.9"), "0.00"), (D(0), "0.00")],
)
def test_survey(value: Decimal, score: str) -> None:
    part = {"kind": "survey", "text": "满意度", "survey": "S01", "bands": [[90, 2], [80, 1]]}
    assert mark(part, 2, None, surveys={"S01": value})[0] == score


def test_survey_without_a_value_is_unanswered() -> None:
    part = {"kind": "survey", "text": "满意度", "survey": "S01", "bands": [[90, 2], [80, 1]]}
    definition = make(item("A1", 2, part), surveys=[{"code": "S01", "name": "满意度"}])
    line = mark_item(definition.indicators[0], None)
    assert (line.score, line.state, line.arithmetic) == (None, "UNANSWERED", "未作答：满意度")


def test_parts_add_up_in_one_line() -> None:
    definition = make(item("A1", D("2.5"), check(1), slope(), check(D("0.5"))))
    line = mark_item(definition.indicators[0], [True, [96, 100], True])
    assert line.arithmetic == "1.00 + (1.00 − 4×0.25 = 0.00) + 0.50 = 1.50"
    assert line.score == D("1.50")


def test_an_item_is_rounded_once_and_half_up() -> None:
    """Two parts of 0.125 are 0.25, not 0.13 + 0.13."""
    eighth = slope(points=1, per_point=D("0.125"), count="FULL")
    two = make(item("A1", 2, eighth, eighth)).indicators[0]
    assert mark_item(two, [[93, 100], [93, 100]]).score == D("0.25")
    one = make(item("A1", 1, eighth)).indicators[0]
    assert mark_item(one, [[93, 100]]).score == D("0.13")
    assert mark_item(one, [[95, 100]]).score == D("0.38")


REFUSED: list[tuple[dict[str, Any], Any, Any, str]] = [
    (check(), 1, 1, "WRONG_TYPE"),
    (check(), 1, "是", "WRONG_TYPE"),
    (check(), 1, [True], "WRONG_TYPE"),
    (slope(), 1, [96], "WRONG_COUNT"),
    (slope(), 1, [96, 100, 1], "WRONG_COUNT"),
    (slope(), 1, 96, "WRONG_TYPE"),
    (slope(), 1, [True, 100], "WRONG_TYPE"),
    (slope(), 1, ["96", 100], "WRONG_TYPE"),
    (slope(), 1, [96.5, 100], "WRONG_TYPE"),
    (slope(), 1, [-1, 100], "NEGATIVE"),
    (slope(), 1, [0, 0], "ZERO_DENOMINATOR"),
    (slope(), 1, [1, D("0.0")], "ZERO_DENOMINATOR"),
    (slope(), 1, [101, 100], "NUMERATOR_ABOVE_DENOMINATOR"),
    (bands([100, 1]), 1, [5, 0], "ZERO_DENOMINATOR"),
    (bands([100, 1]), 1, [5, -1], "NEGATIVE"),
    (bands([100, 1]), 1, True, "WRONG_TYPE"),
    ({"kind": "count", "text": "场次", "bands": [[1, 1]]}, 1, D("1.5"), "NOT_WHOLE"),
    ({"kind": "count", "text": "场次", "bands": [[1, 1]]}, 1, -1, "NEGATIVE"),
    ({"kind": "count", "text": "场次", "bands": [[1, 1]]}, 1, False, "WRONG_TYPE"),
    ({"kind": "points", "text": "酌情", "points": 2, "step": D("0.5")}, 2, D("2.5"), "ABOVE_POINTS"),
    ({"kind": "points", "text": "酌情", "points": 2, "step": D("0.5")}, 2, D("1.2"), "OFF_STEP"),
    ({"kind": "points", "text": "酌情", "points": 2, "step": D("0.5")}, 2, D("-0.5"), "NEGATIVE"),
    ({"kind": "points", "text": "酌情", "points": 2, "step": D("0.5")}, 2, True, "WRONG_TYPE"),
    ({"kind": "points", "text": "酌情", "points": 2}, 2, D("NaN"), "WRONG_TYPE"),
    ({"kind": "points", "text": "酌情", "points": 2}, 2, D("1e99"), "WRONG_TYPE"),
]


@pytest.mark.parametrize(("part", "max_score", "entry", "code"), REFUSED)
def test_refused_entries_name_the_item(part: dict[str, Any], max_score: Any, entry: Any, code: str) -> None:
    definition = make(item("A1", max_score, part))
    with pytest.raises(ScoringError) as refused:
        mark_item(definition.indicators[0], [entry])
    assert [problem.code for problem in refused.value.problems] == [code]
    assert "A1" in refused.value.problems[0].message


def test_a_half_typed_ratio_is_not_answered_yet() -> None:
    definition = make(item("A1", 1, slope()))
    for entry in ([None, 100], [96, None], [None, None], None):
        assert mark_item(definition.indicators[0], [entry]).state == "UNANSWERED"
