"""The filings of a report as rows: what was filed when, by whom, by which day it was due, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cultivation.models import CampaignYear, Milestone
from reporting.enums import FilingOutcome
from reporting.models import AnnualReport, ReportFiling
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import end_of_day, shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition

DUE_CODE = "ANNUAL_REPORT"
# Days: a return asks for the report within this time at the longest (系统设定).
LONGEST_RETURN = 60
# What becomes of the filing that waits for the city, by action.
OUTCOMES = {
    "recall": FilingOutcome.RECALLED,
    "send_back": FilingOutcome.RETURNED,
    "accept": FilingOutcome.ACCEPTED,
}
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


def check_return_due(due_on: date | None, now: datetime) -> date:
    """The day a return asks for. Raises DomainError (field due_on) when missing, past or more than 60 days ahead."""
    today = shanghai_date(now)
    if due_on is None:
        raise DomainError("请写明再次报送的期限。", code="due_required", field="due_on")
    if due_on < today:
        raise DomainError(f"再次报送的期限 {due_on} 早于今天，请核对。", code="past", field="due_on")
    if (due_on - today).days > LONGEST_RETURN:
        raise DomainError(
            f"再次报送的期限 {due_on} 在 {LONGEST_RETURN} 天以后，请核对年份和日期。",
            code="far",
            field="due_on",
        )
    return due_on


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


def columns_of_filing(
    report: AnnualReport, action: str, *, actor: Actor, now: datetime, due_on: date | None
) -> dict[str, Any]:
    """The columns of the report that belong to the step. The first filing and its lateness stay when it comes back."""
    if action == "submit":
        changes: dict[str, Any] = {"submitted_by": actor.user, "submitted_at": now}
        if report.first_filed_at is None:
            changes |= {"first_filed_at": now, "is_late": now >= deadline_of(report.year)}
        return changes
    if action == "recall":
        return _before_recall(report)
    if action == "send_back":
        return {"reviewed_by": None, "reviewed_at": None, "return_due_on": due_on}
    return {"accepted_at": now, "accepted_by": actor.user}


def _before_recall(report: AnnualReport) -> dict[str, Any]:
    """As before the filing that is taken back: the earlier filing that stands, or none."""
    standing = list(report.filings.filter(outcome=FilingOutcome.RETURNED).order_by("number"))
    if not standing:
        return {"submitted_by": None, "submitted_at": None, "first_filed_at": None, "is_late": False}
    return {"submitted_by": standing[-1].filed_by, "submitted_at": standing[-1].filed_at}


def add_filing(
    *,
    report: AnnualReport,
    actor: Actor,
    due: Due,
    now: datetime,
    filed_at: datetime | None = None,
) -> ReportFiling:
    """Enter one filing. Call in the transaction of the step, after its UPDATE. `filed_at`: of a paper (补录)."""
    at = filed_at or now
    return ReportFiling.objects.create(
        report=report,
        number=report.filings.count() + 1,
        snapshot_id=report.snapshot_id,
        words=dict(report.sections.values_list("key", "text")),
        filed_at=at,
        filed_by=actor.user,
        entered_at=now,
        due_on=due.on,
        after_return=due.after_return,
        past_due=due.is_past(now if due.after_return else at),
    )


def close_filing(
    *,
    report: AnnualReport,
    actor: Actor,
    outcome: FilingOutcome,
    now: datetime,
    reason: str = "",
    return_due_on: date | None = None,
) -> None:
    """Say what became of the filing that waits for the city. Raises IllegalTransition when none does any more."""
    updated = ReportFiling.objects.filter(report=report, outcome=FilingOutcome.PENDING).update(
        outcome=outcome, closed_at=now, closed_by=actor.user, reason=reason, return_due_on=return_due_on
    )
    if not updated:
        raise IllegalTransition("报告的状态刚刚改变，请刷新页面后再操作。")
