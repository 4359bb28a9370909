"""Rounds of spot checks as pages show them: the list by year, the round with its checks, what is next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from evaluation.enums import CheckState, RoundState, Selection
from evaluation.models import PopulationRow, SpotCheck, SpotCheckRound
from evaluation.permissions.roles import ROUND_KEEPERS
from evaluation.selectors.spot_checks.checks import RoundCheck, load_checks
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.components import Step


@dataclass(frozen=True)
class NextStep:
    words: str
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class RoundPage:
    """One round with its checks, 指定 as a group of its own at the end."""

    held: SpotCheckRound
    every: Sequence[RoundCheck]
    population: int
    excluded: int
    disputes: int
    strata: int

    @property
    def checks(self) -> list[RoundCheck]:
        return [one for one in self.every if not one.named]

    @property
    def named(self) -> list[RoundCheck]:
        return [one for one in self.every if one.named]

    @property
    def drawn_count(self) -> int:
        return sum(one.check.selection == Selection.RANDOM for one in self.every)

    @property
    def states(self) -> Counter[str]:
        return Counter(one.check.state for one in self.every)


def round_rows(actor: Actor) -> QuerySet[SpotCheckRound]:
    """The rounds the actor sees, with the counts of their checks that it sees too."""
    seen = SpotCheck.objects.visible_to(actor).values("pk")
    counted = Q() if actor.sees_whole_city else Q(checks__in=seen)
    over = Q(checks__state__in=[CheckState.CONCLUDED, CheckState.SKIPPED])
    return SpotCheckRound.objects.visible_to(actor).annotate(
        check_count=Count("checks", filter=counted), over_count=Count("checks", filter=counted & over)
    )


def visible_rows(actor: Actor, held: SpotCheckRound) -> QuerySet[PopulationRow]:
    """The frozen list: the city's whole, a district's own rows."""
    rows = PopulationRow.objects.filter(round=held)
    if actor.sees_whole_city:
        return rows
    return rows.filter(organization=actor.district) if actor.district else rows.none()


def load_round(actor: Actor, held: SpotCheckRound, today: date) -> RoundPage:
    """Statements: 2, whatever the number of checks."""
    figures = visible_rows(actor, held).aggregate(
        population=Count("pk", filter=Q(included=True)),
        excluded=Count("pk", filter=Q(included=False)),
        disputes=Count("pk", filter=Q(disputed_at__isnull=False, dispute_answered_at__isnull=True)),
        strata=Count("stratum", filter=Q(included=True), distinct=True),
    )
    return RoundPage(held, load_checks(actor, held, today), **figures)


def round_steps(held: SpotCheckRound, page: RoundPage) -> list[Step]:
    """定范围 ✓ 冻结 ✓ 抽取 ✓ 派组 检查和结论 归档."""
    order = list(RoundState)
    reached = order.index(RoundState(held.state))
    states = page.states
    drawn = reached >= order.index(RoundState.DRAWN)
    assigned = drawn and not states[CheckState.SELECTED]
    over = drawn and set(states) <= {CheckState.CONCLUDED, CheckState.SKIPPED}
    marks = [
        ("定范围", reached >= 1),
        ("冻结", reached >= 1),
        ("抽取", drawn),
        ("派组", assigned),
        ("检查和结论", over),
        ("归档", held.state == RoundState.CLOSED),
    ]
    current = next((number for number, (_, done) in enumerate(marks) if not done), len(marks))
    return [
        Step(label, "done" if number < current else "current" if number == current else "todo")
        for number, (label, _) in enumerate(marks)
    ]


def next_step(actor: Actor, held: SpotCheckRound, page: RoundPage) -> NextStep | None:
    """What the actor does next, or what the round waits for."""
    office = actor.role in ROUND_KEEPERS

    def step(words: str, name: str, label: str) -> NextStep:
        return NextStep(words, reverse(f"evaluation:{name}", args=[held.pk]) if office else "", label)

    if held.state == RoundState.PLANNED:
        return step("核对名录和分层比例，然后冻结", "spot_check_population", "查看名录")
    if held.state == RoundState.FROZEN and page.disputes:
        return step(f"答复名录疑问（{page.disputes}处），然后公开抽取", "spot_check_population", "查看名录")
    if held.state == RoundState.FROZEN:
        return step("公示名录后，由四个席位宣读数字，公开抽取", "spot_check_draw", "公开抽取")
    if held.state == RoundState.DRAWN and (waiting := page.states[CheckState.SELECTED]):
        return step(f"为 {waiting} 项检查派检查组", "team_list", "派检查组")
    if held.state == RoundState.DRAWN and (answered := page.states[CheckState.ANSWERED]):
        waits = step(f"{answered} 项检查已反馈意见，可以作出结论", "spot_check_items", "待结论的检查")
        return replace(waits, url=waits.url and f"{waits.url}?cell=waiting")
    if held.state == RoundState.DRAWN and (assigned := page.states[CheckState.ASSIGNED]):
        return step(f"为 {assigned} 项检查发检查通知书", "notice_send", "发检查通知书")
    if held.state == RoundState.DRAWN:
        if set(page.states) <= {CheckState.CONCLUDED, CheckState.SKIPPED}:
            return step("检查都有结论，可以归档", "spot_check_close", "归档")
        return NextStep("等待检查组检查和作出结论")
    return None
