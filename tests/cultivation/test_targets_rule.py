"""The annual target as a pure rule: golden table of the notice's cases, and properties."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivation.enums import EnrollmentState, SubjectKind, TargetMetric
from cultivation.rules import calendar
from cultivation.rules.targets import (
    CLAUSE_ENTERPRISES,
    CLAUSE_PARKS,
    CLAUSE_PILOTS,
    METRIC_KINDS,
    Completion,
    count_reason,
    evaluate_district,
    evaluate_target,
)
from zaozhuang_portal.kernel.wording import notice_place

CUTOFF = date(2026, 12, 31)
DURING, AFTER = date(2026, 3, 1), date(2027, 1, 1)


def enterprises(actual: int, today: date = DURING):
    return evaluate_target("KEY_ENTERPRISES", minimum=4, actual=actual, today=today, cutoff_on=CUTOFF)


def parks(actual: int, today: date = DURING):
    return evaluate_target("KEY_PARKS_OR_TOWNSHIPS", minimum=1, actual=actual, today=today, cutoff_on=CUTOFF)


def pilots(actual: int, today: date = AFTER):
    return evaluate_target(
        "INDUSTRY_PILOTS", minimum=1, maximum=2, actual=actual, today=today, cutoff_on=CUTOFF
    )


@pytest.mark.parametrize(
    ("firms", "places", "today", "expected"),
    [
        (3, 1, DURING, Completion.IN_PROGRESS),
        (3, 1, CUTOFF, Completion.IN_PROGRESS),
        (3, 1, AFTER, Completion.NOT_MET),
        (4, 0, AFTER, Completion.NOT_MET),
        (4, 1, DURING, Completion.MET),
        (4, 1, AFTER, Completion.MET),
        (9, 0, DURING, Completion.IN_PROGRESS),
    ],
)
def test_a_district_is_met_only_with_four_and_one(firms, places, today, expected):
    assert evaluate_district([enterprises(firms, today), parks(places, today)]) is expected


def test_the_place_in_the_notice_names_no_id_of_ours():
    for clause in (CLAUSE_ENTERPRISES, CLAUSE_PARKS, CLAUSE_PILOTS):
        assert clause.startswith("枣人社字〔2023〕34号三（二）") and "C0" not in clause
    assert notice_place("枣人社字〔2023〕34号三（二）3（C078–C081）") == CLAUSE_PILOTS
    assert notice_place("二（三）、三（二）3（C035—C038、C078—C081）") == "二（三）、三（二）3"


def test_the_gap_is_named_in_the_sentence():
    result = enterprises(3, AFTER)
    assert (result.gap, result.quota) == (1, "3／4")
    assert (
        "不少于 4 个企业" in result.sentence
        and "已确认 3 个" in result.sentence
        and "还差 1 个" in result.sentence
    )


def test_a_third_pilot_warns_and_none_fails():
    assert pilots(3).completion is Completion.MET and "多于" in pilots(3).warning
    assert pilots(2).warning == "" and pilots(2).completion is Completion.MET
    assert pilots(0).completion is Completion.NOT_MET


def test_no_target_is_not_applicable():
    result = evaluate_target("KEY_ENTERPRISES", minimum=None, actual=0, today=AFTER, cutoff_on=CUTOFF)
    assert result.completion is Completion.NOT_APPLICABLE
    assert evaluate_district([result]) is Completion.NOT_APPLICABLE
    assert evaluate_district([result, enterprises(4)]) is Completion.MET


@pytest.mark.parametrize(
    ("state", "is_key", "counts"),
    [
        ("CONFIRMED", True, True),
        ("CONFIRMED", False, False),
        ("CANDIDATE", True, False),
        ("CANDIDATE", False, False),
        ("REMOVED", True, False),
    ],
)
def test_only_confirmed_key_enrollments_count(state, is_key, counts):
    reason = count_reason(state=state, is_key=is_key, removal_reason="企业停产")
    assert reason.counts is counts and reason.why


@given(
    minimum=st.integers(0, 50), actual=st.integers(0, 100), today=st.dates(date(2023, 1, 1), date(2028, 1, 1))
)
def test_met_exactly_when_the_minimum_is_reached(minimum, actual, today):
    result = evaluate_target("KEY_ENTERPRISES", minimum=minimum, actual=actual, today=today, cutoff_on=CUTOFF)
    assert (result.completion is Completion.MET) == (actual >= minimum)
    assert result.gap == max(minimum - actual, 0)
    if result.completion is Completion.NOT_MET:
        assert today > CUTOFF


def test_the_rule_uses_the_stored_codes():
    """Rules are pure and name codes as text; here they are tied to the enums."""
    assert set(METRIC_KINDS) == set(TargetMetric.values)
    assert set().union(*METRIC_KINDS.values()) == set(SubjectKind.values)
    assert set(EnrollmentState.values) == {"CANDIDATE", "CONFIRMED", "REMOVED"}


def test_milestones_of_the_notice():
    due = {(year, m.code): m for year in calendar.YEARS for m in calendar.year_seed(year).milestones}
    assert {due[year, "ANNUAL_REPORT"].due_on for year in calendar.YEARS} == {
        date(y, 11, 30) for y in range(2023, 2028)
    }
    assert due[2025, "MIDTERM"].due_on == date(2025, 12, 31)
    assert due[2027, "FINAL"].due_on == date(2027, 12, 31)
    for milestone in due.values():
        assert bool(milestone.clause) != milestone.system_default
    with pytest.raises(ValueError):
        calendar.year_seed(2022)
