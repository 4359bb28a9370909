"""Choices of the reporting app."""

from __future__ import annotations

from django.db.models import TextChoices


class ReportState(TextChoices):
    DRAFT = "DRAFT", "填报中"
    UNDER_REVIEW = "UNDER_REVIEW", "待审核"
    REVIEWED = "REVIEWED", "已审核"
    SUBMITTED = "SUBMITTED", "已报送"
    ACCEPTED = "ACCEPTED", "市级已收"


class FilingOutcome(TextChoices):
    """What became of one filing."""

    PENDING = "PENDING", "待市级接收"
    RECALLED = "RECALLED", "区（市）取回"
    RETURNED = "RETURNED", "市级退回"
    ACCEPTED = "ACCEPTED", "市级已收"


# The figures may be taken anew and the narrative edited only here.
EDITABLE_STATES = frozenset({ReportState.DRAFT})
FILED_STATES = frozenset({ReportState.SUBMITTED, ReportState.ACCEPTED})
