"""What a standing check is, and the registry of all of them.

A check is one declaration and one statement: `find(scope, day)` yields its doubts. Back-filled rows light no alarms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from cultivation.rules.data_checks import MOST_DOUBTS, Severity
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization

REGISTER_KEEPERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER})
BODY_KEEPERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE})


@dataclass(frozen=True)
class Scope:
    """Whose data are checked: what the actor sees, or (without an actor: the command) everything, of one district or all.

    Shared rows of the city are the city's to mend, so a district's scope leaves them out.
    """

    actor: Actor | None = None
    district: Organization | None = None

    @property
    def whole_city(self) -> bool:
        return self.district is None

    def _seen(self, rows: Any) -> Any:
        return rows.visible_to(self.actor) if self.actor is not None else rows.all()

    def records(self, rows: Any) -> Any:
        """Live rows of a ledger that were not back-filled."""
        seen = self._seen(rows).live().filter(backfilled=False)
        return seen.filter(organization=self.district) if self.district else seen

    def subjects(self, rows: Any) -> Any:
        seen = self._seen(rows).filter(backfilled=False)
        return seen.filter(managing_organization=self.district) if self.district else seen

    def of_organization(self, rows: Any) -> Any:
        """Rows with `organization` and `visible_to` (enrollments, rosters), not back-filled."""
        seen = self._seen(rows).filter(backfilled=False)
        return seen.filter(organization=self.district) if self.district else seen

    def to_serve(self, rows: Any) -> Any:
        """Enrollments by who looks after the subject today, not by whom it counts for; not back-filled."""
        seen = rows.to_serve(self.actor) if self.actor is not None else rows.all()
        seen = seen.filter(backfilled=False)
        return seen.filter(subject__managing_organization=self.district) if self.district else seen

    def places(self) -> QuerySet[Organization]:
        """The organizations in scope: the district with its townships and parks, or all."""
        places = self._seen(Organization.objects)
        found: QuerySet[Organization] = places.under(self.district) if self.district else places
        return found


def scope_of(actor: Actor, district: Organization | None = None) -> Scope:
    """A city actor may name a district; everybody else has its own."""
    return Scope(actor, actor.district if actor.district is not None else district)


@dataclass(frozen=True)
class Doubt:
    """One thing found. `pk` is what the mend's address is made of; `place` whose it is."""

    label: str
    detail: str
    place: str
    pk: int
    extra: tuple[int, ...] = ()


@dataclass(frozen=True)
class Mend:
    """The form that puts it right: its name on the link, its address for a doubt, and the roles that may use it."""

    words: str
    url: Callable[[Doubt], str]
    roles: frozenset[Role]


def form_at(name: str, **fixed: Any) -> Callable[[Doubt], str]:
    """The address of a form that takes the doubt's pk."""
    return lambda doubt: reverse(name, kwargs={**fixed, "pk": doubt.pk})


@dataclass(frozen=True)
class Check:
    """One standing check. `sentence` says what is found and why it matters; `system_default`: the limit is 系统设定."""

    code: str
    severity: Severity
    title: str
    sentence: str
    find: Callable[[Scope, date], Iterable[Doubt]]
    mends: tuple[Mend, ...]
    clause: str = ""
    system_default: bool = False

    def mend_for(self, role: str) -> Mend | None:
        """The first form this role may use; None: it may only look."""
        return next((mend for mend in self.mends if role in mend.roles), None)


@dataclass(frozen=True)
class CheckResult:
    """What one check found; `capped`: there are more than are listed."""

    check: Check
    doubts: list[Doubt]
    capped: bool

    @property
    def count(self) -> str:
        return f"{len(self.doubts)}+" if self.capped else str(len(self.doubts))


_checks: dict[str, Check] = {}


def register_check(*checks: Check) -> None:
    """Called while modules of checks are imported, and by upper apps in AppConfig.ready(); a code again replaces it."""
    for check in checks:
        _checks[check.code] = check


def find_check(code: str) -> Check | None:
    return _checks.get(code)


def all_checks() -> list[Check]:
    """The gravest first, then in the order of their registration."""
    return sorted(_checks.values(), key=lambda check: check.severity.rank)


def run_checks(scope: Scope, *, day: date, checks: Iterable[Check] | None = None) -> list[CheckResult]:
    """Run the checks over the scope as of the Shanghai day. Statements: one per check."""
    results = []
    for check in all_checks() if checks is None else checks:
        found = list(islice(check.find(scope, day), MOST_DOUBTS + 1))
        results.append(CheckResult(check, found[:MOST_DOUBTS], len(found) > MOST_DOUBTS))
    return results


def limited(rows: Any) -> Any:
    """No check reads more rows than it may list."""
    return rows[: MOST_DOUBTS + 1]
