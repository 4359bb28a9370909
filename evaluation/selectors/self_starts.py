"""What can be started: the open years of the subjects one fills in for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from cultivation.enums import EnrollmentState, SubjectKind
from cultivation.models import CampaignYear, Enrollment, Subject
from cultivation.selectors.calendar import years_in_use
from evaluation.enums import OPEN_STATES
from evaluation.models import Assessment
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role

MOST = 50


@dataclass(frozen=True)
class Startable:
    subject: Subject
    year: CampaignYear


def open_years(today: date) -> list[CampaignYear]:
    """Years whose statistical period has begun and whose cut-off has not passed."""
    return list(CampaignYear.objects.filter(period_start__lte=today, cutoff_on__gte=today).order_by("-year"))


def years_to_begin(firm: int, *, owed: Collection[int], free: Collection[int]) -> QuerySet[CampaignYear]:
    """Years whose self-assessment the firm is to begin: those of `owed` it was on the roster of; and those of `free`, on a
    roster or not, unless the one of an earlier year is still to be begun or to be finished.

    `on_roster_since`: null for a year in which it is free to assess itself, and which has no date.
    """
    own = Assessment.objects.filter(subject_id=firm)
    chosen = Enrollment.objects.counted().filter(subject_id=firm, backfilled=False)
    before = {"year_id__lt": OuterRef("pk")}
    unfinished = own.filter(**before, state__in=list(OPEN_STATES))
    untouched = ~Exists(own.filter(year=OuterRef("year")))
    owed_before = chosen.filter(**before, year_id__in=owed).filter(untouched)
    since = chosen.filter(year=OuterRef("pk")).values("confirmed_at")[:1]
    begun = own.filter(year=OuterRef("pk"))
    active = Subject.objects.active().filter(pk=firm).exclude(kind=SubjectKind.INDUSTRY_PILOT)
    return (
        CampaignYear.objects.filter(~Exists(begun), Exists(active))
        .annotate(on_roster_since=Subquery(since))
        .filter(
            Q(pk__in=owed, on_roster_since__isnull=False)
            | (Q(pk__in=free) & ~Exists(unfinished) & ~Exists(owed_before))
        )
    )


def startable(actor: Actor, today: date) -> list[Startable]:
    """A contact: its subject. A district: the subjects chosen for the year, at most 50, for 代录; of a year that is over
    those that still owe it."""
    years = open_years(today)
    subjects = Subject.objects.visible_to(actor).active().exclude(kind=SubjectKind.INDUSTRY_PILOT)
    if actor.role == Role.SUBJECT_CONTACT:
        offered = years_to_begin(
            actor.subject_id or 0, owed=years_in_use(today), free=[year.pk for year in years]
        ).order_by("year")
        return [Startable(subject, year) for subject in subjects for year in offered]
    found = []
    over = CampaignYear.objects.filter(pk__in=years_in_use(today), cutoff_on__lt=today).order_by("-year")
    for year in [*years, *over]:
        rows = Enrollment.objects.filter(year=year).exclude(state=EnrollmentState.REMOVED)
        if year not in years:
            rows = rows.counted().filter(backfilled=False)
        chosen = subjects.filter(pk__in=rows.values("subject_id"))
        untouched = chosen.exclude(assessments__year=year).order_by("kind", "id")
        found += [Startable(subject, year) for subject in untouched.distinct()[:MOST]]
    return found
