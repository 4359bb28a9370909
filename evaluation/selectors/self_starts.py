"""What can be started: the open years of the subjects one fills in for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cultivation.models import CampaignYear, Subject
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


def startable(actor: Actor, today: date) -> list[Startable]:
    """A contact: its subject. A district: the subjects chosen for the year, at most 50, for 代录."""
    years = open_years(today)
    subjects = Subject.objects.visible_to(actor).active().exclude(kind="INDUSTRY_PILOT")
    if actor.role == Role.SUBJECT_CONTACT:
        return [Startable(subject, year) for subject in subjects for year in years]
    found = []
    for year in years:
        chosen = subjects.filter(enrollments__year=year).exclude(enrollments__state="REMOVED")
        untouched = chosen.exclude(assessments__year=year).order_by("kind", "id")
        found += [Startable(subject, year) for subject in untouched.distinct()[:MOST]]
    return found
