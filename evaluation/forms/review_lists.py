"""Filters of the review queue, kept in the URL (ux E2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.http import QueryDict

from cultivation.rules.calendar import campaign_year_of
from evaluation.enums import AssessmentState
from evaluation.selectors.reviews import QUEUE_STATES
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.kernel.components import Chip
from zaozhuang_portal.kernel.lengths import searched
from zaozhuang_portal.kernel.parsing import whole_number

ALL = "ALL"
_S = AssessmentState
# What waits for somebody of the district; what is under way, for the city.
DISTRICT_OPEN = (_S.SUBMITTED, _S.UNDER_REVIEW)
CITY_OPEN = (_S.SUBMITTED, _S.UNDER_REVIEW, _S.RETURNED, _S.VERIFIED)


@dataclass(frozen=True)
class QueueFilters:
    """`state` "" means what is open for this role, ALL everything handed in."""

    state: str = ""
    year: int | None = None
    organization: int | None = None
    text: str = ""

    def states(self, *, whole_city: bool) -> Collection[str]:
        if self.state == ALL:
            return QUEUE_STATES
        if self.state:
            return (self.state,)
        return CITY_OPEN if whole_city else DISTRICT_OPEN


def state_choices(*, whole_city: bool) -> list[tuple[str, str]]:
    return [
        ("", "在办" if whole_city else "待办"),
        *((state.value, state.label) for state in QUEUE_STATES),
        (ALL, "全部"),
    ]


def queue_filters(query: QueryDict) -> QueueFilters:
    """Only listed fields and values; anything else is no filter."""
    state = query.get("state", "")
    return QueueFilters(
        state=state if state == ALL or state in QUEUE_STATES else "",
        year=campaign_year_of(query.get("year")),
        organization=whole_number(query.get("district")),
        text=searched(query.get("q", "")),
    )


def queue_chips(query: QueryDict, filters: QueueFilters) -> list[Chip]:
    def without(name: str) -> str:
        copy = query.copy()
        copy.pop(name, None)
        copy.pop("page", None)
        return f"?{copy.urlencode()}"

    chips = []
    if filters.text:
        chips.append(Chip("查找", filters.text, without("q")))
    if filters.state:
        words = dict(state_choices(whole_city=False))[filters.state]
        chips.append(Chip("状态", words, without("state")))
    if filters.year:
        chips.append(Chip("年度", str(filters.year), without("year")))
    if filters.organization:
        chips.append(Chip("区（市）", organization_name(filters.organization), without("district")))
    return chips
