"""统计指标 of the demonstration: quantities of a district that agree with one another, and the figures made of them."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from cultivation.rules.figure_quantities import spread
from cultivation.rules.period_figures import FIGURES, Figure
from reporting.demo.spans import DistrictYear


def count_figures(span: DistrictYear) -> None:
    """The year's 统计指标 out of quantities that agree: ratios a little below full, counts of a district's size."""
    quantities = _quantities(span.random)
    for code, figure in FIGURES.items():
        numerator, denominator = spread(quantities, code)
        span.put(
            "period-figures",
            period="YEAR",
            code=code,
            numerator=span.random.randint(*_spread(figure)) if numerator is None else numerator,
            denominator=denominator,
            source="区（市）人社、工会业务统计",
        )


def _quantities(random: Random) -> dict[str, Decimal | None]:
    """From the whole to its parts, so that every part lies within what it is a part of."""

    def part(whole: int, least: int = 84) -> int:
        return whole * random.randint(least, 99) // 100

    workers, due = random.randint(200, 900) * 40, random.randint(200, 900)
    unions, union_workers = part(due), random.randint(150, 700) * 40
    accepted = random.randint(120, 400)
    ending = accepted + random.randint(5, 40)
    closed, arrears = part(ending, 90), random.randint(20, 160)
    numbers = {
        "CONTRACT_RATE:n": part(workers, 92),
        "CONTRACT_RATE:d": workers,
        "UNION_RATE:n": unions,
        "UNION_RATE:d": due,
        "COLLECTIVE_FIRMS:n": part(unions),
        "CONGRESS_RATE:n": part(unions),
        "OPENNESS_RATE:n": part(unions),
        "COLLECTIVE_WORKERS:n": part(union_workers),
        "COLLECTIVE_WORKERS:d": union_workers,
        "UNION_MEMBERS:n": part(union_workers),
        "DISPUTES_ACCEPTED:n": accepted,
        "DISPUTES_CLOSED:n": closed,
        "DISPUTES_CLOSED:d": ending,
        "DISPUTES_SETTLED:n": part(closed, 60),
        "ARREARS_CASES:n": arrears,
        "ARREARS_CLOSED:n": part(arrears, 90),
    }
    return {cell: Decimal(number) for cell, number in numbers.items()}


def _spread(figure: Figure) -> tuple[int, int]:
    """Between what a count lies; incidents are rare."""
    return (0, 2) if figure.code == "MASS_INCIDENTS" else (5, 300)
