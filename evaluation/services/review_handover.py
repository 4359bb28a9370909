"""The verifications a leaver has open go to the successor (cultivation.services.handovers)."""

from __future__ import annotations

from django.db.models import QuerySet

from cultivation.services.handovers import HandoverCase, HandoverSource
from evaluation.enums import AssessmentState
from evaluation.models import Assessment


def _open_reviews(case: HandoverCase) -> QuerySet[Assessment]:
    return Assessment.objects.filter(
        organization__path__startswith=case.organization.path,
        state=AssessmentState.UNDER_REVIEW,
        review_opened_by=case.leaver,
    ).select_related("subject")


REVIEW_HANDOVER = HandoverSource(
    "reviews",
    "正在核验的自评",
    lambda case: [f"{row.subject}（{row.year_id}年度）" for row in _open_reviews(case)],
    lambda case: _open_reviews(case).update(review_opened_by=case.successor),
)
