"""典型经验: the library, what may be cited, and where a practice was taken over (C089, C118; peers row 62)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cultivation.models import BestPractice, PracticeAdoption, Subject
from cultivation.rules.best_practices import Citation, may_cite, read_tags
from cultivation.selectors.subject_pages import moved_away
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.keyset import KeysetPage, SortKey, fetch_page

_LIVE_ADOPTIONS = Count("adoptions", filter=Q(adoptions__removed_at__isnull=True))
_CONSENT = Q(consented_on__isnull=False) & ~Q(consented_by="") & (Q(consent_online=True) | Q(has_scan=True))
_COMPLETE = Q(subject__isnull=False) & ~Q(proof="") & _CONSENT


@dataclass(frozen=True)
class PracticeCard:
    """One practice as the library shows it."""

    practice: BestPractice
    citation: Citation
    tags: tuple[str, ...]
    adoptions: int


@dataclass(frozen=True)
class PracticeFilters:
    year: int | None = None
    organization: int | None = None
    tag: str = ""
    citable: bool = False


def _card(practice: Any) -> PracticeCard:
    return PracticeCard(practice, may_cite(practice), read_tags(practice.tags), practice.adopted)


def practice_library(
    actor: Actor, filters: PracticeFilters, *, cursor: Mapping[str, str], size: int = 24
) -> KeysetPage[Any]:
    """One page of cards, the newest first. Statements: 1."""
    rows = BestPractice.objects.visible_to(actor).live()
    if filters.year:
        rows = rows.filter(year_id=filters.year)
    if filters.organization:
        rows = rows.filter(organization_id=filters.organization)
    if filters.tag:
        rows = rows.filter(tags__contains=filters.tag)
    if filters.citable:
        rows = rows.filter(_COMPLETE)
    rows = rows.select_related("organization", "subject").annotate(adopted=_LIVE_ADOPTIONS)
    page: KeysetPage[Any] = fetch_page(
        rows, (SortKey("id", descending=True),), cursor=cursor, size=size, count_in_rows=True
    )
    page.rows[:] = [_card(row) for row in page.rows]
    return page


def citable_practices(year: int, organization: int | None = None) -> list[BestPractice]:
    """What a report may cite: practices of the year (of a district, or of the whole city) with subject, proof and
    complete consent, in the order they were entered, with `adopted`, the number of places that
    took it over. Statements: 1."""
    rows = BestPractice.objects.live().filter(_COMPLETE, year_id=year)
    if organization is not None:
        rows = rows.filter(organization_id=organization)
    found = rows.select_related("subject", "organization").annotate(adopted=_LIVE_ADOPTIONS).order_by("id")
    return [row for row in found if may_cite(row).allowed]


def adoptions_of(practice: BestPractice) -> list[PracticeAdoption]:
    """Where it was taken over, the latest first. Statements: 1."""
    rows = PracticeAdoption.objects.live().filter(practice=practice).select_related("adopting_organization")
    return list(rows.order_by("-happened_on", "-id"))


def practices_of_subject(actor: Actor, subject: Subject) -> list[PracticeCard]:
    """Every practice told of one subject, for its own page and its contact; a district it moved away from reads its own.

    `opens`: the actor may open the record's page. Statements: 1.
    """
    visible = BestPractice.objects.visible_to(actor).order_by()
    rows = BestPractice.objects.live().filter(subject=subject).select_related("organization")
    rows = rows.annotate(adopted=_LIVE_ADOPTIONS, opens=Exists(visible.filter(pk=OuterRef("pk"))))
    if moved_away(actor, subject):
        rows = rows.filter(opens=True)
    return [_card(row) for row in rows.order_by("-id")]


def awaiting_consent(actor: Actor) -> QuerySet[BestPractice]:
    """Practices of the contact's own firm to which it has not agreed yet, neither here nor on paper."""
    own = Subject.objects.visible_to(actor)
    found: QuerySet[BestPractice] = BestPractice.objects.live().filter(
        subject__in=own, consented_on__isnull=True, backfilled=False
    )
    return found
