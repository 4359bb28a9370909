"""What is due around a day, person by person (ux E20). Upper apps register their own sources in AppConfig.ready().

Every source asks a constant number of statements, whatever the number of people and of things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice

from cultivation.enums import WorkItemState
from cultivation.models import GuidanceVisit, Milestone, WorkItem
from cultivation.rules.data_checks import MOST_DOUBTS
from cultivation.rules.reminders import name_some
from cultivation.selectors.data_checks import Scope
from cultivation.selectors.rehearsal.base import DayAtHand, RehearsalItem, all_rehearsals, day_at_hand
from cultivation.selectors.rehearsal.first_visits import first_visits_owed
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import ADMIN_ROLES, DISTRICT_ROLES, Level, Role
from zaozhuang_portal.accounts.models import Membership, Organization
from zaozhuang_portal.accounts.selectors.memberships import capacity_of

# Who answers for tasks and promises in person; leaders only look.
_ANSWERABLE = DISTRICT_ROLES | {
    Role.CITY_OFFICE,
    Role.CITY_MEMBER,
    Role.TOWNSHIP_STAFF,
    Role.INSTRUCTOR,
}


@dataclass(frozen=True)
class DueThing:
    """One line of somebody's digest. Two capacities of a person may know of the same thing: it is told once."""

    user_id: int
    what: str
    due: date


@dataclass(frozen=True)
class ReminderCase:
    """A day, the dates told of on it, and every office capacity in force on it.

    Nobody is reminded of a year before the portal went into use: what it lacks is to be back-filled.
    """

    day: date
    dates: frozenset[date]
    actors: Sequence[Actor]

    @cached_property
    def at(self) -> DayAtHand | None:
        """The day with the years judged on it; None before the years are loaded, or while none is in use."""
        found = day_at_hand(self.day)
        return found if found is not None and found.year.in_use else None

    def of_users(self) -> dict[int, list[Actor]]:
        """The answerable capacities of each person."""
        found: dict[int, list[Actor]] = {}
        for actor in self.actors:
            if actor.role in _ANSWERABLE:
                found.setdefault(actor.user.pk, []).append(actor)
        return found

    def of_districts(self) -> dict[int, list[Actor]]:
        """The offices of each district."""
        found: dict[int, list[Actor]] = {}
        for actor in self.actors:
            if actor.role in DISTRICT_ROLES and actor.district is not None:
                found.setdefault(actor.district.pk, []).append(actor)
        return found


ReminderSource = Callable[[ReminderCase], Iterable[DueThing]]
_sources: dict[str, ReminderSource] = {}


def register_reminders(code: str, source: ReminderSource) -> None:
    """Called on import and by upper apps in AppConfig.ready(); the same code again replaces the former source."""
    _sources[code] = source


def office_actors(day: date) -> list[Actor]:
    """Every capacity in an office on that day whose person may sign in; nobody who is an administrator. Statements: 1."""
    memberships = list(
        Membership.objects.in_force(day)
        .filter(user__is_active=True)
        .select_related("user", "organization__parent", "member_unit")
        .order_by("id")
    )
    administrators = {one.user_id for one in memberships if one.role in ADMIN_ROLES}
    return [Actor(one.user, capacity_of(one)) for one in memberships if one.user_id not in administrators]


def due_things(day: date, dates: Iterable[date]) -> dict[int, list[DueThing]]:
    """By person, each by date; without what is done, cancelled or back-filled."""
    case = ReminderCase(day, frozenset(dates), office_actors(day))
    found: dict[int, set[DueThing]] = {}
    for source in _sources.values():
        for thing in source(case):
            found.setdefault(thing.user_id, set()).add(thing)
    return {user: sorted(things, key=lambda one: (one.due, one.what)) for user, things in found.items()}


# --- the dates of the year --------------------------------------------------------------------------------------------


