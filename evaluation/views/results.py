"""自评核验差异表: what the subject said beside what was verified, every difference with its reason (ux F19)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from evaluation.forms.declarations import value_in_words
from evaluation.forms.reviews import find_item
from evaluation.models import Answer, Declaration
from evaluation.rules.definitions import Indicator
from evaluation.rules.reviews import REASON_CODES, gap_in_words
from evaluation.selectors.review_pages import ReviewPage
from evaluation.selectors.reviews import DifferenceRow, declaration_differences, difference_rows
from evaluation.views.review_common import READERS, head, review_page
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

ONLY = "differences"


@dataclass(frozen=True)
class Reason:
    """Why a value was changed, and by whom."""

    label: str
    words: str
    layer: str
    who: str
    at: Any


def _reason(row: Answer | Declaration | None) -> Reason | None:
    if row is None:
        return None
    return Reason(
        label=REASON_CODES.get(row.reason_code, row.reason_code),
        words=row.reason,
        layer=row.get_source_display() or row.get_layer_display(),
        who=str(row.updated_by or ""),
        at=row.updated_at,
    )


@dataclass(frozen=True)
class ResultRow:
    row: DifferenceRow
    name: str
    reason: Reason | None

    @property
    def gap(self) -> str:
        return gap_in_words(self.row.gap)

    @property
    def differs(self) -> bool:
        return bool(self.row.gap) or self.reason is not None or self.row.own.state != self.row.effective.state


@dataclass(frozen=True)
class ResultSection:
    name: str
    own: Decimal
    effective: Decimal
    max_score: Decimal
    rows: list[ResultRow]

    @property
    def gap(self) -> str:
        return gap_in_words(self.effective - self.own)


def _sections(page: ReviewPage, *, only: bool) -> list[ResultSection]:
    kind = page.assessment.subject.kind
    found = {
        row.indicator.code: ResultRow(row, row.indicator.name_for(kind), _reason(row.changed))
        for row in difference_rows(page.definition, page.rows)
    }
    totals = zip(
        page.definition.dimensions,
        page.own.result.dimensions,
        page.effective.result.dimensions,
        strict=True,
    )
    sections = []
    for dimension, own, effective in totals:
        rows = [found[item.code] for item in dimension.indicators]
        shown = [row for row in rows if row.differs] if only else rows
        sections.append(ResultSection(own.name, own.score, effective.score, own.max_score, shown))
    return sections


def _declarations(page: ReviewPage) -> list[dict[str, Any]]:
    rows = []
    for found in declaration_differences(page.definition, page.rows):
        item = find_item(page, found.code)
        if item is None or isinstance(item, Indicator):
            continue
        rows.append(
            {
                "code": found.code,
                "name": found.name,
                "own": value_in_words(item, found.own),
                "effective": value_in_words(item, found.effective),
                "reason": _reason(found.changed),
            }
        )
    return rows


@requires(*READERS, Role.SUBJECT_CONTACT)
@require_GET
def assessment_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Offices from the moment it was handed in (provisional until verified); the subject once it is verified."""
    actor, page = review_page(request, pk)
    is_contact = actor.role == Role.SUBJECT_CONTACT
    if is_contact and not page.is_reviewed:
        raise Http404
    only = request.GET.get("only") == ONLY
    sections = _sections(page, only=only)
    home = "evaluation:assessment_home" if is_contact else "evaluation:review_detail"
    context = head(page, actor, clock.now()) | {
        "only": only,
        "own": page.own.result,
        "effective": page.effective.result,
        "result_sections": sections,
        "total_gap": gap_in_words(page.effective.result.total - page.own.result.total),
        "difference_count": sum(1 for section in sections for row in section.rows if row.differs),
        "declarations": _declarations(page),
        "is_contact": is_contact,
        "back_url": reverse(home, args=[pk]),
        "printed_at": clock.now(),
    }
    return render(request, "evaluation/review/result.html", context)
