"""By when a subject is to hand in its self-assessment of a year: the year's date, or one of its own."""

from __future__ import annotations

from datetime import date, datetime

from cultivation.models import CampaignYear, Enrollment, Subject
from cultivation.selectors.own_dates import SELF_ASSESSMENT, own_dates_now
from evaluation.enums import AssessmentState
from evaluation.models import Assessment
from zaozhuang_portal.kernel.clock import days_left, shanghai_date


def self_assessment_due(subject: Subject, year: CampaignYear, *, today: date) -> date:
    """On the roster: by the day of its confirmation. On none: by the day it begins (`today`). Statements: 2."""
    dates = own_dates_now(SELF_ASSESSMENT, year)
    chosen = Enrollment.objects.counted().filter(subject=subject, year=year)
    confirmed_at = chosen.values_list("confirmed_at", flat=True).first()
    if confirmed_at is None:
        return dates.of_volunteer(today)
    return dates.of(shanghai_date(confirmed_at))


def days_late(assessment: Assessment, now: datetime) -> int:
    """By how many days it was handed in late, 0 in time; while it lies with the subject, if it were handed in now.

    Late is a fact of the first handing in: one the district gave back stays what it was, and has a date of its own.
    """
    returned = assessment.state not in {AssessmentState.DRAFT, AssessmentState.AWAITING_ADOPTION}
    handed_in = assessment.first_submitted_at if returned and assessment.first_submitted_at else now
    return 0 if assessment.backfilled else max(0, -days_left(handed_in, assessment.due))


def owes_assessment(subject: Subject, year: CampaignYear) -> bool:
    """On the year's roster while the portal was in use: what it did not begin stays owed. One statement at most."""
    chosen = Enrollment.objects.counted().filter(subject=subject, year=year, backfilled=False)
    return year.in_use and chosen.exists()
