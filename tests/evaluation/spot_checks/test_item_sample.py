"""The item sample: at least ten, each class present, the first reason that holds, the set's order, no assessment."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from evaluation.enums import ItemReason
from evaluation.rules.spot_checks import item_sample
from evaluation.rules.spot_checks.draw import ticket
from evaluation.rules.spot_checks.item_sample import ItemFacts, sample_items

SEED = "12345678901234567890"
FIRM = "91370402999999998R"
D = Decimal


def items(count: int, **facts: object) -> list[ItemFacts]:
    return [ItemFacts(f"D{number:02}", D(2), **facts) for number in range(count)]  # type: ignore[arg-type]  # its fields


def test_reasons_are_those_of_the_record() -> None:
    assert {*item_sample.CLASSES, item_sample.FILL} == set(ItemReason.values)


def test_the_first_reason_that_holds() -> None:
    rows = [
        ItemFacts("A", D(8), D(8), D(2), veto_related=True, affirmed=True),
        ItemFacts("B", D(2), D(2), D(2), veto_related=True, affirmed=True),
        ItemFacts("C", D(2), D(2), D(1), veto_related=True),
        ItemFacts("D", D(2), D(1), D(1), veto_related=True),
        ItemFacts("E", D(2), D(1), D("0.5")),
        ItemFacts("F", D(2), D(1), D("0.49")),
    ]
    assert [(one.code, one.reason) for one in sample_items(SEED, FIRM, rows)] == [
        ("A", "HEAVY"),
        ("B", "AFFIRMED"),
        ("C", "DISCREPANCY"),
        ("D", "VETO"),
        ("E", "FILL"),  # not beyond the limit of 0.5
        ("F", "DISCREPANCY"),
    ]


def test_ten_of_many_with_every_class_among_them() -> None:
    rows = [
        *[ItemFacts(f"A{number:02}", D(2), D(2), D(2), affirmed=True) for number in range(30)],
        *[ItemFacts(f"H{number}", D(6), D(1), D(1)) for number in range(6)],
        *[ItemFacts(f"V{number}", D(2), D(1), D(1), veto_related=True) for number in range(6)],
        ItemFacts("X", D(2), D(2), D(0)),
    ]
    found = sample_items(SEED, FIRM, rows)
    assert len(found) == 10
    assert {one.reason for one in found} == {"HEAVY", "AFFIRMED", "DISCREPANCY", "VETO"}
    assert len(sample_items(SEED, FIRM, rows, count=4)) == 10
    assert len(sample_items(SEED, FIRM, rows, count=15)) == 15


def test_every_big_discrepancy_is_looked_at() -> None:
    rows = [
        *items(12, self_score=D(2), verified=D(0)),
        ItemFacts("H", D(40), D(40), D(0)),
        ItemFacts("Z", D(2)),
    ]
    assert [one.code for one in sample_items(SEED, FIRM, rows)] == [row.code for row in rows[:-1]]


def test_fill_is_by_ticket() -> None:
    rows = items(30, self_score=D(1), verified=D(1))
    expected = sorted(rows, key=lambda row: ticket(SEED, f"{FIRM}:{row.code}", 1))[:10]
    found = sample_items(SEED, FIRM, rows)
    assert {one.code for one in found} == {row.code for row in expected}
    assert {one.reason for one in found} == {"FILL"}
    assert [one.code for one in found] == sorted(one.code for one in found)
    assert found != sample_items(SEED, "another", rows)


def test_without_an_assessment_heavy_items_fill_first() -> None:
    rows = [*items(20, veto_related=True), *[ItemFacts(f"H{number}", D(6)) for number in range(4)]]
    found = sample_items(SEED, FIRM, rows)
    assert len(found) == 10
    assert {"H0", "H1", "H2", "H3"} <= {one.code for one in found}
    assert {one.reason for one in found} == {"FILL"}
    heavy = [*rows, *[ItemFacts(f"I{number}", D(6)) for number in range(8)]]
    assert all(one.code[0] in "HI" for one in sample_items(SEED, FIRM, heavy))


scores = st.none() | st.decimals(0, 8, places=2)


@given(
    st.lists(
        st.tuples(st.decimals("0.5", 8, places=1), scores, scores, st.booleans(), st.booleans()), max_size=50
    ),
    st.integers(1, 20),
    st.randoms(use_true_random=False),
)
def test_at_least_ten_or_all_and_a_function_of_the_record(
    facts: list[tuple[Decimal, Decimal | None, Decimal | None, bool, bool]], count: int, chance: object
) -> None:
    rows = [ItemFacts(f"D{number:02}", *one) for number, one in enumerate(facts)]
    found = sample_items(SEED, FIRM, rows, count=count)
    assert len(found) >= min(len(rows), max(count, 10))
    assert [one.code for one in found] == sorted({one.code for one in found})
    mixed = list(rows)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # a Random of hypothesis
    assert sorted(sample_items(SEED, FIRM, mixed, count=count), key=lambda one: one.code) == list(found)
