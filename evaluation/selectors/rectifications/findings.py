"""One finding: the earlier ones of the same clause at the same unit."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from evaluation.enums import RectificationState
from evaluation.models import Finding
from evaluation.models.rectifications.findings import FindingQuerySet
from evaluation.permissions.roles import RECTIFICATION_READERS
from evaluation.selectors.spot_checks.results import readable_check
from zaozhuang_portal.accounts.actors import Actor


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


@dataclass(frozen=True)
class FindingLinks:
    """What of a finding this person may open: a page links nowhere it would be refused."""

    findings: frozenset[int]
    check: bool


def finding_links(actor: Actor, finding: Finding) -> FindingLinks:
    """Statements: 1, or 2 for a finding of a check."""
    pks = [pk for pk in (finding.pk, finding.recurrence_of_id) if pk is not None]
    seen = Finding.objects.visible_to(actor).filter(pk__in=pks).values_list("pk", flat=True)
    readers = actor.role in RECTIFICATION_READERS
    check = finding.check_record
    return FindingLinks(
        frozenset(seen) if readers else frozenset(),
        check is not None and readable_check(actor, check.round_id, check.pk) is not None,
    )
