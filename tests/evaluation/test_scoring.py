"""The case table of design §10, row by row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from evaluation.rules.indicator_sets import read_indicator_set
from evaluation.rules.losses import completeness, explain_losses, losses_of_line
from evaluation.rules.scoring import ScoringError, score
from evaluation.rules.yaml_text import read_yaml
from tests.evaluation.indicator_set_samples import bands, check, full_answers, item, make, shipped, slope

D = Decimal
SURVEY = {"kind": "survey", "text": "满意度", "survey": "S01", "bands": [[90, 2], [80, 1]]}


def three_items(policy: str = "FORBIDDEN", **more: Any) -> Any:
    """6 + 3 + 1 points, pass 9; the middle item has the policy."""
    return make(
        item("A1", 6, check(6)),
        item("A2", 3, bands([100, 3], [50, D("1.5")]), not_applicable=policy),
        item("A3", 1, slope()),
        **more,
    )


def codes(definition: Any, answers: dict[str, Any]) -> list[str]:
    with pytest.raises(ScoringError) as refused:
        score(definition, answers)
    assert all(problem.message for problem in refused.value.problems)
    return [problem.code for problem in refused.value.problems]


def test_the_example_of_the_contract() -> None:
    definition = shipped("4077")
    answers = full_answers(definition)
    answers["answers"]["D02-02"] = [True, [96, 100], True]
    found = score(definition, answers).to_json()
    assert set(found) == {
        "total",
        "applicable_max",
        "scored_max",
        "scaled_total",
        "qualification",
        "reasons",
        "lines",
        "dimensions",
        "deductions",
    }
    assert found["total"] == found["scaled_total"] == "99.00"
    assert found["qualification"] == "PASSED"
    line = next(line for line in found["lines"] if line["code"] == "D02-02")  # type: ignore[attr-defined]
    assert line == {
        "code": "D02-02",
        "score": "1.50",
        "max": "2.50",
        "state": "SCORED",
        "arithmetic": "1.00 + (1.00 − 4×0.25 = 0.00) + 0.50 = 1.50",
    }
    assert found["dimensions"][1] == {"code": "D02", "score": "11.00", "max": "12.00"}  # type: ignore[index]
    assert found["deductions"][0] == {"code": "X01", "value": "0.00"}  # type: ignore[index]


def test_totals_are_sums_of_rounded_lines() -> None:
    third = slope(points=1, per_point=D("0.25"), count="PROPORTIONAL")
    definition = make(item("A1", 1, third), item("A2", 1, third), item("A3", 1, third))
    found = score(definition, {"answers": {code: [[299, 300]] for code in ("A1", "A2", "A3")}})
    assert [str(line.score) for line in found.lines] == ["0.92", "0.92", "0.92"]  # each 0.91666…
    assert (found.total, found.dimensions[0].score) == (D("2.76"), D("2.76"))


def test_the_total_never_goes_below_zero() -> None:
    definition = three_items(deductions=[{"code": "X01", "name": "扣分", "options": [0, -6]}])
    found = score(
        definition, {"answers": {"A1": [False], "A2": [[50, 100]], "A3": [[0, 1]]}, "deductions": {"X01": -6}}
    )
    assert (found.total, found.scaled_total, found.qualification) == (D("0"), D("0.00"), "BELOW")
    assert found.to_json()["total"] == "0.00"


@pytest.mark.parametrize("answer", [None, [None], "absent"])
def test_a_blank_item_is_unanswered_and_adds_nothing(answer: Any) -> None:
    answers = {"A1": [True], "A3": [[1, 1]]} | ({} if answer == "absent" else {"A2": answer})
    found = score(three_items(), {"answers": answers})
    assert (found.lines[1].score, found.lines[1].state) == (None, "UNANSWERED")
    assert (found.total, found.applicable_max, found.scored_max) == (D(7), D(10), D(7))
    assert found.qualification == "INCOMPLETE"
    assert "A2" in found.reasons[0]


def test_one_blank_part_leaves_the_item_unanswered() -> None:
    definition = make(item("A1", 2, check(1), check(1)))
    found = score(definition, {"answers": {"A1": [True, None]}})
    assert (found.total, found.lines[0].state) == (D(0), "UNANSWERED")


def test_three_policies_three_totals() -> None:
    answers = {"A1": [True], "A2": {"not_applicable": "无此类岗位"}, "A3": [[98, 100]]}
    full = score(three_items("FULL"), {"answers": answers})
    assert (full.total, full.applicable_max, full.scored_max) == (D("9.50"), D(10), D(10))
    assert (full.lines[1].score, full.lines[1].state) == (D(3), "NOT_APPLICABLE")
    assert full.lines[1].to_json()["score"] == "3.00"
    out = score(three_items("EXCLUDE"), {"answers": answers})
    assert (out.total, out.applicable_max, out.scored_max) == (D("6.50"), D(7), D(7))
    assert (out.lines[1].score, out.lines[1].state) == (None, "NOT_APPLICABLE")
    assert (str(out.scaled_total), out.qualification) == ("9.29", "PASSED")
    assert codes(three_items("FORBIDDEN"), {"answers": answers}) == ["NOT_APPLICABLE_FORBIDDEN"]


def test_scaled_total_is_compared_unrounded() -> None:
    """8.9955 prints as 9.00 and still fails a pass line of 9."""
    definition = make(
        item("A1", D("6.67"), {"kind": "points", "text": "分", "points": D("6.67")}),
        item("A2", D("3.33"), check(D("3.33")), not_applicable="EXCLUDE"),
    )
    found = score(definition, {"answers": {"A1": [D("6.00")], "A2": {"not_applicable": "无"}}})
    assert str(found.scaled_total) == "9.00"
    assert found.qualification == "BELOW"
    assert "9.00" in found.reasons[0]
    assert "未经四舍五入" in found.reasons[0]


def test_on_the_line_passes() -> None:
    definition = three_items()
    answers: dict[str, Any] = {"A1": [True], "A2": [[100, 100]], "A3": [[96, 100]]}
    assert (
        score(definition, {"answers": answers}).total,
        score(definition, {"answers": answers}).qualification,
    ) == (
        D(9),
        "PASSED",
    )


def test_deductions_are_inside_the_scaled_total() -> None:
    definition = three_items(
        "EXCLUDE", deductions=[{"code": "X01", "name": "扣分", "options": [0, D("-0.5")]}]
    )
    answers = {"A1": [True], "A2": {"not_applicable": "无"}, "A3": [[1, 1]]}
    found = score(definition, {"answers": answers, "deductions": {"X01": D("-0.5")}})
    assert found.total == D("6.5")
    assert str(found.scaled_total) == "9.29"


def test_everything_excluded_is_zero_and_below() -> None:
    definition = make(item("A1", 1, check(), not_applicable="EXCLUDE"))
    found = score(definition, {"answers": {"A1": {"not_applicable": "无"}}})
    assert (found.to_json()["scaled_total"], found.to_json()["applicable_max"]) == ("0.00", "0.00")
    assert found.qualification == "BELOW"
    assert found.reasons


def gated_set() -> Any:
    return make(
        item("A1", 8, check(8)),
        item("A2", 2, SURVEY),
        surveys=[{"code": "S01", "name": "职工满意度", "minimum": 80}],
        vetoes=[
            {"code": "V01", "name": "否决一", "related": ["A1"]},
            {"code": "V02", "name": "否决二"},
        ],
    )


@pytest.mark.parametrize(
    ("answers", "qualification"),
    [
        ({"answers": {"A1": [True]}, "surveys": {"S01": 90}}, "PASSED"),
        (
            {"answers": {"A1": [True]}, "surveys": {"S01": 80}},
            "PASSED",
        ),  # 9 of 10: on the line, gate just met
        ({"answers": {"A1": [True]}, "surveys": {"S01": D("79.99")}}, "GATED"),
        ({"answers": {"A1": [False]}, "surveys": {"S01": 79}}, "GATED"),
        ({"answers": {"A1": [False]}, "surveys": {"S01": 90}}, "BELOW"),
        ({"answers": {"A1": [True]}}, "INCOMPLETE"),
        ({"answers": {"A1": [True]}, "surveys": {"S01": None}}, "INCOMPLETE"),
        ({"answers": {}, "surveys": {"S01": 10}}, "INCOMPLETE"),
        ({"answers": {}, "vetoes": ["V02"]}, "VETOED"),
        ({"answers": {"A1": [True]}, "surveys": {"S01": 95}, "vetoes": ["V02"]}, "VETOED"),
    ],
)
def test_the_first_qualification_that_holds(answers: dict[str, Any], qualification: str) -> None:
    found = score(gated_set(), answers)
    assert found.qualification == qualification
    assert bool(found.reasons) is (qualification != "PASSED")


def test_a_survey_unused_by_any_item_still_has_to_be_there() -> None:
    definition = make(item("A1", 1, check()), surveys=[{"code": "S01", "name": "满意度"}])
    assert score(definition, {"answers": {"A1": [True]}}).qualification == "INCOMPLETE"
    assert score(definition, {"answers": {"A1": [True]}, "surveys": {"S01": 0}}).qualification == "PASSED"


def test_a_veto_keeps_the_number_and_names_its_place() -> None:
    answers = {"answers": {"A1": [True]}, "surveys": {"S01": 90}}
    clean, vetoed = score(gated_set(), answers), score(gated_set(), {**answers, "vetoes": ["V02"]})
    assert clean.total == vetoed.total == D(10)
    assert vetoed.reasons == ("否决（第2项 V02）：否决二",)


def test_blank_sections_mean_their_defaults() -> None:
    assert score(three_items(), None).qualification == "INCOMPLETE"
    empty = {"layer": "SELF", "answers": None, "vetoes": None, "deductions": None, "surveys": None}
    assert score(three_items(), empty) == score(three_items(), {})


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"answers": {"ZZ": [True]}}, "UNKNOWN_CODE"),
        ({"answers": {1: [True]}}, "UNKNOWN_CODE"),
        ({"vetoes": ["V99"]}, "UNKNOWN_CODE"),
        ({"vetoes": [["V01"]]}, "UNKNOWN_CODE"),
        ({"deductions": {"X99": 0}}, "UNKNOWN_CODE"),
        ({"surveys": {"S99": 1}}, "UNKNOWN_CODE"),
        ({"answers": {"A1": []}}, "WRONG_COUNT"),
        ({"answers": {"A1": [True, True]}}, "WRONG_COUNT"),
        ({"answers": {"A1": True}}, "WRONG_TYPE"),
        ({"answers": {"A1": "true"}}, "WRONG_TYPE"),
        ({"answers": [True]}, "WRONG_TYPE"),
        ({"answers": {"A2": {"not_applicable": "无", "why": 1}}}, "WRONG_TYPE"),
        ({"answers": {"A2": {"not_applicable": "  "}}}, "NOT_APPLICABLE_REASON"),
        ({"answers": {"A2": {"not_applicable": None}}}, "NOT_APPLICABLE_REASON"),
        ({"answers": {"A2": {"not_applicable": True}}}, "NOT_APPLICABLE_REASON"),
        ({"answers": {"A1": {"not_applicable": "无"}}}, "NOT_APPLICABLE_FORBIDDEN"),
        ({"deductions": {"X01": -1}}, "NOT_AN_OPTION"),
        ({"deductions": {"X01": 2}}, "NOT_AN_OPTION"),
        ({"deductions": {"X01": "-2"}}, "WRONG_TYPE"),
        ({"deductions": {"X01": -2.0}}, "WRONG_TYPE"),
        ({"deductions": ["X01"]}, "WRONG_TYPE"),
        ({"surveys": {"S01": -1}}, "SURVEY_RANGE"),
        ({"surveys": {"S01": D("100.01")}}, "SURVEY_RANGE"),
        ({"surveys": {"S01": True}}, "WRONG_TYPE"),
        ({"vetoes": "V01"}, "WRONG_TYPE"),
        ({"layer": "BOSS"}, "UNKNOWN_VALUE"),
        ({"veto": ["V01"]}, "UNKNOWN_KEY"),
        ([], "WRONG_TYPE"),
    ],
)
def test_refused_sheets(answers: Any, code: str) -> None:
    definition = three_items(
        "EXCLUDE",
        vetoes=[{"code": "V01", "name": "否决"}],
        deductions=[{"code": "X01", "name": "扣分", "options": [0, -2]}],
        surveys=[{"code": "S01", "name": "满意度"}],
    )
    assert codes(definition, answers) == [code]


def test_every_refusal_is_told_at_once() -> None:
    answers = {"answers": {"A1": [1], "A3": [[5, 0]], "ZZ": None}, "surveys": {"S01": 1}}
    assert codes(three_items(), answers) == ["WRONG_TYPE", "ZERO_DENOMINATOR", "UNKNOWN_CODE", "UNKNOWN_CODE"]


def test_a_survey_item_takes_no_entry() -> None:
    assert codes(gated_set(), {"answers": {"A2": [90]}}) == ["WRONG_COUNT"]
    assert (
        score(gated_set(), {"answers": {"A1": [True], "A2": []}, "surveys": {"S01": 90}}).qualification
        == "PASSED"
    )


def test_numbers_are_read_as_written() -> None:
    """0.1 + 0.2 style traps: 96.5 is 96.5, and 2.675 rounds up because it was never a float."""
    definition = make(item("A1", 5, {"kind": "points", "text": "分", "points": 5}))
    found = score(definition, read_yaml("answers: {A1: [2.675]}"))
    assert str(found.total) == "2.68"


def test_codes_written_without_quotes() -> None:
    raw = """
