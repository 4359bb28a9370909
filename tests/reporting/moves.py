"""Steps of a report in tests that are not about its contradictions: every point gets a word."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from reporting.models import AnnualReport
from reporting.selectors.report_points import asked_points
from reporting.services import annual_reports
from zaozhuang_portal.accounts.actors import Actor


def word_for_each(report: AnnualReport, action: str) -> dict[str, str]:
    figures = annual_reports.figures_of(report.snapshot)
    return {row.point.code: "已与台账核对，情况属实。" for row in asked_points(report, figures, action)}


def move_report(
    *, actor: Actor, report: AnnualReport, action: str, now: datetime, **more: Any
) -> AnnualReport:
    """services.annual_reports.move_report with a word on whatever the step asks about."""
    return annual_reports.move_report(
        actor=actor, report=report, action=action, now=now, words=word_for_each(report, action), **more
    )
