"""The draw: golden vectors (evaluation-facts §2.4), strata and shares, what may not matter, chance, every refusal."""

from __future__ import annotations

import hashlib
import subprocess
from collections import Counter
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.rules.spot_checks.draw import (
    Candidate,
    DrawError,
    Shares,
    draw,
    population_sha256,
    read_minimum,
    read_rate,
    read_seed,
    read_shares,
    read_weight,
    smallest_ticket,
    stratum_code,
    ticket,
)

SEED = "12345678901234567890"
PARK, FIRM = "913704000000000196", "91370402999999998R"
VECTORS = [
    (PARK, 1, "addaaf4d7b00cf11fb640b4dbff4a963bf97fbf3578fd43ca208719cfcea42ca"),
    (FIRM, 1, "078d2a96a4fbfb7455d842bd39c1b3cc83689355ac9aa30f95cdc6cfdf51f561"),
    (FIRM, 2, "180b41c63489cfe2dd68f530711dae6497239768bc5e7fba8d3dee46ffc2a2cd"),
]
# 99.9 % points of chi-square by degrees of freedom.
CHI_SQUARE_999 = {9: 27.88, 11: 31.26}

codes = st.text("0123456789ABCDEFGHXY甲乙", min_size=1, max_size=8)
strata = st.sampled_from(["370481/ENTERPRISE/A", "370481/ENTERPRISE/-", "370402/TOWNSHIP/-", ""])
populations = st.dictionaries(codes, st.tuples(strata, st.integers(1, 9)), min_size=1, max_size=30).map(
    lambda rows: [Candidate(id, f"名称{id}", stratum, weight) for id, (stratum, weight) in rows.items()]
)
seeds = st.text("0123456789", min_size=20, max_size=30)


def candidates(count: int, stratum: str = "S", weight: int = 1) -> list[Candidate]:
    return [Candidate(f"{number:05}", f"企业{number}", stratum, weight) for number in range(count)]


@pytest.mark.parametrize(("id", "number", "expected"), VECTORS)
def test_golden_tickets(id: str, number: int, expected: str) -> None:
    assert ticket(SEED, id, number) == expected


@pytest.mark.parametrize(("id", "number", "expected"), VECTORS)
def test_a_clerk_checks_a_ticket_in_a_shell(id: str, number: int, expected: str) -> None:
    line = f"printf '%s\\n%s\\n%s' {SEED} {id} {number} | sha256sum"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == expected


@given(seeds, codes, st.integers(1, 9))
def test_the_ticket_that_counts_is_the_smallest(seed: str, id: str, weight: int) -> None:
    assert smallest_ticket(seed, id, weight) == min(ticket(seed, id, k) for k in range(1, weight + 1))


def test_golden_order() -> None:
    found = draw([Candidate(PARK, "园区", "S"), Candidate(FIRM, "企业", "S", 2)], SEED)
    assert [(place.id, place.position, place.drawn) for place in found.order] == [
        (FIRM, 1, True),
        (PARK, 2, False),
    ]
    assert [place.ticket for place in found.order] == [VECTORS[1][2], VECTORS[0][2]]
    listed = f"{PARK}\tS\t1\n{FIRM}\tS\t2\n".encode()  # "9137040000" is before "9137040299"
    assert found.population_sha256 == hashlib.sha256(listed).hexdigest()


def test_codes_of_strata() -> None:
    assert stratum_code("370481", "ENTERPRISE", "A") == "370481/ENTERPRISE/A"
    assert stratum_code("370481", "ENTERPRISE", "") == "370481/ENTERPRISE/-"


@pytest.mark.parametrize(
    ("size", "rate", "minimum", "drawn"),
    [
        (8, "0", 1, 1),
        (8, "0", 0, 0),
        (8, "12.5", 0, 1),
        (8, "12.500000000000000001", 0, 2),  # exact: a float would say 1
        (9, "12.5", 0, 2),
        (1000, "0.1", 0, 1),
        (1000, "0.3", 0, 3),  # 0.3 × 1000 ÷ 100 is 3, not 3.0000000000000004
        (100, "7", 0, 7),
        (700, "29", 0, 203),
        (3, "10", 2, 2),
        (3, "10", 5, 3),
        (3, "100", 0, 3),
        (1, "0.01", 0, 1),
    ],
)
def test_how_many_are_drawn(size: int, rate: str, minimum: int, drawn: int) -> None:
    assert Shares(read_rate(rate), minimum).drawn_of("S", size) == drawn
    assert (
        sum(place.drawn for place in draw(candidates(size), SEED, Shares(read_rate(rate), minimum)).order)
        == drawn
    )


