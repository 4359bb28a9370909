"""Who may read the content of a report: its district always, the city once it is filed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from reporting.enums import FILED_STATES
from reporting.models import AnnualReport
from reporting.models.annual_reports import AnnualReportQuerySet
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.operations.access import Sealing
from zaozhuang_portal.operations.models import Attachment


def readable_reports(actor: Actor) -> AnnualReportQuerySet:
    """Reports whose figures and narrative the actor may open. The city sees that a draft exists, not what it says."""
    reports = AnnualReport.objects.visible_to(actor)
    if actor.sees_whole_city:
        return reports.filter(Q(state__in=FILED_STATES))
    return reports


def may_read_paper(actor: Actor, report: AnnualReport, parameters: Mapping[str, Any]) -> bool:
    """Of a report the actor may open: a paper somebody made of it. The city: made of the figures that are filed now,
    once they were."""
    if not actor.sees_whole_city:
        return True
    return parameters.get("state") in FILED_STATES and parameters.get("snapshot") == report.snapshot_id


SCANS = "AnnualReport"


def may_read_scan(actor: Actor, attachment: Attachment) -> bool:
    """The stamped scan of a report: who may read the report."""
    return readable_reports(actor).filter(pk=attachment.owner_id).exists()


def may_write_scan(actor: Actor, owner_id: int) -> bool:
    """The district that files it."""
    return (
        actor.role in {Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER}
        and AnnualReport.objects.visible_to(actor).filter(pk=owner_id).exists()
    )


def hold_report(owner_id: int) -> None:
    """Lock the report, so that no filing passes while a file of it is stored or removed."""
    AnnualReport.objects.select_for_update(no_key=True, of=("self",)).filter(pk=owner_id).first()


def sealing_of_report(owner_id: int) -> Sealing:
    """From a filing on, the files of a report are sealed; what was filed once stays readable after a return."""
    report = AnnualReport.objects.filter(pk=owner_id).first()
    if report is None:
        return Sealing()
    first = report.filings.order_by("number").values_list("entered_at", flat=True).first()
    label = report.get_state_display()
    return Sealing(now=report.state in FILED_STATES, since=first, words=f"报告{label}", after="报送后")
