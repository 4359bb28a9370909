"""One finding: the earlier ones of the same clause at the same unit."""

from __future__ import annotations

from django.db.models import Q

from evaluation.enums import RectificationState
from evaluation.models import Finding
from evaluation.models.rectifications.findings import FindingQuerySet


def earlier_findings(finding: Finding) -> FindingQuerySet:
    """Of the same clause at the same unit, found not later, the last first; what was withdrawn was no finding."""
    rows = Finding.objects.filter(
        organization_id=finding.organization_id, clause=finding.clause, found_on__lte=finding.found_on
    ).filter(Q(subject_id=finding.subject_id) if finding.subject_id else Q(subject_id__isnull=True))
    if finding.pk is not None:
        rows = rows.exclude(pk=finding.pk)
    return rows.exclude(rectification__state=RectificationState.WITHDRAWN).order_by("-found_on", "-id")


def earlier_finding(finding: Finding) -> Finding | None:
    """It recurs: the last of them."""
    return earlier_findings(finding).first()
