"""By when a subject is to hand in its self-assessment of a year: the year's date, or one of its own."""

from __future__ import annotations

from datetime import date

from cultivation.models import CampaignYear, Enrollment, Subject
from cultivation.selectors.own_dates import SELF_ASSESSMENT, own_dates_now
from zaozhuang_portal.kernel.clock import shanghai_date


def self_assessment_due(subject: Subject, year: CampaignYear, *, today: date) -> date:
    """On the roster: by the day of its confirmation. On none: by the day it begins (`today`). Statements: 2."""
    dates = own_dates_now(SELF_ASSESSMENT, year)
    chosen = Enrollment.objects.counted().filter(subject=subject, year=year)
    confirmed_at = chosen.values_list("confirmed_at", flat=True).first()
    if confirmed_at is None:
        return dates.of_volunteer(today)
    return dates.of(shanghai_date(confirmed_at))


def owes_assessment(subject: Subject, year: CampaignYear) -> bool:
    """On the year's roster while the portal was in use: what it did not begin stays owed. One statement at most."""
    chosen = Enrollment.objects.counted().filter(subject=subject, year=year, backfilled=False)
    return year.in_use and chosen.exists()
