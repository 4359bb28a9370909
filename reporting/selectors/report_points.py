"""The points of a report that need a word, each with the word that was given (rules.contradictions)."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.models import AnnualReport, ReportExplanation
from reporting.rules.annual_report import compose_report, content_gaps
from reporting.rules.contradictions import Point, find_points, open_gaps
from reporting.rules.figures import ReportFigures

# The steps at which every point has its word; the last one also asks about open 【待补充】.
ASKING = ("send_for_review", "approve", "submit")


@dataclass(frozen=True)
class ExplainedPoint:
    """`word` None: nobody said anything about it yet, or it said something about other numbers."""

    point: Point
    word: ReportExplanation | None


def points_of(report: AnnualReport, figures: ReportFigures, *, gaps: bool = True) -> list[ExplainedPoint]:
    """Every point of the report with its latest word; `gaps`: open 【待补充】 too. Statements: 2, one without points."""
    found = list(find_points(figures))
    if gaps:
        narrative = dict(report.sections.values_list("key", "text"))
        found += open_gaps(content_gaps(compose_report(figures, narrative, date=figures["as_of"])))
    if not found:
        return []
    rows = ReportExplanation.objects.filter(report=report).select_related("written_by").order_by("id")
    words = {(row.code, row.doubt): row for row in rows}
    return [ExplainedPoint(point, words.get((point.code, point.doubt))) for point in found]


def asked_points(report: AnnualReport, figures: ReportFigures, action: str) -> list[ExplainedPoint]:
    """The points this step asks about; none for a step that asks nothing."""
    return points_of(report, figures, gaps=action == "submit") if action in ASKING else []
