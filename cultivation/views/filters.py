"""Filter state lives in the URL (ux E2): read it, show it as chips, build the links that change it."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.http import urlencode

from cultivation.enums import SizeClass, SubjectKind, SubjectState
from cultivation.rules.industries import industry_label
from cultivation.selectors.subjects import NEWEST, SORTS, SubjectFilters
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.kernel.components import Chip
from zaozhuang_portal.kernel.lengths import searched
from zaozhuang_portal.kernel.parsing import whole_number


def list_filters(query: QueryDict) -> SubjectFilters:
    """Only listed fields and values; anything else is ignored, so no query reaches a hidden column."""
    return SubjectFilters(
        kind=query.get("kind", "") if query.get("kind") in SubjectKind.values else SubjectKind.ENTERPRISE,
        organization=whole_number(query.get("district")),
        township=whole_number(query.get("township")),
        size=query.get("size_class", "") if query.get("size_class") in SizeClass.values else "",
        industry=query.get("industry", ""),
        state=query.get("state", "") if query.get("state") in SubjectState.values else SubjectState.ACTIVE,
        text=searched(query.get("q", "")),
        sort=query.get("sort", "") if query.get("sort") in SORTS else NEWEST,
    )


def without(query: QueryDict, *names: str, **values: str) -> str:
    """The query string (with `?`) minus some keys, with new values set."""
    kept = {key: texts for key, texts in query.lists() if key not in names}
    return f"?{urlencode(kept | values, doseq=True)}"


def _without(query: QueryDict, *names: str, **values: str) -> str:
    """The same, and always minus the cursor."""
    return without(query, *names, "page", **values)


def chips_for(query: QueryDict, filters: SubjectFilters) -> list[Chip]:
    chips = []
    if filters.text:
        chips.append(Chip("查找", filters.text, _without(query, "q")))
    if filters.organization:
        chips.append(
            Chip("区（市）", organization_name(filters.organization), _without(query, "district", "township"))
        )
    if filters.township:
        chips.append(Chip("乡镇（街道）", organization_name(filters.township), _without(query, "township")))
    if filters.size:
        chips.append(Chip("规模", SizeClass(filters.size).label, _without(query, "size_class")))
    if filters.industry:
        chips.append(Chip("行业", industry_label(filters.industry), _without(query, "industry")))
    if filters.state != SubjectState.ACTIVE:
        chips.append(Chip("状态", SubjectState(filters.state).label, _without(query, "state")))
    return chips


def sort_urls(query: QueryDict, filters: SubjectFilters) -> dict[str, str]:
    """For each sort the list offers with these filters, the link that chooses it."""
    return {sort: _without(query, sort=sort) for sort in filters.sorts}
