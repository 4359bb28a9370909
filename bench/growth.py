"""A million enterprises against twenty thousand: the list page at every depth, filter and sort, and the name search."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

from bench.measure import Result, Timings, interleave
from bench.world import Browser, World, served

NAMES = {"organization": "district", "township": "township", "size": "size_class", "industry": "industry"}
DEPTHS = ("first", "middle", "last")
# A brand of two characters (about two firms in 20,000) and a word of the trade (one firm in twenty).
SEARCHES = {"a brand": "鲁恒", "a trade": "机械"}


def paths(size: str) -> Iterator[tuple[str, str]]:
    """(what it is, address) for each permitted filter × sort and depth on one database."""
    from cultivation.selectors.subjects import PERMITTED

    values = filter_values(size)
    for used, sorts in PERMITTED.items():
        for sort in sorted(sorts):
            query = {NAMES[name]: str(values[name]) for name in sorted(used)}
            name = f"{'+'.join(sorted(used)) or 'no filter'}, {sort}"
            for depth in DEPTHS:
                yield (
                    f"{name}, {depth}",
                    f"/subjects/?{urlencode(query | {'sort': sort} | depth_of(size, used, sort, depth))}",
                )


def filter_values(size: str) -> dict[str, object]:
    """The same filters on both databases: the generator spreads both alike, so each leaves the same share."""
    from cultivation.models import Subject

    row = (
        Subject.objects.using(alias(size))
        .filter(size_class="SMALL", township__isnull=False)
        .order_by("id")[0]
    )
    return {
        "organization": row.managing_organization_id,
        "township": row.township_id,
        "size": "SMALL",
        "industry": row.industry_code,
    }


def alias(size: str) -> str:
    return "large" if size == "large" else "default"


def depth_of(size: str, used: frozenset[str], sort: str, depth: str) -> dict[str, str]:
    """The cursor of the first, the middle and the last page."""
    from cultivation.models import Subject
    from cultivation.selectors.subjects import SORTS
    from zaozhuang_portal.kernel.keyset import _encode

    if depth != "middle":
        return {"page": "last"} if depth == "last" else {}
    columns = {"organization": "managing_organization_id", "township": "township_id", "size": "size_class"}
    values = {columns.get(name, "industry_code"): filter_values(size)[name] for name in used}
    keys = SORTS[sort]
    rows = (
        Subject.objects.using(alias(size))
        .filter(kind="ENTERPRISE", state="ACTIVE", **values)
        .order_by(*(f"{'-' if key.descending else ''}{key.column}" for key in keys))
        .values_list(*(key.column for key in keys))
    )
    return {"page": _encode("after", list(rows[rows.count() // 2]))}


def pages(world: World, small: Browser, large: Browser) -> list[Result]:
    worst, ratios, where = 0.0, [], ""
    addresses = {size: dict(paths(size)) for size in ("small", "large")}
    for name, path in addresses["small"].items():
        if name.endswith("middle"):
            check_depth(small, path)
            check_depth(large, addresses["large"][name])
        taken = compare(world, small, large, path, addresses["large"][name])
        ratio = taken.ratio("large", "small")
        ratios.append(ratio)
        if ratio > worst:
            worst, where = ratio, f"worst: {name} ({taken.milliseconds()})"
    middle = sorted(ratios)[len(ratios) // 2]
    return [
        Result(
            f"list page at {world.large_size:,} enterprises against {world.small_size:,}: {len(ratios)} pages, the worst",
            worst, 2, True, note=f"{where}; median {middle:.2f}×",
        )
    ]  # fmt: skip


def check_depth(browser: Browser, path: str) -> None:
    """A cursor that was not understood would show the first page and prove nothing."""
    if "首页</a>" not in browser.get(path) and not os.environ.get("BENCH_SMOKE"):
        raise RuntimeError(f"{path}: the cursor was not taken")


def compare(world: World, small: Browser, large: Browser, one: str, other: str) -> Timings:
    return interleave(
        {"small": lambda: small.get(one), "large": lambda: large.get(other)}, rounds=world.rounds, calls=4
    )


def search(size: str, text: str) -> int:
    """Rows and total of the list's own statement, without the page around it."""
    from cultivation.models import Subject
    from cultivation.selectors.subjects import LIST_COLUMNS, NEWEST, SORTS, search_condition
    from zaozhuang_portal.kernel.keyset import fetch_page

    found = search_condition(Subject.objects.using(alias(size)).of_kind("ENTERPRISE").active(), text)
    page = fetch_page(found.values(*LIST_COLUMNS), SORTS[NEWEST], cursor={}, size=50, count_in_rows=True)
    if not page.rows and not os.environ.get("BENCH_SMOKE"):
        raise RuntimeError(f"nobody is called {text}: the search measures nothing")
    return page.total


def searches(world: World) -> list[Result]:
    results = []
    for name, text in SEARCHES.items():
        sides = {size: partial(search, size, text) for size in ("small", "large")}
        taken = interleave(sides, rounds=world.rounds, calls=10)
        plan = search_plan(text)
        scanned = re.search(r"Seq Scan", plan) is not None
        how = "bigram index" if "subject_name_bigrams" in plan else "newest first, filtered"
        results.append(
            Result(
                f"name search by two characters, {name}, at {world.large_size:,} against {world.small_size:,}",
                taken.ratio("large", "small"), 6, True,
                note=f"{taken.milliseconds()}; {'SEQUENTIAL SCAN' if scanned else how}",
            )
        )  # fmt: skip
        results.append(
            Result(f"the same, sequential scans in its plan, {name}", float(scanned), 0, True, unit="")
        )
    return results


def search_plan(text: str) -> str:
    """EXPLAIN of the search on the large database, rows and count."""
    from cultivation.models import Subject
    from cultivation.selectors.subjects import search_condition

    found = search_condition(Subject.objects.using("large").of_kind("ENTERPRISE").active(), text)
    rows, count = found.order_by("-id").values("id")[:51], found.order_by().values("pk")[:10_001]
    return f"{rows.explain()}\n{count.explain()}"


def measure(world: World) -> list[Result]:
    with served(world, "small") as small, served(world, "large") as large:
        return pages(world, small, large) + searches(world)
