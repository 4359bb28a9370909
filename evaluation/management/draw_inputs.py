"""What `draw_spot_check` is given on the command line, read and refused all at once, in Chinese."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from evaluation.management.set_files import read_file
from evaluation.rules.problems import Problem
from evaluation.rules.spot_checks.draw import (
    DEFAULT_MINIMUM,
    DEFAULT_RATE,
    Candidate,
    DrawError,
    Shares,
    read_minimum,
    read_rate,
    read_seed,
)
from evaluation.rules.spot_checks.records import read_population
from zaozhuang_portal.kernel.parsing import quote

# A population of a whole province fits.
MAX_POPULATION_BYTES = 128 * 1024 * 1024
T = TypeVar("T")
N = TypeVar("N", int, Fraction)


def read_inputs(
    population: str | os.PathLike[str] | None,
    seed: str | None,
    rates: Sequence[str],
    minimums: Sequence[str],
) -> tuple[tuple[Candidate, ...], str, Shares]:
    """Rows, digits and shares. Raises DrawError with the problems of all of them together."""
    problems: list[Problem] = []

    def attempt(read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except DrawError as error:
            problems.extend(error.problems)
            return otherwise

    rows = attempt(lambda: _population(population), ())
    digits = attempt(lambda: _seed(seed), "")
    shares = attempt(lambda: read_share_options(rates, minimums), Shares())
    if problems:
        raise DrawError(tuple(problems))
    return rows, digits, shares


def read_share_options(rates: Sequence[str], minimums: Sequence[str]) -> Shares:
    """`P` or `STRATUM=P`, `N` or `STRATUM=N`; a stratum's code may hold `=`. Raises DrawError, also for one given twice."""
    problems: list[Problem] = []
    rate, own_rates = _options("--rate", rates, read_rate, DEFAULT_RATE, problems)
    minimum, own_minimums = _options("--minimum", minimums, read_minimum, DEFAULT_MINIMUM, problems)
    if problems:
        raise DrawError(tuple(problems))
    return Shares(rate, minimum, own_rates, own_minimums)


def _options(
    option: str, given: Sequence[str], read: Callable[[str], N], default: N, problems: list[Problem]
) -> tuple[N, dict[str, N]]:
    """The default for all strata, and those of one. The key None is the default, "" a stratum without a code."""
    found: dict[str | None, N] = {}
    for text in map(_printable, given):
        code, mark, number = text.rpartition("=")
        key = code if mark else None
        try:
            value = read(number)
        except DrawError as error:
            problems += [
                Problem(one.code, option, f"{option} {text}：{one.message}") for one in error.problems
            ]
            continue
        if key in found:
            where = "全部层" if key is None else f"层{quote(key)}"
            words = f"{option} {text}：{where}写了两次。请只保留一个。"
            problems.append(Problem("GIVEN_TWICE", option, words))
        found[key] = value
    default = found.pop(None, default)
    return default, {key: value for key, value in found.items() if key is not None}


def _population(path: str | os.PathLike[str] | None) -> tuple[Candidate, ...]:
    if not path:
        raise DrawError(
            (Problem("MISSING", "population", "请用 --population 写明抽查对象名录文件（CSV）。"),)
        )
    return read_population(read_file(Path(path), DrawError, at_most=MAX_POPULATION_BYTES))


def _seed(text: str | None) -> str:
    if text is None:
        raise DrawError(
            (Problem("MISSING", "seed", "请用 --seed 写明种子（各席位数字依次相连，至少 20 位）。"),)
        )
    return read_seed(_printable(text))


def _printable(text: str) -> str:
    """Bytes of the command line that are no UTF-8 become U+FFFD, so that a refusal can quote them."""
    return os.fsencode(text).decode("utf-8", "replace")
