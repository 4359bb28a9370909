"""工作台: what waits for me, what is due, how my unit stands. Statements: 3 beside session and capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from cultivation.models import GuidanceVisit, Milestone
from cultivation.selectors.calendar import milestones_of
from cultivation.selectors.targets import DistrictTargets, evaluate_year_targets
from cultivation.selectors.todo_case import todo_case
from cultivation.selectors.visits import MySubject, my_follow_ups, my_subjects
from reporting.selectors.todos import todo_parts
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.operations.selectors.todos import tally_parts

# Rows of an instructor's own lists on the first page; the rest is behind the link.
SHOWN = 8


@dataclass(frozen=True)
class Todo:
    """One kind of work that waits for this actor, of whatever year. `count` is the number behind the link, `due` the
    earliest deadline among it."""

    text: str
    count: int
    unit: str
    url: str
    due: date | None = None
    urgent: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Workbench:
    """`mine` and `follow_ups`: what an instructor looks after and owes, the first of each."""

    todos: list[Todo]
    milestones: list[Milestone]
    targets: list[DistrictTargets]
    mine: Sequence[MySubject] = ()
    follow_ups: Sequence[GuidanceVisit] = ()


def load_workbench(actor: Actor, *, year: int, today: date) -> Workbench:
    """Only what this actor may see; to-dos with nothing in them are left out. `year`: of the dates and targets shown."""
    milestones = milestones_of(year)
    if actor.role == Role.SUBJECT_CONTACT:
        milestones = [one for one in milestones if one.code == "SELF_ASSESSMENT"]
    parts = todo_parts(todo_case(actor, today))
    inbox = reverse("reporting:inbox")
    todos = [
        Todo(
            part.label,
            tally.count,
            part.unit,
            part.url or tally.only or f"{inbox}?kind={part.key}",
            tally.due,
            part.urgent or (tally.due is not None and tally.due < today),
            part.quiet,
        )
        for part, tally in zip(parts, tally_parts(parts), strict=True)
        if tally.count
    ]
    targets: list[DistrictTargets] = []
    if actor.role == Role.INSTRUCTOR:
        owed = list(my_follow_ups(actor)[:SHOWN])
        return Workbench(todos, milestones, targets, my_subjects(actor)[:SHOWN], owed)
    if not actor.is_administrator and actor.role != Role.SUBJECT_CONTACT:
        targets = evaluate_year_targets(actor, years=[year], today=today)
    return Workbench(todos, milestones, targets)
