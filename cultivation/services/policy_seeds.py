"""What the notice itself names, as rows of the city that every district reads: policy documents and incentives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from cultivation.models import CampaignYear, Incentive, PolicyDocument
from cultivation.models.records import Record
from cultivation.rules.incentives import INCENTIVE_SEEDS, SEED_NOTE
from cultivation.rules.policy_documents import POLICY_SEEDS
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audit


@transaction.atomic
def seed_policy_documents(*, now: datetime) -> int:
    """The shelf's first documents, known by their number. Returns how many were created."""
    wanted = {
        seed.document_number: {
            "kind": seed.kind,
            "title": seed.title,
            "document_number": seed.document_number,
            "issuer": seed.issuer,
            "issued_on": seed.issued_on,
            "summary": seed.summary,
            "note": seed.note,
        }
        for seed in POLICY_SEEDS
    }
    return _create_missing(
        PolicyDocument, "document_number", wanted, action="载入政策文件", dated_by="issued_on", now=now
    )


@transaction.atomic
def seed_incentives(*, now: datetime) -> int:
    """The incentives of notice 三（三）, known by their name. Returns how many were created."""
    wanted = {
        seed.name: {
            "name": seed.name,
            "level": seed.level,
            "kind": seed.kind,
            "granted_by": seed.granted_by,
            "document_number": seed.document_number,
            "note": SEED_NOTE,
        }
        for seed in INCENTIVE_SEEDS
    }
    return _create_missing(Incentive, "name", wanted, action="载入激励措施", now=now)


def _create_missing(
    model: type[Record],
    key: str,
    wanted: Mapping[str, Mapping[str, Any]],
    *,
    action: str,
    now: datetime,
    dated_by: str = "",
) -> int:
    """Rows of the city by `key`; what was edited or removed stays. A row older than the campaign stands in its first year.

    Nothing happens before the organization tree and the campaign years are there.
    """
    city = Organization.objects.filter(level=Level.CITY).first()
    years = {year.year: year for year in CampaignYear.objects.all()}
    if city is None or not years:
        return 0
    first = years[min(years)]
    known = set(model.objects.filter(organization=city).values_list(key, flat=True))
    rows = []
    for name, values in wanted.items():
        if name in known:
            continue
        day = values.get(dated_by)
        year = years.get(day.year, first) if day else first
        rows.append(model(organization=city, year=year, created_at=now, updated_at=now, **values))
    model.objects.bulk_create(rows)
    if rows:
        record_audit(
            actor=None, at=now, action=action, kind=model.__name__, changes={"created": [0, len(rows)]}
        )
    return len(rows)
