"""The permission matrix: what every URL answers to every role, for own, sibling and foreign rows, by every method.

How to add entries
------------------
Each app keeps its entries in `tests/matrix/<app>.py` as a list `ENTRIES`. A URL name of the resolver that is in no
list fails the build; so does an entry whose URL is gone. One entry per URL name:

    from tests.matrix.matrix import BUSINESS, Entry
    from tests.matrix.world import Place, World, register_object

    @register_object("subject")                     # built once for each place: own, sibling, foreign
    def subject(world: World, place: Place):
        return place.subject                        # an instance (url kwarg pk) or a dict of url kwargs

    ENTRIES = [
        Entry("cultivation:subject_list", {"CITY_OFFICE": "any", "DISTRICT_OFFICE": "own"}, shows_own=True),
        Entry("cultivation:subject_edit", {"DISTRICT_OFFICE": "own"}, object="subject", methods=("GET", "POST"),
              data={"name": "甲"}, foreign_data={"township": lambda world: world.foreign.township.pk}),
    ]

- `allow`: role → "own" or "any". A role that is not named gets 403 (or 404 where there is an object).
- "own" is read by the role. District roles, instructors and district leaders: everything of district A, so the `own`
  and the `sibling` place; township staff and enterprise contacts: only the `own` place. "any": foreign too.
- With `object` the URL is asked for three rows: `own` (district A, first township), `sibling` (district A, second
  township), `foreign` (district B). What a role may not reach is 404.
- `methods`: what the view declares (`require_http_methods`, `require_POST`). Anything else must be 405. A GET, and a POST
  that is not allowed, must not write a row (sessions and lock-out counters aside).
- `data`: POST body of the allowed request, or a function of (world, place). It may be refused with 422: the matrix is
  about who, not about what.
- `foreign_data`: field → function of the world giving a foreign id. Each is put into `data` in turn and must be
  refused (400, 403, 404, 409, 422) without a write; for every role that is "own", or for `foreign_data_roles`.
- `shows_own`: the own canary word must be in the page for the first role of `allow`, so that an empty page does not
  pass for a safe one; `shows`: the same, and the named object is built first (every place has an enterprise anyway).
- `public`: needs no sign-in. `kwargs`, `query`: fixed parts of the URL. `status`: what an allowed request may answer.
- `logs_reading`: reading is audited, so an allowed GET writes one audit entry and nothing else.
- `district_wide`: the object is the district's as a whole; township staff of any of its places reach it.
- `may_lead_to_sign_in`: a redirect to the sign-in page is a fair answer (what follows signing out).
- Every response is searched for the canary words of places the role must not see; builders put `place.canary` into
  names (also xlsx, docx and zip bodies are searched).
- A function as `object` value is not needed for things of one person: use the actor's own row through `world.actors`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zaozhuang_portal.accounts.enums import Role

ADMINISTRATORS = ("SYSTEM_ADMIN", "SECURITY_ADMIN", "AUDITOR")
# Every signed-in person, for pages about oneself.
EVERYONE: dict[str, str] = dict.fromkeys(Role.values, "own")
# Everyone who works with business records.
BUSINESS: dict[str, str] = {role: "own" for role in Role.values if role not in ADMINISTRATORS}

OWN_STATUS = frozenset({200, 204, 302, 303})
POSTED_STATUS = frozenset({200, 204, 302, 303, 400, 409, 422})


@dataclass(frozen=True)
class Entry:
    url: str
    allow: Mapping[str, str] = field(default_factory=dict)
    object: str | None = None
    methods: tuple[str, ...] = ("GET",)
    data: Mapping[str, Any] | Callable[..., Mapping[str, Any]] | None = None
    foreign_data: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    public: bool = False
    shows_own: bool = False
    shows: str = ""
    foreign_data_roles: tuple[str, ...] = ()
    status: frozenset[int] | None = None
    may_lead_to_sign_in: bool = False
    logs_reading: bool = False
    district_wide: bool = False

    def reaches(self, role: str, relation: str) -> bool:
        """Whether the role may reach a row of this relation."""
        reach = self.allow.get(role)
        if reach == "any":
            return True
        if self.district_wide and reach == "own" and role == "TOWNSHIP_STAFF":
            return relation in {"own", "sibling"}
        return reach == "own" and relation in relations_of(role)

    def statuses(self, method: str) -> frozenset[int]:
        return self.status or (POSTED_STATUS if method == "POST" else OWN_STATUS)


def relations_of(role: str) -> frozenset[str]:
    """What "own" means for a role."""
    if role in {"TOWNSHIP_STAFF", "SUBJECT_CONTACT"}:
        return frozenset({"own"})
    if role in {"CITY_OFFICE", "CITY_MEMBER"}:
        return frozenset({"own", "sibling", "foreign"})
    return frozenset({"own", "sibling"})


def load_entries() -> dict[str, Entry]:
    """All entries of the per-app files by URL name. Raises ValueError when one URL is declared twice."""
    import tests.matrix as package

    entries: dict[str, Entry] = {}
    for module_info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        if module_info.name in {"matrix", "world"} or module_info.name.startswith("test_"):
            continue
        module = importlib.import_module(f"tests.matrix.{module_info.name}")
        for entry in getattr(module, "ENTRIES", []):
            if entry.url in entries:
                raise ValueError(f"{entry.url} is declared twice in the permission matrix")
            entries[entry.url] = entry
    return entries
