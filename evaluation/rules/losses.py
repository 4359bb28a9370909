"""失分清单 and 完成度: where points were lost and what restores them; how much of a sheet is answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from evaluation.rules.marking import SCORED, UNANSWERED, Line
from evaluation.rules.numbers import plain
from evaluation.rules.scoring import ScoreResult


@dataclass(frozen=True)
class Loss:
    """One part that gave less than it could. `points_lost` is exact; `restore` says in Chinese what brings it back."""

    code: str
    name: str
    text: str
    rule: str
    points_lost: Fraction
    found: str
    restore: str

    @property
    def points_lost_text(self) -> str:
        return plain(self.points_lost, places=2)


@dataclass(frozen=True)
class Completeness:
    """Items answered (scored or not applicable) of all items, and items judged not applicable."""

    answered: int
    total: int
    not_applicable: int
    unanswered: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return self.answered == self.total


def losses_of_line(line: Line) -> list[Loss]:
    """The losses of one scored item, in the order of its parts."""
    if line.state != SCORED:
        return []
    return [
        Loss(
            code=line.code,
            name=line.name,
            text=found.part.text,
            rule=found.part.in_words(),
            points_lost=found.points_lost,
            found=found.mark.found,
            restore=found.mark.restore,
        )
        for found in line.parts
        if found.mark is not None and found.points_lost > 0
    ]


def explain_losses(result: ScoreResult) -> list[Loss]:
    """Every lost point of a sheet, the greatest first; deductions stand among them."""
    losses = [loss for line in result.lines for loss in losses_of_line(line)]
    losses += [
        Loss(
            code=line.code,
            name=line.name,
            text=line.name,
            rule="扣分项",
            points_lost=Fraction(-line.value),
            found=f"扣 {plain(-line.value)} 分",
            restore="扣分情形消除后，下一评价期不再扣分",
        )
        for line in result.deductions
        if line.value < 0
    ]
    return sorted(losses, key=lambda loss: -loss.points_lost)


def completeness(lines: Iterable[Line]) -> Completeness:
    found = tuple(lines)
    unanswered = tuple(line.code for line in found if line.state == UNANSWERED)
    return Completeness(
        answered=len(found) - len(unanswered),
        total=len(found),
        not_applicable=sum(1 for line in found if line.state not in (SCORED, UNANSWERED)),
        unanswered=unanswered,
    )
