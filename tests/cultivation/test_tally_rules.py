"""Months and double counting of tallies; what makes a practice citable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivation.rules.best_practices import may_cite, read_tags
from cultivation.rules.tallies import CaseRow, find_double_counts, next_month, previous_month

MONTH = date(2026, 11, 1)


def case(count: int = 1, *, tally: bool = False, place: int | None = None, **changes: object) -> CaseRow:
    values = {"month": MONTH, "topic": "PAY", "outcome": "SETTLED", "organization": 10}
    return CaseRow(count=count, tally=tally, place=place, **(values | changes))  # type: ignore[arg-type]  # by name


def test_single_cases_beside_a_tally_are_named() -> None:
    found = find_double_counts([case(month=date(2026, 11, 17)), case(), case(5, tally=True)])
    assert [(item.single, item.tallied) for item in found] == [(2, 5)]
    assert found[0].sentence == "既有按月汇总 5 件，又有逐件登记 2 件"


@pytest.mark.parametrize(
    "other",
    [
        {"topic": "INJURY"},
        {"outcome": "OPEN"},
        {"month": date(2026, 10, 31)},
        {"organization": 20},
    ],
)
def test_another_topic_outcome_month_or_district_is_no_double(other: dict[str, object]) -> None:
    assert find_double_counts([case(5, tally=True), case(**other)]) == []


def test_places_meet_the_whole_district_but_not_each_other() -> None:
    assert find_double_counts([case(2, tally=True, place=7), case(place=8)]) == []
    assert find_double_counts([case(2, tally=True, place=7), case(2, tally=True, place=8)]) == []
    assert len(find_double_counts([case(2, tally=True, place=7), case(place=7)])) == 1
    whole = find_double_counts(
        [case(9, tally=True), case(2, tally=True, place=7), case(3, tally=True, place=8)]
    )
    assert whole[0].sentence == "全区（市）汇总和 2 个乡镇（街道）的汇总并存，共 14 件"


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(lambda day: day.replace(day=1)))
def test_months_follow_each_other(month: date) -> None:
    assert previous_month(next_month(month)) == month == next_month(previous_month(month))
    assert 28 <= (next_month(month) - month).days <= 31


@dataclass
class Facts:
    subject_id: int | None = 1
    proof: str = "验收意见"
    consented_on: date | None = date(2026, 5, 1)
    consented_by: str = "李厂长"
    consent_online: bool = False
    has_scan: bool = True


@pytest.mark.parametrize(
    "missing",
    [{"subject_id": None}, {"proof": " "}, {"consented_on": None}, {"consented_by": ""}, {"has_scan": False}],
)
def test_each_missing_thing_bars_citing_and_is_named_once(missing: dict[str, object]) -> None:
    citation = may_cite(Facts(**missing))  # type: ignore[arg-type]  # by name
    assert not citation.allowed and len(citation.reasons) == 1


def test_with_subject_proof_and_consent_it_may_be_cited() -> None:
    assert may_cite(Facts()).allowed
    assert may_cite(Facts(consent_online=True, has_scan=False)).allowed
    assert len(may_cite(Facts(None, "", None, "")).reasons) == 3


def test_tags_are_parted_however_they_are_typed() -> None:
    assert read_tags("集体协商，民主管理 集体协商、 关爱职工;") == ("集体协商", "民主管理", "关爱职工")
