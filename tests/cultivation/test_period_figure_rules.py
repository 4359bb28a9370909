"""统计指标: the table, derived ratios, sums that are no averages, jumps worth a second look."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivation.enums import FigurePeriod
from cultivation.rules.period_figures import (
    FIGURES,
    GROUPS,
    Amounts,
    check_amounts,
    find_jump,
    plain,
    previous_period,
    ratio_percent,
    sum_amounts,
)

RATE, CASES = FIGURES["CONTRACT_RATE"], FIGURES["DISPUTES_ACCEPTED"]
SHARES = st.integers(1, 10_000).flatmap(
    lambda whole: st.builds(lambda part: Amounts(Decimal(part), Decimal(whole)), st.integers(0, whole))
)


def test_the_table_holds_what_districts_are_asked_for() -> None:
    labels = "".join(figure.label for figure in FIGURES.values())
    for word in (
        "劳动合同签订率",
        "建会率",
        "集体合同份数",
        "集体合同覆盖企业",
        "集体合同覆盖职工",
        "工资专项",
        "女职工专项",
        "职工（代表）大会建制率",
        "争议受理",
        "争议结案",
        "调解成功率",
        "欠薪案件数",
        "群体性事件",
    ):
        assert word in labels
    assert all(len(code) <= 32 and figure.group in GROUPS for code, figure in FIGURES.items())
    assert all(figure.numerator and figure.is_ratio == ("率" in figure.label) for figure in FIGURES.values())


@given(st.lists(SHARES, min_size=1, max_size=8))
def test_the_total_lies_between_the_parts_and_is_no_average(rows: list[Amounts]) -> None:
    total = sum_amounts(RATE, rows)
    assert total == Amounts(sum(row.numerator for row in rows), sum(row.denominator for row in rows))
    ratios = [ratio_percent(row) for row in rows]
    assert min(ratios) <= ratio_percent(total) <= max(ratios)


def test_a_large_and_a_small_district_by_hand() -> None:
    rows = [Amounts(Decimal(1), Decimal(2)), Amounts(Decimal(998), Decimal(998))]
    assert ratio_percent(sum_amounts(RATE, rows)) == Decimal("99.90")  # the average would say 75
    assert sum_amounts(CASES, [Amounts(Decimal(3)), Amounts(Decimal(4))]) == Amounts(Decimal(7))
    assert sum_amounts(RATE, []) is None
    assert ratio_percent(Amounts(Decimal(1), Decimal(3))) == Decimal("33.33")
    assert ratio_percent(Amounts(Decimal(1), Decimal(800))) == Decimal("0.13")  # half up


@pytest.mark.parametrize(
    ("figure", "numerator", "denominator", "words"),
    [
        (RATE, 5, None, "缺“应签订劳动合同职工数”"),
        (RATE, None, 5, "缺“已签订劳动合同职工数”"),
        (RATE, 6, 5, "大于"),
        (RATE, 0, 0, "都留空"),
        (CASES, 5, 5, "不填分母"),
    ],
)
def test_a_pair_that_is_no_share_is_refused_in_words(figure, numerator, denominator, words) -> None:
    number = {
        key: None if value is None else Decimal(value)
        for key, value in [("n", numerator), ("d", denominator)]
    }
    assert words in check_amounts(figure, number["n"], number["d"])


def test_both_numbers_of_a_refusal_are_written_alike() -> None:
    sentence = check_amounts(RATE, Decimal("30000"), Decimal("24480.00"))
    assert "30000 大于" in sentence and "24480，" in sentence


def test_good_pairs_pass() -> None:
    assert check_amounts(RATE, None, None) == ""
    assert check_amounts(RATE, Decimal(0), Decimal(5)) == ""
    assert check_amounts(CASES, Decimal(0), None) == ""


def test_jumps() -> None:
    def rate(part: int) -> Amounts:
        return Amounts(Decimal(part), Decimal(1000))

    assert find_jump(RATE, rate(900), rate(999)) == ""
    assert "相差 10.00 个百分点" in find_jump(RATE, rate(800), rate(900))
    assert find_jump(RATE, None, rate(1)) == ""
    assert find_jump(CASES, Amounts(Decimal(4)), Amounts(Decimal(12))) == ""
    assert find_jump(CASES, Amounts(Decimal(100)), Amounts(Decimal(150))) == ""
    assert "由上期 100 变为 151 件" in find_jump(CASES, Amounts(Decimal(100)), Amounts(Decimal(151)))
    assert "由上期 0 变为 10" in find_jump(CASES, Amounts(Decimal(0)), Amounts(Decimal(10)))


def test_every_period_has_one_before_it_of_the_same_length() -> None:
    for period in FigurePeriod.values:
        year, before = previous_period(2026, period)
        assert (year, before) < (2026, period) or year < 2026 or period == "SECOND_HALF"
        assert before[0] == period[0] or {before, period} == {"FIRST_HALF", "SECOND_HALF"}
    assert previous_period(2026, "Q1") == (2025, "Q4")
    assert previous_period(2026, "SECOND_HALF") == (2026, "FIRST_HALF")


def test_numbers_are_shown_without_needless_zeros() -> None:
    assert [plain(Decimal(text)) for text in ("12.50", "12.00", "0.00", "100")] == ["12.5", "12", "0", "100"]
    assert plain(None) == ""
