"""五年对比: the rounds of 2023–2027 side by side, with what breaks the comparison said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from cultivation.rules.calendar import YEARS
from evaluation.enums import RectificationState
from evaluation.rules.spot_checks.dashboards import CELLS
from evaluation.selectors.rectifications.lists import FindingFilters, RectificationFilters
from evaluation.selectors.spot_checks.dashboard import Number, list_url
from evaluation.selectors.spot_checks.years import RoundFigures, rounds_of
from zaozhuang_portal.accounts.actors import Actor

_LINES = [*((cell.key, cell.label, cell.meaning) for cell in CELLS)]
_FOUND = (("found", "发现问题"), ("closed", "已销号"), ("overdue", "逾期"))


@dataclass(frozen=True)
class YearRound:
    """A column. `breaks`: what is not as in the column before it."""

    figures: RoundFigures
    url: str
    breaks: Sequence[str]

    @property
    def concluded(self) -> int:
        return self.figures.value("checked") - self.figures.value("waiting")


@dataclass(frozen=True)
class YearLine:
    label: str
    meaning: str
    numbers: Sequence[Number]


@dataclass(frozen=True)
class FiveYears:
    columns: Sequence[YearRound]
    lines: Sequence[YearLine]
    gaps: Sequence[str]


def five_years(actor: Actor, today: date) -> FiveYears:
    """Of the city, or of the actor's own district. Statements: 3."""
    organization = None if actor.sees_whole_city else actor.district
    rounds = rounds_of(YEARS, organization, today)[0]
    unit = organization.pk if organization else None
    columns = [
        YearRound(
            one,
            reverse("evaluation:spot_check_round", args=[one.round_pk]),
            _breaks(rounds[place - 1] if place else None, one),
        )
        for place, one in enumerate(rounds)
    ]
    lines = [
        YearLine(
            label,
            meaning,
            [Number(label, one.value(key), list_url(one.held, unit, key)) for one in rounds],
        )
        for key, label, meaning in _LINES
    ] + [
        YearLine(label, "", [Number(label, one.value(key), _found_url(one, key, unit)) for one in rounds])
        for key, label in _FOUND
    ]
    held = {one.held.year_id for one in rounds}
    gaps = [f"{year}年度没有已抽取的批次" for year in YEARS if year not in held and year <= today.year]
    return FiveYears(columns, lines, gaps)


def _found_url(one: RoundFigures, key: str, unit: int | None) -> str:
    if key == "found":
        return FindingFilters(round=one.round_pk, unit=unit).query()
    if key == "closed":
        closed = RectificationState.CLOSED
        return RectificationFilters(round=one.round_pk, unit=unit, state=closed).query()
    return RectificationFilters(round=one.round_pk, unit=unit, overdue=True).query()


def _breaks(before: RoundFigures | None, one: RoundFigures) -> list[str]:
    """In words: what keeps the figures of this round from being read beside those of the one before."""
    held = one.held
    found = ["补录，系统启用前开展，没有抽取记录"] if held.backfilled else []
    if before is None:
        return found
    then = before.held
    if then.frame != held.frame:
        found.append(f"名录范围由“{then.get_frame_display()}”改为“{held.get_frame_display()}”")
    if then.checklist_id != held.checklist_id:
        found.append(f"检查表改为“{held.checklist}”")
    if then.blind != held.blind:
        found.append("自此盲评" if held.blind else "自此不盲评")
    if then.item_count != held.item_count:
        found.append(f"每户抽查指标由{then.item_count}项改为{held.item_count}项")
    if then.strata != held.strata:
        found.append("分层比例有调整")
    if sorted(then.classes) != sorted(held.classes):
        found.append("按类必查的类别有调整")
    return found
