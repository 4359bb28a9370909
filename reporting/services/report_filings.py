"""The filings of a report as rows: what was filed when, by whom, by which day it was due, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from reporting.enums import FilingOutcome
from reporting.models import AnnualReport, ReportFiling
from reporting.selectors.filings import Due, deadline_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition

# Days: a return asks for the report within this time at the longest (系统设定).
LONGEST_RETURN = 60
# What becomes of the filing that waits for the city, by action.
OUTCOMES = {
    "recall": FilingOutcome.RECALLED,
    "send_back": FilingOutcome.RETURNED,
    "accept": FilingOutcome.ACCEPTED,
}


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
