"""随机抽取: tickets, strata, order (design §4a, §9; C091). Whole numbers and exact fractions only.

The ticket of an id for number k is SHA-256 of UTF-8 `seed LF id LF k`, lower-case hex, without a trailing line feed;
an id of weight w has k = 1 … w and its ticket is the smallest. A clerk checks one with
`printf '%s\\n%s\\n%s' SEED ID K | sha256sum`. Nothing else enters a ticket: names, strata, row order and the other
rows cannot change it, so an id that leaves keeps the others' relative order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from evaluation.rules.problems import Problem, Problems, ProblemsError
from zaozhuang_portal.kernel.parsing import quote

MIN_SEED_DIGITS = 20
MIN_WEIGHT, MAX_WEIGHT = 1, 9
DEFAULT_RATE, DEFAULT_MINIMUM = Fraction(0), 1
# The third part of a stratum's code where the subject has no risk class: a stratum of its own.
NO_RISK_CLASS = "-"

# weight → the numbers 1 … weight as they stand in a ticket's text
_NUMBERS = [[str(number).encode() for number in range(1, weight + 1)] for weight in range(MAX_WEIGHT + 1)]
_RATE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,18})?")
_WHOLE = re.compile(r"[0-9]{1,9}")
_NOT_IN_SEED = re.compile(r"[^0-9 ]")


class DrawError(ProblemsError):
    """The draw cannot be made from this population, seed or shares; every problem is told."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems, code="draw")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row of 抽查对象名录. `id` is the credit code or another public code, never a database key.

    `weight` is a whole number 1–9. `line` is the row's line in the file it came from, 0 when there is none.
    """

    id: str
    name: str
    stratum: str
    weight: int = 1
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Shares:
    """How many are drawn: percent (0–100, exact) and at least so many, for every stratum or for one by its code."""

    rate: Fraction = DEFAULT_RATE
    minimum: int = DEFAULT_MINIMUM
    rates: Mapping[str, Fraction] = field(default_factory=dict)
    minimums: Mapping[str, int] = field(default_factory=dict)

    def drawn_of(self, stratum: str, size: int) -> int:
        """min(size, max(minimum, ceil(rate × size ÷ 100)))."""
        share = self.rates.get(stratum, self.rate) * size / 100
        return min(
            size, max(self.minimums.get(stratum, self.minimum), -(-share.numerator // share.denominator))
        )


@dataclass(frozen=True)
class Stratum:
    code: str
    size: int
    drawn: int


class Place(NamedTuple):
    """One id in the order. `position` counts from 1 within the stratum; not drawn is 候补, in this order.

    A tuple, since there is one for every row of a population and a frozen dataclass takes three times as long to make.
    """

    id: str
    name: str
    stratum: str
    ticket: str
    position: int
    drawn: bool


@dataclass(frozen=True)
class Draw:
    """The whole result. `strata` by code, `order` by (ticket, id) over all strata."""

    population_sha256: str
    seed: str
    strata: tuple[Stratum, ...]
    order: tuple[Place, ...]

    def of_stratum(self, stratum: str) -> tuple[Place, ...]:
        """The places of one stratum: the drawn first, then 候补."""
        return tuple(place for place in self.order if place.stratum == stratum)

    def next_reserve(self, stratum: str, used: Collection[str]) -> Place | None:
        """The first 候补 of the stratum whose id is not in `used` (entered or skipped); None when there is none left."""
        return next(
            (place for place in self.of_stratum(stratum) if not place.drawn and place.id not in used), None
        )

    def to_json(self) -> dict[str, object]:
        """The object of `draw_spot_check --json` (design §9)."""
        return {
            "population_sha256": self.population_sha256,
            "seed": self.seed,
            "strata": [{"stratum": one.code, "size": one.size, "drawn": one.drawn} for one in self.strata],
            "order": [
                {
                    "id": place.id,
                    "name": place.name,
                    "stratum": place.stratum,
                    "ticket": place.ticket,
                    "position": place.position,
                    "drawn": place.drawn,
                }
                for place in self.order
            ],
        }


def stratum_code(district: str, kind: str, risk_class: str) -> str:
    """`370481/ENTERPRISE/A`; without a risk class `370481/ENTERPRISE/-`."""
    return f"{district}/{kind}/{risk_class or NO_RISK_CLASS}"


def ticket(seed: str, id: str, number: int) -> str:
    """The ticket of `id` for number k (1–9). `seed` is digits only, as read_seed gives it."""
    return hashlib.sha256(f"{seed}\n{id}\n{number}".encode()).hexdigest()


def smallest_ticket(seed: str, id: str, weight: int = 1) -> str:
    """The ticket that counts: the smallest for k = 1 … weight."""
    stem, sha256 = f"{seed}\n{id}\n".encode(), hashlib.sha256
    return min([sha256(stem + number).digest() for number in _NUMBERS[weight]]).hex()


def read_seed(text: str) -> str:
    """The digits of a seed typed with or without spaces. Raises DrawError: other signs, fewer than 20 digits."""
    problems = Problems()
    if found := _NOT_IN_SEED.search(text):
        problems.add(
            "BAD_SEED",
            "seed",
            f"种子中有不能用的字符{quote(found[0])}：只能是半角数字 0–9 和空格，请改正后重试。",
        )
    digits = text.replace(" ", "")
    if not problems and len(digits) < MIN_SEED_DIGITS:
        problems.add(
            "SEED_TOO_SHORT",
            "seed",
            f"种子只有 {len(digits)} 位数字，至少 {MIN_SEED_DIGITS} 位：请由各方补读数字。",
        )
    _refuse(problems)
    return digits


def read_rate(text: str) -> Fraction:
    """Percent as written, exact: 12.5. Raises DrawError: no plain decimal, above 100."""
    if not _RATE.fullmatch(text) or Fraction(text) > 100:
        raise DrawError(
            (
                Problem(
                    "BAD_RATE",
                    "rate",
                    f"抽取比例{quote(text)}无效：请写 0 到 100 的百分数，如 12.5，不带百分号。",
                ),
            )
        )
    return Fraction(text)


def read_minimum(text: str) -> int:
    """At least so many per stratum. Raises DrawError: no whole number of at most nine digits."""
    if not _WHOLE.fullmatch(text):
        raise DrawError(
            (Problem("BAD_MINIMUM", "minimum", f"最少户数{quote(text)}无效：请写 0 或正整数，如 1。"),)
        )
    return int(text)


def read_weight(text: str) -> int:
    """The weight in a cell; blank is 1. Raises DrawError: not a whole number 1–9."""
    if not text.strip():
        return 1
    if not re.fullmatch(r"[1-9]", text.strip()):
        raise DrawError((Problem("BAD_WEIGHT", "weight", _weight_words(text)),))
    return int(text)


def read_shares(strata: Mapping[str, Mapping[str, object]]) -> Shares:
    """Shares as a round stores them: {"default": {"rate": "20", "minimum": 1}, "370481/ENTERPRISE/A": {…}}.

    What a stratum leaves out follows the default. Raises DrawError.
    """
    rates = {code: read_rate(str(one["rate"])) for code, one in strata.items() if "rate" in one}
    minimums = {code: read_minimum(str(one["minimum"])) for code, one in strata.items() if "minimum" in one}
    return Shares(
        rates.pop("default", DEFAULT_RATE), minimums.pop("default", DEFAULT_MINIMUM), rates, minimums
    )


def population_sha256(candidates: Iterable[Candidate]) -> str:
    """SHA-256 of the lines `id TAB stratum TAB weight LF`, sorted by id as bytes. Names and row order do not matter."""
    rows = sorted((one.id.encode(), f"\t{one.stratum}\t{one.weight}\n".encode()) for one in candidates)
    return hashlib.sha256(b"".join(id + rest for id, rest in rows)).hexdigest()


def check_population(candidates: Sequence[Candidate]) -> None:
    """Raises DrawError with every problem: no rows, an id empty, invisible in part or twice, a stratum, a weight."""
    problems = Problems()
    if not candidates:
        problems.add("EMPTY_POPULATION", "", "抽查对象名录是空的，没有可抽取的对象。请先列入对象。")
    first: dict[str, Candidate] = {}
    for one in candidates:
        if one.id in first or not _is_code(one.id):
            _tell_id(problems, one, first.get(one.id))
        else:
            first[one.id] = one
        if one.stratum and not _is_code(one.stratum):
            words = f"{_line(one)}层{quote(one.stratum)}首尾有空格或含不可见的字符。请删去后重试。"
            problems.add("BAD_STRATUM", "stratum", words)
        if type(one.weight) is not int or not MIN_WEIGHT <= one.weight <= MAX_WEIGHT:
            words = f"{_line(one)}{_who(one)}的{_weight_words(str(one.weight))}"
            problems.add("BAD_WEIGHT", "weight", words)
    _refuse(problems)


def draw(candidates: Sequence[Candidate], seed: str, shares: Shares | None = None) -> Draw:
    """Order and drawn, from the population, the seed (digits and spaces) and the shares. Raises DrawError."""
    shares = shares or Shares()
    digits = read_seed(seed)
    check_population(candidates)
    sizes: dict[str, int] = {}
    for one in candidates:
        sizes[one.stratum] = sizes.get(one.stratum, 0) + 1
    _check_shares(shares, sizes)
    wanted = {code: shares.drawn_of(code, size) for code, size in sizes.items()}
    places, reached = [], dict.fromkeys(sizes, 0)
    rows = {one.id: one for one in candidates}
    for found, id in sorted([(smallest_ticket(digits, one.id, one.weight), one.id) for one in candidates]):
        one = rows[id]
        position = reached[one.stratum] = reached[one.stratum] + 1
        places.append(Place(id, one.name, one.stratum, found, position, position <= wanted[one.stratum]))
    return Draw(
        population_sha256(candidates),
        digits,
        tuple(Stratum(code, sizes[code], wanted[code]) for code in sorted(sizes)),
        tuple(places),
    )


def _check_shares(shares: Shares, sizes: Mapping[str, int]) -> None:
    problems = Problems()
    for words, given in (("比例", shares.rates), ("最少户数", shares.minimums)):
        for code in given:
            if code not in sizes:
                known = "、".join(sorted(sizes)[:20]) + (" 等" if len(sizes) > 20 else "")
                problems.add(
                    "UNKNOWN_STRATUM",
                    code,
                    f"抽取{words}写了名录中没有的层{quote(code)}。名录中的层：{known}。请改正层的代码或删去此项。",
                )
    for rate in (shares.rate, *shares.rates.values()):
        if not 0 <= rate <= 100:
            problems.add("BAD_RATE", "rate", f"抽取比例 {rate} 无效：应在 0 到 100 之间，请改正。")
    for minimum in (shares.minimum, *shares.minimums.values()):
        if minimum < 0:
            problems.add("BAD_MINIMUM", "minimum", f"最少户数 {minimum} 无效：应为 0 或正整数，请改正。")
    _refuse(problems)


def _is_code(text: str) -> bool:
    """Not empty, nothing invisible, no white space around: what can be printed, typed again and hashed alike."""
    return text != "" and text.isprintable() and text == text.strip()


def _tell_id(problems: Problems, one: Candidate, before: Candidate | None) -> None:
    if not one.id.strip():
        words = f"{_line(one)}{one.name}没有代码（id）。请填写统一社会信用代码或其他代码。"
        problems.add("EMPTY_ID", "id", words)
    elif before is None:
        problems.add("BAD_ID", "id", f"{_line(one)}代码{_who(one)}首尾有空格或含不可见的字符。请删去后重试。")
    else:
        also = f"与第 {before.line} 行" if before.line else f"与“{before.name}”"
        words = f"{_line(one)}代码{_who(one)}{also}重复。每个对象只能列一次，请删去一行。"
        problems.add("DUPLICATE_ID", "id", words)


def _line(one: Candidate) -> str:
    return f"第 {one.line} 行：" if one.line else ""


def _who(one: Candidate) -> str:
    return f"{quote(one.id)}（{one.name}）" if one.name else quote(one.id)


def _weight_words(text: str) -> str:
    return f"权数{quote(text)}无效：应为 {MIN_WEIGHT}–{MAX_WEIGHT} 的整数，请改正。"


def _refuse(problems: Problems) -> None:
    if problems:
        raise DrawError(problems.as_tuple())
