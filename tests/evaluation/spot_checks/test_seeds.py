"""The four seats' digits: their order, who speaks, commitments and reveals, every refusal."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import permutations

import pytest

from evaluation.rules.spot_checks import seeds
from evaluation.rules.spot_checks.seeds import (
    NOT_ESTABLISHED,
    REPRESENTED,
    SeatDigits,
    SeedError,
    check_commitment,
    check_reveal,
    commitment_of,
    join_seed,
)
from zaozhuang_portal.accounts.enums import MemberUnitKind, SeatState

NONCE = "0123456789abcdef" * 2
SPOKEN = tuple(
    SeatDigits(seat, "FILLED", digits, "张三")
    for seat, digits in zip(seeds.SEATS, ("11111", "22 222", "33333", "44444"), strict=True)
)


def codes_of(given: list[SeatDigits], **options: object) -> list[str]:
    with pytest.raises(SeedError) as refused:
        join_seed(given, **options)  # type: ignore[arg-type]  # its options
    assert all(problem.message for problem in refused.value.problems)
    return [problem.code for problem in refused.value.problems]


def test_seats_and_states_are_those_of_the_bodies() -> None:
    assert list(seeds.SEATS.items()) == [(kind.value, kind.label) for kind in MemberUnitKind]
    assert {seeds.FILLED, seeds.REPRESENTED, seeds.NOT_ESTABLISHED} == set(SeatState.values)


def test_the_order_of_the_seats_holds_whatever_the_order_given() -> None:
    for given in permutations(SPOKEN):
        assert join_seed(given) == "11111222223333344444"


def test_a_represented_seat_speaks_by_its_substitute_and_a_missing_one_is_skipped() -> None:
    given = [
        SPOKEN[0],
        SPOKEN[1],
        replace(SPOKEN[2], state=REPRESENTED, unit_name="社会事务综合服务中心", digits="3333333333"),
        SeatDigits(SPOKEN[3].seat, NOT_ESTABLISHED),
    ]
    assert join_seed(given) == "11111222223333333333"


def test_a_commitment_is_the_hash_of_digits_and_nonce() -> None:
    expected = hashlib.sha256(f"22222\n{NONCE}".encode()).hexdigest()
    assert commitment_of("22 222", NONCE) == expected
    check_commitment(expected)
    check_reveal(commitment=expected, digits="22222", nonce=NONCE)
    assert join_seed(
        [replace(one, commitment=commitment_of(one.digits, NONCE), nonce=NONCE) for one in SPOKEN]
    )


@pytest.mark.parametrize(("digits", "nonce"), [("22223", NONCE), ("22222", NONCE[::-1])])
def test_a_reveal_that_differs(digits: str, nonce: str) -> None:
    with pytest.raises(SeedError, match="承诺值") as refused:
        check_reveal(commitment=commitment_of("22222", NONCE), digits=digits, nonce=nonce)
    assert refused.value.problems[0].code == "REVEAL_DIFFERS"
    changed = replace(SPOKEN[1], commitment=commitment_of("22222", NONCE), digits=digits, nonce=nonce)
    assert codes_of([SPOKEN[0], changed, *SPOKEN[2:]]) == ["REVEAL_DIFFERS"]


@pytest.mark.parametrize("nonce", ["", NONCE[:31], NONCE + "0", NONCE.upper(), "g" * 32])
def test_nonces_refused(nonce: str) -> None:
    with pytest.raises(SeedError, match="32 位"):
        commitment_of("22222", nonce)


@pytest.mark.parametrize("commitment", ["", "0" * 63, "G" * 64])
def test_commitments_refused(commitment: str) -> None:
    with pytest.raises(SeedError, match="64 位"):
        check_commitment(commitment)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"digits": ""}, "NO_DIGITS"),
        ({"digits": " "}, "NO_DIGITS"),
        ({"digits": "12a45"}, "BAD_DIGITS"),
        ({"digits": "\uff11\uff12\uff13"}, "BAD_DIGITS"),
        ({"digits": "1" * 41}, "TOO_MANY_DIGITS"),
        ({"speaker": " "}, "SPEAKER_MISSING"),
        ({"state": REPRESENTED}, "SUBSTITUTE_MISSING"),
        ({"state": "LEFT"}, "BAD_SEAT_STATE"),
        ({"state": NOT_ESTABLISHED}, "SEAT_NOT_ESTABLISHED"),
        ({"seat": "BANK"}, "BAD_SEAT"),
    ],
)
def test_seats_refused(change: dict[str, str], code: str) -> None:
    found = codes_of([replace(SPOKEN[0], **change), *SPOKEN[1:]])
    assert found == ([code, "SEAT_MISSING"] if code == "BAD_SEAT" else [code])


def test_seeds_refused() -> None:
    assert codes_of([*SPOKEN, SPOKEN[0]]) == ["BAD_SEAT"]
    assert codes_of(list(SPOKEN[:3])) == ["SEAT_MISSING"]
    assert codes_of([replace(SPOKEN[0], digits="1111"), *SPOKEN[1:]]) == ["SEED_TOO_SHORT"]
    assert codes_of([SeatDigits(seat, NOT_ESTABLISHED) for seat in seeds.SEATS]) == ["SEED_TOO_SHORT"]
    assert codes_of(list(SPOKEN), used={"11111222223333344444"}) == ["SEED_USED"]