def test_a_stratum_has_its_own_rate_and_minimum() -> None:
    rows = [
        *candidates(20, "A"),
        *[Candidate(f"b{n}", "", "B") for n in range(10)],
        *[Candidate(f"c{n}", "", "C") for n in range(5)],
    ]
    shares = read_shares(
        {"default": {"rate": "10", "minimum": 1}, "A": {"rate": "12.5"}, "C": {"minimum": 3}}
    )
    assert shares == Shares(Fraction(10), 1, {"A": Fraction(25, 2)}, {"C": 3})
    found = draw(rows, SEED, shares)
    assert [(one.code, one.size, one.drawn) for one in found.strata] == [
        ("A", 20, 3),
        ("B", 10, 1),
        ("C", 5, 3),
    ]
    for one in found.strata:
        places = found.of_stratum(one.code)
        assert [place.position for place in places] == list(range(1, one.size + 1))
        assert [place.drawn for place in places] == [True] * one.drawn + [False] * (one.size - one.drawn)


def test_reserves_follow_in_order() -> None:
    found = draw(candidates(5), SEED, Shares(minimum=2))
    order = [place.id for place in found.order]
    assert [found.next_reserve("S", order[2:taken]) for taken in (2, 3, 5)] == [
        found.order[2],
        found.order[3],
        None,
    ]


@given(populations, seeds, st.randoms(use_true_random=False))
def test_row_order_and_names_do_not_matter(rows: list[Candidate], seed: str, chance: object) -> None:
    before = draw(rows, seed)
    mixed = [Candidate(one.id, "更名后", one.stratum, one.weight) for one in rows]
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # a Random of hypothesis
    after = draw(mixed, seed)
    assert after.population_sha256 == before.population_sha256
    assert after.strata == before.strata
    assert [(one.id, one.ticket, one.position, one.drawn) for one in after.order] == [
        (one.id, one.ticket, one.position, one.drawn) for one in before.order
    ]


@given(populations, seeds, st.data())
def test_an_id_removed_leaves_the_others_order(rows: list[Candidate], seed: str, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(rows))
    rest = [one for one in rows if one is not gone]
    if rest:
        assert [one.id for one in draw(rest, seed).order] == [
            one.id for one in draw(rows, seed).order if one.id != gone.id
        ]


@given(populations, seeds, st.data())
def test_a_changed_population_has_another_hash(rows: list[Candidate], seed: str, data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(rows))
    rest = [other for other in rows if other is not one]
    for changed in (
        rest,
        [*rest, Candidate(one.id, one.name, one.stratum + "x", one.weight)],
        [*rest, Candidate(one.id, one.name, one.stratum, one.weight % 9 + 1)],
        [*rest, Candidate(one.id + "x", one.name, one.stratum, one.weight)],
    ):
        assert population_sha256(changed) != population_sha256(rows)


def test_every_id_of_a_stratum_has_the_same_chance() -> None:
    """Two strata of ten, one drawn of each, 2,000 fixed seeds: chi-square at 0.001 on 9 degrees."""
    rows = [*candidates(10, "A"), *[Candidate(f"b{number}", "", "B") for number in range(10)]]
    wins: Counter[str] = Counter()
    for number in range(2000):
        wins.update(place.id for place in draw(rows, f"{number:020}").order if place.drawn)
    for stratum in ("A", "B"):
        counts = [wins[one.id] for one in rows if one.stratum == stratum]
        assert sum(counts) == 2000
        assert sum((count - 200) ** 2 / 200 for count in counts) < CHI_SQUARE_999[9]


def test_weights_are_successive_sampling() -> None:
    """Ordered pairs of the first two of weights 1–4, 8,000 fixed seeds, against w₁/10 × w₂/(10 − w₁)."""
    rows = [Candidate(f"id{weight}", "", "S", weight) for weight in (1, 2, 3, 4)]
    pairs: Counter[tuple[str, ...]] = Counter()
    for number in range(8000):
        pairs[tuple(place.id for place in draw(rows, f"{number:020}").order[:2])] += 1
    total = 0.0
    for one, other in permutations(rows, 2):
        expected = 8000 * one.weight / 10 * other.weight / (10 - one.weight)
        total += (pairs[one.id, other.id] - expected) ** 2 / expected
    assert total < CHI_SQUARE_999[11]


