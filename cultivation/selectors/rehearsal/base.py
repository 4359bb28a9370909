"""The day one rehearses, what can be missed on it, and the registry of these items. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.db.models import Q

from cultivation.models import CampaignYear, Milestone
from cultivation.rules.data_checks import MOST_FINDINGS
from cultivation.selectors.data_checks import Scope
from cultivation.selectors.data_checks.base import campaign_year
from cultivation.selectors.targets import DistrictTargets, evaluate_year_targets
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.clock import DeadlineText, describe_deadline, end_of_day, start_of_day


@dataclass(frozen=True)
class DayAtHand:
    """The assumed today with its campaign year. Dated records after it do not count; everything else is as it stands."""

    day: date
    year: CampaignYear

    @property
    def until(self) -> datetime:
        """The first instant that is no longer that Shanghai day."""
        return end_of_day(self.day)

    def by_then(self, field: str) -> Q:
        """Rows whose instant `field` lies on that day or before, and back-filled ones."""
        return Q(**{f"{field}__lt": self.until}) | Q(backfilled=True)


@dataclass(frozen=True)
class Miss:
    """One thing missing: what, where it is done, and whose it is ("" when `label` names the district itself).

    `later`: not done either, but with a date of its own that is still to come: nobody is late with it.
    """

    place: str
    label: str
    url: str
    detail: str = ""
    later: bool = False


OFFICES = frozenset(
    {Role.CITY_OFFICE, Role.CITY_MEMBER, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER, Role.LEADER}
)


@dataclass(frozen=True)
class RehearsalItem:
    """Something one can be late with. `milestone`: code of the date it belongs to, "" for what is due all the time.

    `opened_by`: the roles that may open the pages its misses link to; empty: every reader. `owed_by_city`: the city is
    reminded of its misses too; of all others only the district that has them.
    """

    code: str
    title: str
    sentence: str
    find: Callable[[Scope, DayAtHand], Iterable[Miss]]
    milestone: str = ""
    clause: str = ""
    opened_by: frozenset[Role] = frozenset()
    owed_by_city: bool = False


@dataclass(frozen=True)
class ItemState:
    item: RehearsalItem
    misses: list[Miss]
    capped: bool
    linked: bool
    later: list[Miss]

    @property
    def count(self) -> str:
        return f"{len(self.misses)}+" if self.capped else str(len(self.misses))


@dataclass(frozen=True)
class MilestoneState:
    """A date of the year on the assumed day. Without `items` the portal holds nothing to judge it by."""

    milestone: Milestone
    deadline: DeadlineText
    items: list[ItemState]

    @property
    def missing(self) -> int:
        return sum(len(state.misses) for state in self.items)

    @property
    def later(self) -> int:
        return sum(len(state.later) for state in self.items)


@dataclass(frozen=True)
class Rehearsal:
    at: DayAtHand
    milestones: list[MilestoneState]
    standing: list[ItemState]
    targets: list[DistrictTargets]

    @property
    def with_misses(self) -> list[tuple[ItemState, MilestoneState | None]]:
        """Every item somebody would miss or still owes, those with a date first, in the order of the dates."""
        dated = [(state, milestone) for milestone in self.milestones for state in milestone.items]
        every = [*dated, *((state, None) for state in self.standing)]
        return [(state, of) for state, of in every if state.misses or state.later]


_items: dict[str, RehearsalItem] = {}


def register_rehearsal(*items: RehearsalItem) -> None:
    """Called on import and by upper apps in AppConfig.ready(); the same code again replaces the former item."""
    for item in items:
        _items[item.code] = item


def all_rehearsals() -> list[RehearsalItem]:
    """Every item, in the order of registration."""
    return list(_items.values())


def _state(item: RehearsalItem, actor: Actor, scope: Scope, at: DayAtHand) -> ItemState:
    found = list(islice(item.find(scope, at), MOST_FINDINGS + 1))
    linked = not item.opened_by or actor.role in item.opened_by
    shown = found[:MOST_FINDINGS]
    late, later = [miss for miss in shown if not miss.later], [miss for miss in shown if miss.later]
    return ItemState(item, late, len(found) > MOST_FINDINGS, linked, later)


def _day_at_hand(day: date) -> DayAtHand | None:
    year = CampaignYear.objects.filter(pk=campaign_year(day)).first()
    return DayAtHand(day, year) if year else None


def _judge(actor: Actor, scope: Scope, at: DayAtHand) -> list[MilestoneState]:
    noon = start_of_day(at.day)
    every = all_rehearsals()
    return [
        MilestoneState(
            milestone,
            describe_deadline(noon, milestone.due_on),
            [_state(item, actor, scope, at) for item in every if item.milestone == milestone.code],
        )
        for milestone in Milestone.objects.filter(year=at.year)
        .select_related("year")
        .order_by("due_on", "id")
    ]


def judge_milestones(actor: Actor, scope: Scope, *, day: date) -> list[MilestoneState]:
    """The dates of the year and who has missed them on that day. Statements: year, milestones, one per dated item."""
    at = _day_at_hand(day)
    return _judge(actor, scope, at) if at else []


def rehearse(actor: Actor, scope: Scope, *, day: date) -> Rehearsal | None:
    """Who would miss what if `day` were today; None before the years are loaded. Reads only.

    Statements: year, milestones, targets (2), and one per item.
    """
    at = _day_at_hand(day)
    if at is None:
        return None
    targets = evaluate_year_targets(actor, years=[at.year.pk], today=day, until=at.until)
    if scope.district is not None:
        targets = [row for row in targets if row.organization.pk == scope.district.pk]
    return Rehearsal(
        at,
        _judge(actor, scope, at),
        [_state(item, actor, scope, at) for item in all_rehearsals() if not item.milestone],
        targets,
    )
