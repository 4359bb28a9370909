"""Loading the organization tree and the tripartite bodies it starts with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from zaozhuang_portal.accounts.enums import SIDE_OF_UNIT, MemberUnitKind
from zaozhuang_portal.accounts.models import MemberUnit, Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.rules.organizations import OrganizationRow, default_body, read_tree
from zaozhuang_portal.accounts.services.audit import record_audit

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True)
class LoadedOrganizations:
    created: int
    bodies_created: int


@transaction.atomic
def load_organizations(*, at: datetime) -> LoadedOrganizations:
    """Create what is missing of the shipped tree, bodies, units and seats; what exists (and was edited) stays.

    Safe to run again: the second run creates nothing.
    """
    rows = read_tree(
        (DATA / "divisions.csv").read_text(encoding="utf-8").splitlines(),
        (DATA / "zone_custody.csv").read_text(encoding="utf-8").splitlines(),
    )
    existing = {organization.code: organization for organization in Organization.objects.all()}
    created = 0
    for row in rows:
        if row.code not in existing:
            existing[row.code] = _create_organization(row, existing)
            created += 1
    with_body = set(TripartiteBody.objects.values_list("organization_id", flat=True))
    bodies = 0
    for row in rows:
        if existing[row.code].pk not in with_body:
            _create_body(row, existing[row.code])
            bodies += 1
    if created or bodies:
        record_audit(
            actor=None,
            at=at,
            action="load_organizations",
            kind="Organization",
            label="枣庄市机构树",
            changes={"created": [0, created], "bodies_created": [0, bodies]},
        )
    return LoadedOrganizations(created, bodies)


def _create_organization(row: OrganizationRow, existing: dict[str, Organization]) -> Organization:
    return Organization.objects.create(
        code=row.code,
        name=row.name,
        short_name=row.short_name,
        level=row.level,
        kind=row.kind,
        parent=existing[row.parent_code] if row.parent_code else None,
        legal_parent=existing[row.legal_parent_code] if row.legal_parent_code else None,
        path=row.path,
        carries_quota=row.carries_quota,
        sort_order=row.sort_order,
    )


def _create_body(row: OrganizationRow, organization: Organization) -> None:
    shipped = default_body(row)
    units = {
        unit.name: MemberUnit.objects.get_or_create(
            organization=organization,
            name=unit.name,
            defaults={"kind": unit.kind, "side": SIDE_OF_UNIT[MemberUnitKind(unit.kind)]},
        )[0]
        for unit in shipped.units
    }
    body = TripartiteBody.objects.create(
        organization=organization, name=shipped.name, established=shipped.established
    )
    Seat.objects.bulk_create(
        Seat(body=body, kind=seat.kind, state=seat.state, unit=units[seat.unit_name])
        for seat in shipped.seats
    )
