"""Filings as read: by when the next one is due, what the table's steps allow now, each round with its words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cultivation.models import CampaignYear, Milestone
from reporting.enums import FilingOutcome
from reporting.models import AnnualReport, ReportFiling
from reporting.workflows import ANNUAL_REPORT
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import end_of_day
from zaozhuang_portal.kernel.workflow import Transition

DUE_CODE = "ANNUAL_REPORT"
CITY_ACTIONS = frozenset({"send_back", "accept"})


def due_day_of(year: CampaignYear) -> date:
    """The last day on which a report of the year is filed in time: the milestone's (30 November by the notice)."""
    due_on = Milestone.objects.filter(year=year, code=DUE_CODE).values_list("due_on", flat=True).first()
    return due_on or year.period_end


def deadline_of(year: CampaignYear) -> datetime:
    """The first instant at which filing is late: 24:00 Shanghai of the milestone's day."""
    return end_of_day(due_day_of(year))


@dataclass(frozen=True)
class Due:
    """The day a filing is due, and whether the city's return set it; not `binding` where an old return named no day."""

    on: date
    after_return: bool
    binding: bool = True

    def is_past(self, at: datetime) -> bool:
        return self.binding and at >= end_of_day(self.on)


def due_of_next(report: AnnualReport) -> Due:
    """By when the next filing of the report is due: the latest standing filing, when it was returned, says so."""
    standing = report.filings.exclude(outcome=FilingOutcome.RECALLED).order_by("-number").first()
    if standing is None:
        return Due(due_day_of(report.year), False)
    return Due(standing.return_due_on or standing.due_on, True, binding=standing.return_due_on is not None)


def refuse_step(report: AnnualReport, action: str, now: datetime) -> str:
    """Why the table's step is closed for this report now, or "".

    A back-filled report goes no way of review: only the city receives it or gives it back. 取回 ends with the day the
    filing was due: after it, a filing in time taken back could not be told from one that never was.
    """
    if report.backfilled and action not in CITY_ACTIONS:
        return (
            "补录的报告不走送审、报送流程。需要更正的，请用“更正补录”；市级已收的，请市三方委员会办公室退回。"
        )
    if action != "recall":
        return ""
    pending = report.filings.filter(outcome=FilingOutcome.PENDING).first()
    if pending is not None and not pending.past_due and now >= end_of_day(pending.due_on):
        return (
            f"报送期限 {pending.due_on} 已过，不能再取回：取回后重新报送就分不清是否按期。"
            "如需修改，请市三方委员会办公室退回，退回后在其写明的期限内再报，首次报送时间不变。"
        )
    return ""


def steps_of(report: AnnualReport, actor: Actor, now: datetime) -> list[Transition]:
    """The steps this person may take now, in the order of the table. Statements: at most 1."""
    steps = ANNUAL_REPORT.actions_for(report.state, actor.role)
    return [step for step in steps if not refuse_step(report, step.action, now)]


def filings_of(report: AnnualReport) -> list[ReportFiling]:
    """Every filing with who acted, oldest first. Statements: 1."""
    return list(report.filings.select_related("filed_by", "closed_by").order_by("number"))
