"""Exact numbers: read as written, reckoned as fractions, rounded half up once. No binary floats anywhere."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

CENT = Decimal("0.01")
MAX_DIGITS = 18
NUMBER_TEXT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)?(?:\.[0-9]+|(?<=[0-9])\.?)(?:[eE][-+]?[0-9]{1,2})?")

Number = Decimal | Fraction | int


def read_number(raw: object, *, text_allowed: bool = False) -> Decimal | None:
    """`raw` as an exact Decimal, or None when it is no plain number (booleans and floats are not).

    `text_allowed` reads decimal text too: the stored form of answers and sets keeps decimals as text.
    At most 18 digits on each side of the point.
    """
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        number = Decimal(raw)
    elif isinstance(raw, Decimal):
        number = raw
    elif text_allowed and isinstance(raw, str) and len(raw) <= 2 * MAX_DIGITS and NUMBER_TEXT.fullmatch(raw):
        number = Decimal(raw)
    else:
        return None
    if not number.is_finite() or number.adjusted() >= MAX_DIGITS:
        return None
    exponent = number.as_tuple().exponent
    return number if isinstance(exponent, int) and exponent >= -MAX_DIGITS else None


def is_whole(number: Number) -> bool:
    return Fraction(number).denominator == 1


def round_half_up(number: Fraction) -> Decimal:
    """To two places, half away from zero for the positive numbers scores are: 0.125 → 0.13."""
    cents = number * 100
    sign = -1 if cents < 0 else 1
    return Decimal(sign * ((2 * abs(cents.numerator) + cents.denominator) // (2 * cents.denominator))).scaleb(
        -2
    )


def decimal_places(number: Fraction) -> int | None:
    """Places after the point that write `number` exactly; None when it never ends."""
    twos = fives = 0
    rest = number.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def plain(number: Number, *, places: int = 0) -> str:
    """Exactly, with at least `places` decimals: 2.5, 100, 1.00; a never-ending one as a fraction: 100/3."""
    exact = Fraction(number)
    needed = decimal_places(exact)
    if needed is None:
        return f"{exact.numerator}/{exact.denominator}"
    width = max(places, needed)
    scaled = abs(exact) * 10**width
    digits = str(scaled.numerator).rjust(width + 1, "0")
    text = f"{digits[:-width]}.{digits[-width:]}" if width else digits
    return f"-{text}" if exact < 0 else text


def as_points(number: Number) -> str:
    """Points in an arithmetic line: at least two places."""
    return plain(number, places=2)


def as_percent(ratio: Fraction) -> str:
    """A ratio as percent for people: 96%, 99.9%; with more than four places rounded and marked ≈."""
    percent = ratio * 100
    places = decimal_places(percent)
    if places is not None and places <= 4:
        return f"{plain(percent)}%"
    return f"≈{round_half_up(percent)}%"


def two_places(number: Decimal) -> str:
    """The form of every score in results: "1.50"."""
    return str(number.quantize(CENT))


def canonical(number: Decimal) -> str:
    """The one text of a number in stored JSON: 2.50 and 2.5 are both "2.5"."""
    return plain(number)
