"""Every way a set can be wrong: told with code, path and a message that names the place."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from evaluation.rules.indicator_sets import parse_indicator_set
from evaluation.rules.problems import IndicatorSetError, Problem
from tests.evaluation.indicator_set_samples import bands, check, item, raw_set, slope

D = Decimal
Raw = dict[str, Any]


def base() -> Raw:
    return raw_set(
        item("A1", 2, check(1), slope()),
        item("A2", 3, bands([100, 3], [50, 1])),
        vetoes=[{"code": "V01", "name": "否决", "related": ["A1"]}],
        deductions=[{"code": "X01", "name": "扣分", "options": [0, -2]}],
        surveys=[{"code": "S01", "name": "满意度", "minimum": 80}],
    )


def refused(raw: object) -> tuple[Problem, ...]:
    with pytest.raises(IndicatorSetError) as caught:
        parse_indicator_set(raw)
    return caught.value.problems


def test_the_base_is_right() -> None:
    assert parse_indicator_set(base()).total_score == 5


def first(raw: Raw) -> Raw:
    found: Raw = raw["dimensions"][0]["indicators"][0]
    return found


def rule(raw: Raw, number: int = 0) -> Raw:
    found: Raw = first(raw)["rule"][number]
    return found


def second_rule(raw: Raw) -> Raw:
    found: Raw = raw["dimensions"][0]["indicators"][1]["rule"][0]
    return found


CASES: list[tuple[str, Callable[[Raw], Any], str, str]] = [
    ("parts ≠ item", lambda r: rule(r).update(points=2), "SUM_DIFFERS", "A1"),
    (
        "items ≠ dimension",
        lambda r: (first(r).update(max_score=3), rule(r).update(points=2)),
        "SUM_DIFFERS",
        "D01",
    ),
    ("dimensions ≠ total", lambda r: r["meta"].update(total_score=6), "SUM_DIFFERS", "total_score"),
    (
        "duplicate item",
        lambda r: r["dimensions"][0]["indicators"][1].update(code="A1"),
        "DUPLICATE_CODE",
        "A1",
    ),
    (
        "duplicate dimension",
        lambda r: (
            r["dimensions"].append(dict(r["dimensions"][0], indicators=[item("B1", 5, check(5))])),
            r["meta"].update(total_score=10),
        ),
        "DUPLICATE_CODE",
        "D01",
    ),
    (
        "duplicate veto",
        lambda r: r["vetoes"].append({"code": "V01", "name": "又一"}),
        "DUPLICATE_CODE",
        "V01",
    ),
    ("missing item code", lambda r: first(r).pop("code"), "MISSING_CODE", "第 1 个评价指标"),
    ("blank item code", lambda r: first(r).update(code=" "), "MISSING_CODE", "编号"),
    ("code with a space", lambda r: first(r).update(code="A 1"), "BAD_CODE", "空格"),
    ("missing veto code", lambda r: r["vetoes"][0].pop("code"), "MISSING_CODE", "第 1 个一票否决项"),
    ("missing dimension code", lambda r: r["dimensions"][0].pop("code"), "MISSING_CODE", "评价项目"),
    ("missing deduction code", lambda r: r["deductions"][0].pop("code"), "MISSING_CODE", "扣分项"),
    ("missing survey code", lambda r: r["surveys"][0].pop("code"), "MISSING_CODE", "测评"),
    ("unknown kind", lambda r: rule(r).update(kind="magic"), "UNKNOWN_KIND", "A1 第 1 条"),
    ("no kind", lambda r: rule(r).pop("kind"), "MISSING_KEY", "kind"),
    ("unknown key of a part", lambda r: rule(r).update(weight=1), "UNKNOWN_KEY", "weight"),
    ("misspelt key", lambda r: rule(r).update(point=1), "UNKNOWN_KEY", "是否想写 points"),
    ("unknown key of an item", lambda r: first(r).update(veto=True), "UNKNOWN_KEY", "veto"),
    ("unknown key of the file", lambda r: r.update(extra=1), "UNKNOWN_KEY", "extra"),
    ("unknown key of meta", lambda r: r["meta"].update(author="x"), "UNKNOWN_KEY", "author"),
    ("unknown key of thresholds", lambda r: r["thresholds"].update(line=1), "UNKNOWN_KEY", "line"),
    ("unknown key of a veto", lambda r: r["vetoes"][0].update(points=1), "UNKNOWN_KEY", "V01"),
    (
        "survey part without survey",
        lambda r: first(r)["rule"].__setitem__(0, {"kind": "survey", "bands": [[90, 1]]}),
        "MISSING_KEY",
        "survey",
    ),
    (
        "survey part names no survey",
        lambda r: first(r)["rule"].__setitem__(0, {"kind": "survey", "survey": "S09", "bands": [[90, 1]]}),
        "UNKNOWN_SURVEY",
        "S09",
    ),
    ("veto on an unknown item", lambda r: r["vetoes"][0].update(related=["Z9"]), "UNKNOWN_INDICATOR", "Z9"),
    ("unknown subject", lambda r: r["meta"].update(applies_to=["FACTORY"]), "UNKNOWN_VALUE", "ENTERPRISE"),
    ("no subject", lambda r: r["meta"].update(applies_to=[]), "MISSING_KEY", "applies_to"),
    ("unknown status", lambda r: r["meta"].update(status="DRAFT"), "UNKNOWN_VALUE", "RECONSTRUCTION"),
    ("unknown requirement", lambda r: r["meta"].update(requires=["LUCK"]), "UNKNOWN_VALUE", "requires"),
    ("unknown policy", lambda r: first(r).update(not_applicable="MAYBE"), "UNKNOWN_VALUE", "EXCLUDE"),
    ("unknown count", lambda r: rule(r, 1).update(count="HALF"), "UNKNOWN_VALUE", "STARTED"),
    ("a bad date", lambda r: r["meta"].update(effective_from="2020-13-01"), "BAD_DATE", "2020-09-20"),
    ("no title", lambda r: r["meta"].pop("title"), "MISSING_KEY", "title"),
    ("a number as text", lambda r: first(r).update(max_score="2"), "WRONG_TYPE", "max_score"),
    ("a binary float", lambda r: first(r).update(max_score=2.0), "WRONG_TYPE", "浮点"),
    ("a truth value as points", lambda r: rule(r).update(points=True), "WRONG_TYPE", "points"),
    ("negative points", lambda r: rule(r).update(points=-1), "OUT_OF_RANGE", "points"),
    ("no points", lambda r: rule(r).update(points=0), "OUT_OF_RANGE", "points"),
    ("three decimals", lambda r: first(r).update(max_score=D("2.005")), "TOO_MANY_DECIMALS", "两位小数"),
    ("target above 100", lambda r: rule(r, 1).update(target=101), "OUT_OF_RANGE", "target"),
    ("pass above total", lambda r: r["thresholds"].update(pass_score=6), "OUT_OF_RANGE", "pass_score"),
    ("no pass score", lambda r: r["thresholds"].pop("pass_score"), "MISSING_KEY", "pass_score"),
    ("part of a month", lambda r: r["thresholds"].update(veto_lookback_months=D("1.5")), "NOT_WHOLE", "整数"),
    ("bands that are no list", lambda r: second_rule(r).update(bands=3), "WRONG_TYPE", "bands"),
    ("bands of nothing", lambda r: second_rule(r).update(bands=[]), "BAD_BANDS", "bands"),
    ("a band of three", lambda r: second_rule(r).update(bands=[[1, 2, 3]]), "BAD_BANDS", "第 1 档"),
    ("a band twice", lambda r: second_rule(r).update(bands=[[100, 3], [100, 1]]), "BAD_BANDS", "重复"),
    ("a negative band", lambda r: second_rule(r).update(bands=[[100, 3], [-1, 1]]), "BAD_BANDS", "负数"),
    ("a word in a band", lambda r: second_rule(r).update(bands=[["高", 3]]), "WRONG_TYPE", "“高”"),
    (
        "a step that misses the top",
        lambda r: rule(r).update(kind="points", step=D("0.3")),
        "BAD_STEP",
        "step",
    ),
    (
        "a half count",
        lambda r: second_rule(r).clear() or second_rule(r).update(kind="count", bands=[[D("1.5"), 3]]),
        "BAD_BANDS",
        "整数",
    ),
    (
        "survey above 100",
        lambda r: first(r)["rule"].__setitem__(0, {"kind": "survey", "survey": "S01", "bands": [[101, 1]]}),
        "BAD_BANDS",
        "100",
    ),
    ("a deduction that adds", lambda r: r["deductions"][0].update(options=[0, 2]), "OUT_OF_RANGE", "X01"),
    ("a deduction of nothing", lambda r: r["deductions"][0].update(options=[]), "MISSING_KEY", "options"),
    ("a gate above 100", lambda r: r["surveys"][0].update(minimum=101), "OUT_OF_RANGE", "minimum"),
    ("no rule", lambda r: first(r).update(rule=[]), "MISSING_KEY", "rule"),
    ("no items", lambda r: r["dimensions"][0].update(indicators=[]), "MISSING_KEY", "indicators"),
    ("no dimensions", lambda r: r.update(dimensions=[]), "MISSING_KEY", "dimensions"),
    ("a line that is no mapping", lambda r: r["vetoes"].append("V02"), "WRONG_TYPE", "第 2 个一票否决项"),
    ("evidence of numbers", lambda r: first(r).update(evidence=[True]), "WRONG_TYPE", "evidence"),
    ("an unknown grade", lambda r: first(r).update(grade="E"), "UNKNOWN_VALUE", "grade"),
    (
        "a source not listed",
        lambda r: (r.update(sources={"LAW": {"ref": "法"}}), first(r).update(source=["QD"])),
        "UNKNOWN_SOURCE",
        "QD",
    ),
]


@pytest.mark.parametrize(
    ("change", "code", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_refused(change: Callable[[Raw], Any], code: str, words: str) -> None:
    raw = base()
    change(raw)
    problems = refused(raw)
    told = [problem.message for problem in problems if problem.code == code]
    assert len(told) == 1
    assert words in told[0]
    consequences = {problem.code for problem in problems} - {code}
    assert consequences <= {"UNKNOWN_INDICATOR"}  # the veto of an item that lost its code


@pytest.mark.parametrize("raw", [None, [], "text", 3])
def test_a_file_of_another_shape(raw: object) -> None:
    assert [problem.code for problem in refused(raw)] == ["WRONG_TYPE"]


def test_an_empty_mapping_misses_everything() -> None:
    messages = "\n".join(problem.message for problem in refused({}))
    for key in ("meta", "thresholds", "dimensions"):
        assert key in messages


def test_all_problems_at_once_with_their_paths() -> None:
    raw = base()
    rule(raw).update(points="多")
    second_rule(raw).update(bands=[[1]])
    raw["vetoes"][0]["related"] = ["Z9"]
    raw["meta"]["status"] = "FINAL"
    found = refused(raw)
    assert [(problem.code, problem.path) for problem in found] == [
        ("UNKNOWN_VALUE", "meta.status"),
        ("WRONG_TYPE", "dimensions[0].indicators[0].rule[0].points"),
        ("BAD_BANDS", "dimensions[0].indicators[1].rule[0].bands[0]"),
        ("UNKNOWN_INDICATOR", "vetoes.V01.related"),
    ]


def test_the_message_is_for_the_screen() -> None:
    raw = base()
    rule(raw).update(points=2)
    with pytest.raises(IndicatorSetError) as caught:
        parse_indicator_set(raw)
    assert caught.value.message == (
        "评价指标 A1：各条评分规则最高分合计 3，与本指标满分 max_score 2 不一致。请调整分值使两者相等。"
    )


def test_optional_words_have_defaults() -> None:
    raw = base()
    rule(raw).pop("text")
    for key in ("text", "numerator", "denominator", "target", "count"):
        rule(raw, 1).pop(key)
    found = parse_indicator_set(raw).indicators[0]
    assert [part.text for part in found.parts] == ["指标A1", "指标A1"]
    assert found.parts[1].in_words().startswith("指标A1（分子÷分母）达到 100%")
