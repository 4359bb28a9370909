"""The day one rehearses, what can be missed on it, and the registry of these items. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import islice

from django.db.models import Q

from cultivation.models import CampaignYear, Milestone
from cultivation.rules.calendar import OwnDate, year_at_hand
from cultivation.rules.data_checks import MOST_DOUBTS
from cultivation.selectors.data_checks import Scope
from cultivation.selectors.own_dates import own_dates
from cultivation.selectors.targets import DistrictTargets, evaluate_year_targets
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.clock import DeadlineText, describe_deadline, end_of_day, start_of_day


@dataclass(frozen=True)
class DayAtHand:
    """The assumed today and the campaign years judged on it, earliest first: the year of that day, and those before it in
    which the portal was in use, for what they owe does not end with them.

    Dated records after the day do not count; everything else is as it stands.
    """

    day: date
    years: tuple[CampaignYear, ...]

    @property
    def year(self) -> CampaignYear:
        """The year of that day."""
        return self.years[-1]

    @cached_property
    def milestones(self) -> list[Milestone]:
        """The dates of these years, earliest first; asked once."""
        rows = Milestone.objects.filter(year__in=self.years).select_related("year")
        return list(rows.order_by("due_on", "id"))

    def own_dates(self, code: str) -> dict[int, OwnDate]:
        """What a late addition has instead of the year's date of this code, by year."""
        stored = {(one.year_id, one.code): one.due_on for one in self.milestones}
        return own_dates(code, {year.pk: year.period_end for year in self.years}, stored)

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

    `later`: not done either, but with a date of its own that is still to come: nobody is late with it. `year`: of which
    campaign year it is missing; None for what belongs to none.
    """

    place: str
    label: str
    url: str
    detail: str = ""
    later: bool = False
    year: int | None = None


OFFICES = frozenset(
    {Role.CITY_OFFICE, Role.CITY_MEMBER, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER, Role.LEADER}
)


@dataclass(frozen=True)
class RehearsalItem:
    """Something one can be late with. `milestone`: code of the date it belongs to, "" for what is due all the time.

    `opened_by`: the roles that may open the pages its misses link to; empty: every reader. `owed_by_city`: the city is
    reminded of its misses too; of all others only the district that has them. `or_registered`: it also counts as done
    once the city office registers it, for it may be held on paper.
    """

    code: str
    title: str
    sentence: str
    find: Callable[[Scope, DayAtHand], Iterable[Miss]]
    milestone: str = ""
    clause: str = ""
    opened_by: frozenset[Role] = frozenset()
    owed_by_city: bool = False
    or_registered: bool = False


@dataclass(frozen=True)
class ItemState:
    """`year`: of whose date it is; None for what is due all the time."""

    item: RehearsalItem
    misses: list[Miss]
    capped: bool
    linked: bool
    later: list[Miss]
    year: int | None = None

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"i-{self.item.code}-{self.year}" if self.year else f"i-{self.item.code}"

    @property
    def count(self) -> str:
        return f"{len(self.misses)}+" if self.capped else str(len(self.misses))


@dataclass(frozen=True)
class MilestoneState:
    """A date of a year on the assumed day. Without `items` the portal holds nothing to judge it by but the city's word
    that it was done (`milestone.done_on`)."""

    milestone: Milestone
    deadline: DeadlineText
    items: list[ItemState]
    day: date

    @property
    def missing(self) -> int:
        return sum(len(state.misses) for state in self.items)

    @property
    def later(self) -> int:
        return sum(len(state.later) for state in self.items)

    @property
    def quiet(self) -> bool:
        """Of a year before the portal went into use: what it lacks is to be back-filled, nobody is late with it."""
        return not self.milestone.year.in_use

    @property
    def done(self) -> bool:
        """Nothing is missing on that day."""
        if self.items:
            return not self.missing and not self.later
        done_on = self.milestone.done_on
        return done_on is not None and done_on <= self.day

    @property
    def kept(self) -> bool:
        """Nobody is late with it, now or later: such a date is shown as a day, never as overdue."""
        return not self.missing if self.items else self.done


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


def _find(item: RehearsalItem, scope: Scope, at: DayAtHand) -> tuple[list[Miss], bool]:
    found = list(islice(item.find(scope, at), MOST_DOUBTS + 1))
    return found[:MOST_DOUBTS], len(found) > MOST_DOUBTS


def _state(
    item: RehearsalItem, found: tuple[list[Miss], bool], actor: Actor, year: int | None = None
) -> ItemState:
    """The item of one year; without `year` all of it."""
    misses, capped = found
    of_year = [miss for miss in misses if year is None or miss.year == year]
    late, later = [miss for miss in of_year if not miss.later], [miss for miss in of_year if miss.later]
    return ItemState(item, late, capped, not item.opened_by or actor.role in item.opened_by, later, year)


def day_at_hand(day: date) -> DayAtHand | None:
    """None before the years are loaded. Statements: 1."""
    last = year_at_hand(day)
    years = list(CampaignYear.objects.filter(year__lte=last).order_by("year"))
    if not years or years[-1].pk != last:
        return None
    return DayAtHand(day, (*(year for year in years[:-1] if year.in_use), years[-1]))


def _judge(actor: Actor, scope: Scope, at: DayAtHand) -> list[MilestoneState]:
    """The dates of the year of the day, and of the years before it those that are not kept yet."""
    noon = start_of_day(at.day)
    found = {item.code: _find(item, scope, at) for item in all_rehearsals() if item.milestone}
    every = [
        MilestoneState(
            milestone,
            describe_deadline(noon, milestone.due_on),
            [
                _state(item, found[item.code], actor, milestone.year_id)
                for item in all_rehearsals()
                if item.milestone == milestone.code
            ],
            at.day,
        )
        for milestone in at.milestones
    ]
    return [state for state in every if state.milestone.year == at.year or not state.done]


def judge_milestones(actor: Actor, scope: Scope, *, day: date) -> list[MilestoneState]:
    """The dates and who has missed them on that day. Statements: years, milestones, one per dated item."""
    at = day_at_hand(day)
    return _judge(actor, scope, at) if at else []


def rehearse(actor: Actor, scope: Scope, *, day: date) -> Rehearsal | None:
    """Who would miss what if `day` were today; None before the years are loaded. Reads only.

    Statements: years, milestones, targets (2), and one per item, whatever the number of years.
    """
    at = day_at_hand(day)
    if at is None:
        return None
    targets = evaluate_year_targets(actor, years=[at.year.pk], today=day, until=at.until)
    if scope.district is not None:
        targets = [row for row in targets if row.organization.pk == scope.district.pk]
    standing = [item for item in all_rehearsals() if not item.milestone]
    return Rehearsal(
        at,
        _judge(actor, scope, at),
        [_state(item, _find(item, scope, at), actor) for item in standing],
        targets,
    )