@settings(max_examples=30)
@given(seeds)
def test_spaces_in_a_seed_do_not_matter(seed: str) -> None:
    assert read_seed(f" {seed[:5]} {seed[5:11]}  {seed[11:]} ") == seed


@pytest.mark.parametrize(
    ("seed", "code", "words"),
    [
        ("1234567890123456789", "SEED_TOO_SHORT", "19 位"),
        ("", "SEED_TOO_SHORT", "0 位"),
        ("1" * 19 + " ", "SEED_TOO_SHORT", "19 位"),
        ("1" * 20 + "x", "BAD_SEED", "‘x’"),
        ("1" * 20 + "\n", "BAD_SEED", "空格"),
        ("1" * 10 + "-" + "1" * 10, "BAD_SEED", "‘-’"),
        ("\uff11" * 20, "BAD_SEED", "半角"),
        ("٣" * 20, "BAD_SEED", "半角"),
    ],
)
def test_seeds_refused(seed: str, code: str, words: str) -> None:
    with pytest.raises(DrawError) as refused:
        draw(candidates(2), seed)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ([], "EMPTY_POPULATION", "空的"),
        ([Candidate("", "甲厂", "S")], "EMPTY_ID", "甲厂"),
        ([Candidate(" ", "甲厂", "S", line=2)], "EMPTY_ID", "第 2 行"),
        (
            [Candidate("a", "甲厂", "S", line=2), Candidate("a", "乙厂", "T", line=5)],
            "DUPLICATE_ID",
            "与第 2 行",
        ),
        ([Candidate("a", "甲厂", "S"), Candidate("a", "乙厂", "T")], "DUPLICATE_ID", "与“甲厂”"),
        ([Candidate("a ", "甲厂", "S")], "BAD_ID", "首尾有空格"),
        ([Candidate("a\nb", "甲厂", "S")], "BAD_ID", "不可见"),
        ([Candidate("a\u3000b", "甲厂", "S")], "BAD_ID", "不可见"),
        ([Candidate("a", "甲厂", "S\tT")], "BAD_STRATUM", "不可见"),
        ([Candidate("a", "甲厂", "S", 0)], "BAD_WEIGHT", "1–9"),
        ([Candidate("a", "甲厂", "S", 10)], "BAD_WEIGHT", "1–9"),
        ([Candidate("a", "甲厂", "S", 1.0)], "BAD_WEIGHT", "整数"),  # type: ignore[arg-type]  # wrong on purpose
        ([Candidate("a", "甲厂", "S", True)], "BAD_WEIGHT", "整数"),
    ],
)
def test_populations_refused(rows: list[Candidate], code: str, words: str) -> None:
    with pytest.raises(DrawError) as refused:
        draw(rows, SEED)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert words in refused.value.message


def test_every_problem_of_a_population_is_told() -> None:
    with pytest.raises(DrawError) as refused:
        draw([Candidate("", "甲", "S"), Candidate("a", "乙", "S", 12), Candidate("a", "丙", "S")], SEED)
    assert [problem.code for problem in refused.value.problems] == ["EMPTY_ID", "BAD_WEIGHT", "DUPLICATE_ID"]


@pytest.mark.parametrize(
    ("shares", "code"),
    [
        (Shares(rates={"X": Fraction(1)}), "UNKNOWN_STRATUM"),
        (Shares(minimums={"X": 1}), "UNKNOWN_STRATUM"),
        (Shares(Fraction(101)), "BAD_RATE"),
        (Shares(rates={"S": Fraction(-1)}), "BAD_RATE"),
        (Shares(minimum=-1), "BAD_MINIMUM"),
    ],
)
def test_shares_refused(shares: Shares, code: str) -> None:
    with pytest.raises(DrawError) as refused:
        draw(candidates(2), SEED, shares)
    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize("text", ["", "12.5%", "-1", "100.1", "1e1", "12,5", ".5", "1/3", "nan", "٣", " 5"])
def test_rates_refused(text: str) -> None:
    with pytest.raises(DrawError, match="百分数"):
        read_rate(text)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "٣"])
def test_minimums_refused(text: str) -> None:
    with pytest.raises(DrawError, match="正整数"):
        read_minimum(text)


def test_weights_of_cells() -> None:
    assert [read_weight(text) for text in ("", " ", "1", " 9 ")] == [1, 1, 1, 9]
    for text in ("0", "10", "1.5", "2.0", "x", "-1", "\uff13", "٣"):
        with pytest.raises(DrawError, match="1–9"):
            read_weight(text)
