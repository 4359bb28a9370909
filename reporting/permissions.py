"""Who may read the content of a report: its district always, the city once it is filed."""

from __future__ import annotations

from django.db.models import Q

from reporting.enums import FILED_STATES
from reporting.models import AnnualReport
from reporting.models.annual_reports import AnnualReportQuerySet
from zaozhuang_portal.accounts.actors import Actor


def readable_reports(actor: Actor) -> AnnualReportQuerySet:
    """Reports whose figures and narrative the actor may open. The city sees that a draft exists, not what it says."""
    reports = AnnualReport.objects.visible_to(actor)
    if actor.sees_whole_city:
        return reports.filter(Q(state__in=FILED_STATES))
    return reports
