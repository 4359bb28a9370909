"""Which sections a reviewer has opened in the review that is open now, and what tells one review from the next."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from evaluation.enums import Layer
from evaluation.models import Assessment, SectionLook


def review_opened_at(assessment: Assessment, layer: str) -> datetime | None:
    """When the review of this layer was opened: between two openings the answers may have changed."""
    return assessment.city_opened_at if layer == Layer.CITY else assessment.review_opened_at


def review_token(assessment: Assessment, layer: str) -> str:
    """Names the review a page was drawn in; a page of an earlier one judges answers nobody has seen."""
    opened = review_opened_at(assessment, layer)
    return f"{layer}-{opened.timestamp():.6f}" if opened else ""


def looks_of(assessment: Assessment, layer: str, user_id: int) -> QuerySet[SectionLook]:
    """This person's looks that count: of the review open now."""
    opened = review_opened_at(assessment, layer)
    rows = SectionLook.objects.filter(assessment=assessment, layer=layer, user_id=user_id)
    return rows.filter(looked_at__gte=opened) if opened else rows.none()
