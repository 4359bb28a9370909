"""The risk class of a subject on a day: its latest rating up to then; "" where it has none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from cultivation.models import RiskRating, Subject
from cultivation.models.subjects import SubjectQuerySet


def risk_rating_of(subject: Subject, *, on: date) -> RiskRating | None:
    """The rating in force on that day, with its date and source. Statements: 1."""
    rows = RiskRating.objects.live().filter(subject=subject, happened_on__lte=on)
    found: RiskRating | None = rows.order_by("-happened_on", "-id").first()
    return found


def risk_class_of(subject: Subject, *, on: date) -> str:
    """A, B, C, D or "". Statements: 1."""
    rating = risk_rating_of(subject, on=on)
    return rating.risk_class if rating else ""


def with_risk_class(subjects: SubjectQuerySet, *, on: date) -> SubjectQuerySet:
    """The same subjects, each with the attribute `risk_class` ("" for none); no statement of its own."""
    ratings = RiskRating.objects.live().filter(subject_id=OuterRef("pk"), happened_on__lte=on)
    latest = ratings.order_by("-happened_on", "-id").values("risk_class")[:1]
    return subjects.annotate(risk_class=Coalesce(Subquery(latest), Value(""), output_field=CharField()))


def risk_classes_of(subject_ids: Iterable[int], *, on: date) -> dict[int, str]:
    """{subject: class} of those that have one. Statements: 1."""
    rows = RiskRating.objects.live().filter(subject_id__in=list(subject_ids), happened_on__lte=on)
    return dict(rows.order_by("happened_on", "id").values_list("subject_id", "risk_class"))
