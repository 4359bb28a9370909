"""指导服务: whom one visits, what was visited on a day already, follow-ups that are owed (C051, C073)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from cultivation.enums import EnrollmentState
from cultivation.models import Enrollment, GuidanceVisit, Pairing, Subject
from cultivation.models.subjects import served_by
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role

OFFERED = 12
UNSERVED = 8
OWN_AT_MOST = 500


@dataclass(frozen=True)
class OfferedSubject:
    """A big button of the first step. `last_visit` is the latest day anybody was there; `mine`: paired with me."""

    subject: Subject
    last_visit: date | None
    mine: bool


def offered_subjects(actor: Actor, *, years: Collection[int], today: date) -> list[OfferedSubject]:
    """Whom the actor should visit or just did: key subjects of these years nobody served in theirs or since (at most UNSERVED
    of them while there are others), those the actor recorded lately, the rest of the roster and of the own ones.

    At most OFFERED; own ones first, the longest unvisited before the others. Statements: 4.
    """
    own = own_subject_ids(actor, today)
    recent = (
        GuidanceVisit.objects.live()
        .filter(created_by=actor.user)
        .order_by("-created_at")
        .values_list("subject_id", flat=True)[:40]
    )
    ranks: dict[int, int] = {}
    for pk in recent:
        ranks.setdefault(pk, len(ranks))
    enrolled = Enrollment.objects.to_serve(actor).filter(
        year_id__in=years, is_key=True, state=EnrollmentState.CONFIRMED
    )
    wanted = Q(pk__in=list(ranks)) | Q(pk__in=own)
    if actor.role != Role.INSTRUCTOR:
        wanted |= Q(pk__in=enrolled.values("subject_id")[:200])
    served = GuidanceVisit.objects.live().filter(
        subject=OuterRef("subject"), year_id__gte=OuterRef("year_id")
    )
    rows: Any = (
        Subject.objects.visible_to(actor)
        .active()
        .filter(wanted)
        .select_related("township")
        .annotate(
            last_visit=Max("visits__happened_on", filter=Q(visits__removed_at__isnull=True)),
            unserved=Exists(enrolled.filter(subject=OuterRef("pk")).filter(~Exists(served))),
        )
    )
    ordered = sorted(rows, key=lambda row: (row.pk not in own, row.last_visit or date.min, row.name))
    first = [row for row in ordered if row.unserved]
    lately = sorted((row for row in ordered if row.pk in ranks), key=lambda row: ranks[row.pk])
    # A dict keeps the first place of each.
    places = {row.pk: row for row in [*first[:UNSERVED], *lately, *first, *ordered]}
    return [OfferedSubject(row, row.last_visit, row.pk in own) for row in list(places.values())[:OFFERED]]


def own_subject_ids(actor: Actor, today: date) -> set[int]:
    """Subjects the person looks after, and those the person's unit is paired with. Statements: 1 or 2."""
    own = {row["pk"] for row in served_by(actor)}
    unit = actor.capacity.member_unit
    if actor.role == Role.INSTRUCTOR or unit is None:
        return own
    running = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    paired = Pairing.objects.live().filter(running, unit=unit).order_by()
    return own | set(paired.values_list("subject_id", flat=True)[:OWN_AT_MOST])


def visits_of_day(actor: Actor, subject: Subject, day: date) -> list[GuidanceVisit]:
    """What was recorded for the subject on that day, by whomever: the same visit is joined, not recorded twice."""
    rows = GuidanceVisit.objects.live().filter(subject=subject, happened_on=day)
    return list(rows.order_by("id")[:5])


def open_follow_ups(actor: Actor) -> QuerySet[GuidanceVisit]:
    """Follow-ups owed to subjects the actor sees, by their day; they stay until done. Back-filled ones alarm nobody."""
    return (
        GuidanceVisit.objects.visible_to(actor)
        .live()
        .with_open_follow_up()
        .filter(backfilled=False)
        .select_related("subject", "follow_up_by")
        .order_by("follow_up_due", "id")
    )


def my_follow_ups(actor: Actor) -> QuerySet[GuidanceVisit]:
    """Of these the person's own promises, and for those in the district what nobody promised personally."""
    rows = open_follow_ups(actor)
    if actor.is_city:
        return rows.filter(follow_up_by=actor.user)
    return rows.filter(Q(follow_up_by=actor.user) | Q(follow_up_by__isnull=True))


@dataclass(frozen=True)
class MySubject:
    """A subject an instructor looks after, with the last visit."""

    subject: Subject
    last_visit: date | None


def my_subjects(actor: Actor) -> Sequence[MySubject]:
    """The subjects the person looks after, the longest unvisited first. Statements: 1."""
    rows = (
        Subject.objects.visible_to(actor)
        .active()
        .filter(pk__in=served_by(actor))
        .select_related("township")
        .annotate(last_visit=Max("visits__happened_on", filter=Q(visits__removed_at__isnull=True)))
    )
    mine = [MySubject(row, row.last_visit) for row in rows]  # type: ignore[attr-defined]  # annotation
    return sorted(mine, key=lambda one: (one.last_visit or date.min, one.subject.name))