def milestone_reminders(case: ReminderCase) -> Iterator[DueThing]:
    """Each district its own misses, the city what the city owes. Statements: 1, and one per place and judged date.

    What the portal cannot judge is the city office's until it says that it was done (selectors.milestones).
    """
    milestones = list(
        Milestone.objects.filter(due_on__in=case.dates, year__in_use=True)
        .select_related("year")
        .order_by("due_on", "id")
    )
    places = {pk: actors[0].district for pk, actors in case.of_districts().items()}
    for milestone in milestones:
        at = DayAtHand(case.day, (milestone.year,))
        items = [item for item in all_rehearsals() if item.milestone == milestone.code]
        for item in items:
            for place in [None, *places.values()] if item.owed_by_city else places.values():
                yield from _misses(case, item, milestone, at, place)
        if not items and milestone.done_on is None:
            for actor in case.actors:
                if actor.role == Role.CITY_OFFICE:
                    what = f"{milestone.year_id}年度{milestone.name}（完成后请登记）"
                    yield DueThing(actor.user.pk, what, milestone.due_on)


def _misses(
    case: ReminderCase, item: RehearsalItem, milestone: Milestone, at: DayAtHand, place: Organization | None
) -> Iterator[DueThing]:
    roles = DISTRICT_ROLES if place else {Role.CITY_OFFICE}
    told = [
        actor
        for actor in case.actors
        if actor.role in roles
        and (not item.opened_by or actor.role in item.opened_by)
        and (place is None or (actor.district is not None and actor.district.pk == place.pk))
    ]
    if not told:
        return
    found = islice(item.find(Scope(None, place), at), MOST_DOUBTS)
    misses = [miss for miss in found if not miss.later]
    if not misses:
        return
    names = [miss.label for miss in misses if place is None or miss.label != place.name]
    what = f"{milestone.year_id}年度{milestone.name}" + (f"（未完成：{name_some(names)}）" if names else "")
    for actor in told:
        yield DueThing(actor.user.pk, what, milestone.due_on)


def first_visit_reminders(case: ReminderCase) -> Iterator[DueThing]:
    """The first visit of a subject added to a roster later: its own date, to its district. Statements: 3."""
    told = case.of_districts()
    if case.at is None or not told:
        return
    for owed in first_visits_owed(Scope(None, None), case.at):
        if owed.added and owed.due in case.dates:
            for actor in told.get(owed.organization, []):
                yield DueThing(actor.user.pk, f"增补对象“{owed.name}”首次指导服务", owed.due)


# --- what somebody answers for in person ------------------------------------------------------------------------------


def work_item_reminders(case: ReminderCase) -> Iterator[DueThing]:
    """Open tasks, told to the person who answers for them; one's own may be opened whatever the place. Statements: 1."""
    people = case.of_users()
    rows = WorkItem.objects.live().filter(
        due_on__in=case.dates, state=WorkItemState.OPEN, backfilled=False, responsible_user__isnull=False
    )
    for user_id, title, due in rows.values_list("responsible_user_id", "title", "due_on"):
        if user_id in people:
            yield DueThing(user_id, f"责任事项“{title}”", due)


def may_open_visit(actor: Actor, organization_id: int, township_id: int | None) -> bool:
    """GuidanceVisitQuerySet.visible_to for a promise of the actor's own, without a statement (a test holds them together)."""
    if actor.sees_whole_city:
        return True
    if actor.role == Role.TOWNSHIP_STAFF:
        return actor.organization is not None and actor.organization.pk == township_id
    return actor.district is not None and actor.district.pk == organization_id


def follow_up_reminders(case: ReminderCase) -> Iterator[DueThing]:
    """Promises not kept yet: to who made them; what nobody promised in person to the district's offices. Statements: 1."""
    people = case.of_users()
    offices: dict[int, list[Actor]] = {}
    for actor in case.actors:
        if actor.role in DISTRICT_ROLES and actor.organization and actor.organization.level == Level.DISTRICT:
            offices.setdefault(actor.organization.pk, []).append(actor)
    rows = (
        GuidanceVisit.objects.live()
        .with_open_follow_up()
        .filter(follow_up_due__in=case.dates, backfilled=False)
        .values_list("follow_up_by_id", "subject__name", "follow_up_due", "organization_id", "township_id")
    )
    for user_id, subject, due, organization_id, township_id in rows:
        if user_id is None:
            told = offices.get(organization_id, [])
        else:
            told = [
                one for one in people.get(user_id, []) if may_open_visit(one, organization_id, township_id)
            ]
        for actor in told:
            yield DueThing(actor.user.pk, f"指导服务跟进“{subject}”", due)


register_reminders("milestones", milestone_reminders)
register_reminders("first_visits", first_visit_reminders)
register_reminders("work_items", work_item_reminders)
register_reminders("follow_ups", follow_up_reminders)
