"""抽取指标: which items of a subject's assessment are judged on site, and why each (design §4a)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from evaluation.rules.spot_checks.draw import read_seed, ticket

HEAVY, AFFIRMED, DISCREPANCY, VETO, FILL = "HEAVY", "AFFIRMED", "DISCREPANCY", "VETO", "FILL"
# The first that holds is an item's reason; classes take turns in this order.
CLASSES = (HEAVY, AFFIRMED, DISCREPANCY, VETO)
# 系统设定: the notice says nothing about a sample of items.
MIN_ITEMS = 10
HEAVY_AGAINST_MEAN = Fraction(3, 2)  # an item's full marks against the mean of the set
DISCREPANCY_LIMIT = Decimal("0.5")  # points, of one item


@dataclass(frozen=True)
class ItemFacts:
    """One indicator of the set. `self_score` and `verified` are points, None while unanswered or without assessment.

    `affirmed`: claimed full or 是 throughout, and the district changed nothing.
    """

    code: str
    max_score: Decimal
    self_score: Decimal | None = None
    verified: Decimal | None = None
    veto_related: bool = False
    affirmed: bool = False


@dataclass(frozen=True)
class SampledItem:
    """`reason` is HEAVY, AFFIRMED, DISCREPANCY, VETO or FILL; kept from sight until the line is judged."""

    code: str
    reason: str
    ticket: str


def item_ticket(seed: str, subject_id: str, code: str) -> str:
    """The ticket of `<subject id>:<indicator code>`; the subject's id is the code it was drawn by."""
    return ticket(seed, f"{subject_id}:{code}", 1)


def sample_items(
    seed: str,
    subject_id: str,
    items: Sequence[ItemFacts],
    *,
    count: int = MIN_ITEMS,
    discrepancy_limit: Decimal = DISCREPANCY_LIMIT,
) -> tuple[SampledItem, ...]:
    """At least ten items (all when there are fewer), in the set's order. Raises DrawError for the seed.

    Every item with self minus verified beyond the limit is in. Then the classes take turns, each giving its next item
    by ticket, until there are `count`; what is still missing is filled by ticket. Without an assessment (no score at
    all) nothing is known to be claimed: heavy items fill first, then the others, by ticket.
    """
    digits, wanted = read_seed(seed), max(count, MIN_ITEMS)
    by_ticket = sorted((item_ticket(digits, subject_id, item.code), item.code, item) for item in items)
    heavy_from = HEAVY_AGAINST_MEAN * Fraction(sum(item.max_score for item in items)) / max(len(items), 1)
    filed = any(item.self_score is not None or item.verified is not None for item in items)
    reasons = {item.code: _reason(item, heavy_from, discrepancy_limit) if filed else FILL for item in items}
    queues = {one: [item.code for _, _, item in by_ticket if reasons[item.code] == one] for one in CLASSES}
    chosen = {item.code for item in items if filed and _is_discrepant(item, discrepancy_limit)}
    while len(chosen) < wanted and any(queues.values()):
        for queue in queues.values():
            while queue and queue[0] in chosen:
                queue.pop(0)
            if queue and len(chosen) < wanted:
                chosen.add(queue.pop(0))
    rest = [item for _, _, item in by_ticket if item.code not in chosen]
    if not filed:
        rest.sort(key=lambda item: item.max_score < heavy_from)
    chosen |= {item.code for item in rest[: max(wanted - len(chosen), 0)]}
    tickets = {item.code: found for found, _, item in by_ticket}
    return tuple(
        SampledItem(item.code, reasons[item.code], tickets[item.code])
        for item in items
        if item.code in chosen
    )


def _is_discrepant(item: ItemFacts, limit: Decimal) -> bool:
    known = item.self_score is not None and item.verified is not None
    return known and (item.self_score or Decimal(0)) - (item.verified or Decimal(0)) > limit


def _reason(item: ItemFacts, heavy_from: Fraction, limit: Decimal) -> str:
    if item.max_score >= heavy_from:
        return HEAVY
    if item.affirmed:
        return AFFIRMED
    if _is_discrepant(item, limit):
        return DISCREPANCY
    return VETO if item.veto_related else FILL
