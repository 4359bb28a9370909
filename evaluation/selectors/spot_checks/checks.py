"""The checks of a round with teams and contacts, read at once: lists, counts and calls are drawn from the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, Subquery

from evaluation.enums import CheckState, Hindrance, Selection
from evaluation.models import LetterReceipt, SpotCheck, SpotCheckRound
from evaluation.rules.spot_checks.dashboards import CELL_BY_KEY, Standing
from evaluation.selectors.spot_checks.notices import ABOUT
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Membership

# Not shown on lists and long.
_LONG = (
    "papers_seen",
    "unit_statement",
    "proposed_words",
    "answer",
    "conclusion_words",
    "excluded_inspectors",
)


@dataclass(frozen=True)
class Inspecting:
    name: str
    lead: bool
    phone: str


@dataclass(frozen=True)
class RoundCheck:
    """One check of a round as lists and counts need it."""

    check: SpotCheck
    team: Sequence[Inspecting]
    contact_name: str
    contact_phone: str
    unsigned: bool

    @property
    def standing(self) -> Standing:
        check = self.check
        visited = check.visited_on is not None or check.hindrance in Hindrance.values
        return Standing(check.state, check.conclusion, visited)

    @property
    def named(self) -> bool:
        return self.check.selection == Selection.NAMED

    def late_visit(self, today: date) -> bool:
        """Its planned day has passed and nobody was there."""
        check = self.check
        told = check.state in (CheckState.NOTIFIED, CheckState.UNDER_WAY)
        return (
            told and not self.standing.checked and check.planned_on is not None and check.planned_on < today
        )


def load_checks(actor: Actor, held: SpotCheckRound, today: date) -> list[RoundCheck]:
    """Those the actor sees, in the order of the draw. Statements: 1, whatever the number."""
    unsigned = LetterReceipt.objects.waiting().filter(
        letter__about_kind=ABOUT, letter__about_id=OuterRef("pk"), letter__sign_by__lt=today
    )
    offices = (
        Membership.objects.in_force(today)
        .filter(organization=OuterRef("organization"), role=Role.DISTRICT_OFFICE, user__is_active=True)
        .exclude(user__phone="")
        .order_by("pk")
    )
    # Annotated: columns of the team, the contacts, the receipt.
    rows: Iterable[Any] = (
        SpotCheck.objects.visible_to(actor)
        .filter(round=held)
        .select_related("organization", "replaced_by")
        .defer(*_LONG, *(f"replaced_by__{name}" for name in _LONG))
        .annotate(present=FilteredRelation("team", condition=Q(team__until_at__isnull=True)))
        .annotate(
            unsigned=Exists(unsigned),
            inspector_name=F("present__inspector__name"),
            inspector_lead=F("present__lead"),
            inspector_phone=F("present__inspector__user__phone"),
            unit_contact=F("organization__tripartite_body__contact_name"),
            unit_phone=F("organization__tripartite_body__phone"),
            office_contact=Subquery(offices.values("user__full_name")[:1]),
            office_phone=Subquery(offices.values("user__phone")[:1]),
            subject_contact=F("subject__contact_name"),
            subject_phone=F("subject__contact_phone"),
        )
        .order_by("pk", "-present__lead", "present__pk")
    )
    found: dict[int, RoundCheck] = {}
    teams: dict[int, list[Inspecting]] = {}
    for row in rows:
        team = teams.setdefault(row.pk, [])
        if row.inspector_name is not None:
            team.append(Inspecting(row.inspector_name, bool(row.inspector_lead), row.inspector_phone or ""))
        if row.pk not in found:
            # A district's body names whom to ring; where it does not, its office's own people do.
            home = (row.unit_contact, row.unit_phone)
            if not row.unit_phone:
                home = (row.office_contact or row.unit_contact, row.office_phone)
            if row.subject_id is not None:
                home = (row.subject_contact, row.subject_phone)
            found[row.pk] = RoundCheck(row, team, home[0] or "", home[1] or "", row.unsigned)
    return list(found.values())


def chosen_checks(checks: Sequence[RoundCheck], *, unit: int | None, cell: str) -> list[RoundCheck]:
    """Those a number of the dashboard counts; nothing asked is all of them."""
    return [
        one
        for one in checks
        if (unit is None or one.check.organization_id == unit)
        and (cell not in CELL_BY_KEY or CELL_BY_KEY[cell].holds(one.standing))
    ]
