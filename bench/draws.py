"""The draw of a spot check: 20,000 ids with weights of mean 5 against hashing their tickets and nothing else."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

from bench.measure import Result, interleave
from bench.world import World

SEED = "12345678901234567890"


def measure(world: World) -> list[Result]:
    from evaluation.rules.spot_checks.draw import Candidate, Shares, draw, read_rate

    count = world.at_most(20_000)
    rows = [
        Candidate(f"9137{number:014}", f"企业{number}", f"37040{number % 7}/ENTERPRISE/A", number % 9 + 1)
        for number in range(count)
    ]
    shares = Shares(read_rate("12.5"))

    def bare() -> None:
        """As little as any draw can do: the text of every ticket and its hash; no order, no strata, no checks."""
        for row in rows:
            for number in range(1, row.weight + 1):
                sha256(f"{SEED}\n{row.id}\n{number}".encode()).hexdigest()

    drawn = draw(rows, SEED, shares)
    if len(drawn.order) != count or any(one.ticket > other.ticket for one, other in pairwise(drawn.order)):
        raise RuntimeError("the draw is not in the order of its tickets")
    taken = interleave({"draw": lambda: draw(rows, SEED, shares), "hashing": bare}, rounds=world.rounds)
    return [
        Result(
            f"draw of {count:,} ids with weights of mean 5 against bare hashing of their tickets",
            taken.ratio("draw", "hashing"),
            3,
            True,
            note=taken.milliseconds(),
        )
    ]
