"""The enterprise list, 50 rows, signed in, over HTTP: against the limit, and against the Django admin."""

from __future__ import annotations

import re
from html import unescape

from bench.measure import Result, interleave
from bench.world import Browser, World, served

PAGE = "/subjects/"
HAND_WRITTEN = "/bench/handwritten/"
ADMIN = "/bench/admin/cultivation/subject/"
ACTIONLESS_ADMIN = "/bench/actionless-admin/cultivation/subject/"
PLAIN_ADMIN = "/bench/plain-admin/cultivation/subject/"


def substance(page: str) -> list[str]:
    """Words, addresses and controls of a page in order; without white space, tokens and cursors."""
    pieces = re.findall(r"<(?:a|form|option|input|button|select|th|td|svg|use)\b[^>]*>|[^<>]+", page)
    cleaned = (
        re.sub(r'(X-CSRFToken": |csrfmiddlewaretoken" value=)"[^"]*"', "", unescape(p)) for p in pieces
    )
    return [re.sub(r"page=[^\"&]+", "page=", " ".join(piece.split())) for piece in cleaned if piece.strip()]


def check_same(browser: Browser) -> None:
    """The limit must show what the portal shows. Raises when it does not."""
    ours, theirs = substance(browser.get(PAGE)), substance(browser.get(HAND_WRITTEN))
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            raise RuntimeError(f"the pages differ: {one!r} against {other!r}")
    if len(ours) != len(theirs) or ours.count('<th scope="row" class="sticky-first">') != 50:
        raise RuntimeError("the pages differ in length, or are not 50 rows long")


def measure(world: World) -> list[Result]:
    with served(world, "small") as browser:
        check_same(browser)
        pages = {
            "portal": PAGE,
            "by hand": HAND_WRITTEN,
            "admin": ADMIN,
            "by hand uncounted": f"{HAND_WRITTEN}?uncounted=1",
            "admin without action": ACTIONLESS_ADMIN,
            "admin without action and filters": PLAIN_ADMIN,
        }
        taken = interleave(
            {name: lambda path=path: browser.get(path) for name, path in pages.items()},
            rounds=world.rounds * 2 - 1,
            calls=20,
        )
    against = {name: f"{taken.ratio(name, 'portal'):.2g}×" for name in pages}
    return [
        Result(
            "list page, requests/s against the page written by hand",
            taken.ratio("by hand", "portal"), 0.5, False,
            note=f"aim 0.75; {against['by hand uncounted']} when it does not count either; {taken.milliseconds()}",
        ),
        Result(
            "list page, requests/s against the Django admin changelist",
            taken.ratio("admin", "portal"), 5, False,
            note="same rows, columns, filters and search, the admin's defaults;"
            f" {against['admin without action']} without its action boxes,"
            f" {against['admin without action and filters']} without filters too;"
            f" the page by hand reaches {taken.ratio('admin', 'by hand'):.2g}×",
        ),
    ]  # fmt: skip
