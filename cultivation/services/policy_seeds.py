"""The policy shelf's first documents (rules.policy_documents), as rows of the city that every district reads."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cultivation.models import CampaignYear, PolicyDocument
from cultivation.rules.policy_documents import POLICY_SEEDS
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audit


@transaction.atomic
def seed_policy_documents(*, now: datetime) -> int:
    """Create what is missing, by document number; what was edited or removed stays. Returns how many were created.

    Nothing happens before the organization tree and the campaign years are there.
    """
    city = Organization.objects.filter(level=Level.CITY).first()
    years = {year.year: year for year in CampaignYear.objects.all()}
    if city is None or not years:
        return 0
    first = min(years)
    known = set(PolicyDocument.objects.filter(organization=city).values_list("document_number", flat=True))
    rows = [
        PolicyDocument(
            organization=city,
            # Documents older than the campaign stand in its first year.
            year=years.get(seed.issued_on.year if seed.issued_on else first, years[first]),
            kind=seed.kind,
            title=seed.title,
            document_number=seed.document_number,
            issuer=seed.issuer,
            issued_on=seed.issued_on,
            summary=seed.summary,
            note=seed.note,
            created_at=now,
            updated_at=now,
        )
        for seed in POLICY_SEEDS
        if seed.document_number not in known
    ]
    PolicyDocument.objects.bulk_create(rows)
    if rows:
        record_audit(
            actor=None,
            at=now,
            action="载入政策文件",
            kind="PolicyDocument",
            changes={"created": [0, len(rows)]},
        )
    return len(rows)