meta: {code: 9999, version: 1.10, title: 数字编号, status: OFFICIAL, total_score: 1, applies_to: [ENTERPRISE]}
thresholds: {pass_score: 1}
vetoes: [{code: 7, name: 否决, related: [1]}]
dimensions: [{code: 10, name: 项目, max_score: 1, indicators: [
  {code: 1, name: 项, max_score: 1, rule: [{kind: check, points: 1}]}
]}]
"""
    definition = read_indicator_set(raw)
    assert (definition.code, definition.version) == ("9999", "1.10")
    found = score(definition, read_yaml("{answers: {1: [true]}, vetoes: [7]}"))
    assert (found.total, found.qualification) == (D(1), "VETOED")


def test_losses_say_what_restores_them() -> None:
    definition = make(
        item("A1", D("2.5"), check(1, "依法订立"), slope(), check(D("0.5"), "各执一份")),
        item("A2", 3, bands([110, 3], [100, 2], [0, 0])),
        item("A3", 6, {"kind": "count", "text": "案件数", "bands": [[0, 6], [1, 3], [2, 0]]}),
        deductions=[{"code": "X01", "name": "争议多", "options": [0, -2]}],
    )
    found = score(
        definition,
        {
            "answers": {"A1": [False, [96, 100], True], "A2": [[105, 100]], "A3": [2]},
            "deductions": {"X01": -2},
        },
    )
    losses = explain_losses(found)
    assert [(loss.code, loss.points_lost_text) for loss in losses] == [
        ("A3", "6.00"),
        ("X01", "2.00"),
        ("A1", "1.00"),
        ("A1", "1.00"),
        ("A2", "1.00"),
    ]
    by_text = {loss.text: loss for loss in losses}
    assert by_text["依法订立"].restore == "做到“依法订立”，可得 1 分"
    assert by_text["签订率"].found == "96÷100 = 96%"
    assert by_text["签订率"].restore == "已签订人数再增加 4，使签订率达到 100%，可得 1 分"
    assert by_text["工资之比"].restore == "工资之比达到 110% 可得 3 分"
    assert by_text["案件数"].restore == "案件数降到 2 以下可得 3 分；案件数降到 1 以下可得 6 分"
    assert losses_of_line(found.lines[0]) == [losses[2], losses[3]]


def test_completeness_counts_items() -> None:
    answers = {"A1": [True], "A2": {"not_applicable": "无"}}
    found = completeness(score(three_items("EXCLUDE"), {"answers": answers}).lines)
    assert (found.answered, found.total, found.not_applicable, found.unanswered) == (2, 3, 1, ("A3",))
    assert not found.is_complete
