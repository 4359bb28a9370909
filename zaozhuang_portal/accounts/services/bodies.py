"""Tripartite bodies: whether established, by which document, whom to call. Who holds the seats: services/seats.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.core.cache import caches
from django.db import transaction

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, OrganizationKind, Role
from zaozhuang_portal.accounts.models import Organization, TripartiteBody
from zaozhuang_portal.accounts.rules.organizations import place_body_name
from zaozhuang_portal.accounts.services.audit import record_audit, record_audits
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed


def check_may_keep_bodies(actor: Actor, organization: Organization) -> None:
    """The city office keeps every body, a district office those of its district and below."""
    if actor.role == Role.CITY_OFFICE:
        return
    own = actor.organization
    if actor.role != Role.DISTRICT_OFFICE or own is None or not organization.path.startswith(own.path):
        raise NotAllowed("三方机构由市三方委员会办公室或本区（市）三方办公室维护。")


@transaction.atomic
def edit_body(
    *,
    actor: Actor,
    at: datetime,
    body: TripartiteBody,
    name: str,
    established: bool,
    established_on: date | None,
    document_number: str,
    contact_name: str = "",
    phone: str = "",
) -> TripartiteBody:
    """Correct name, establishment and contact. DomainError for a future date or a date without establishment."""
    check_may_keep_bodies(actor, body.organization)
    if established_on is not None and not established:
        raise DomainError("填了成立日期，请同时勾选“已建立”。", code="established", field="established")
    _refuse_future(established_on, at)
    row = TripartiteBody.objects.select_for_update().get(pk=body.pk)
    wanted = {
        "name": name.strip(),
        "established": established,
        "established_on": established_on,
        "document_number": document_number.strip(),
        "contact_name": contact_name.strip(),
        "phone": phone.strip(),
    }
    changes = {
        field: [_plain(getattr(row, field)), _plain(value)]
        for field, value in wanted.items()
        if getattr(row, field) != value
    }
    if changes:
        for field, value in wanted.items():
            setattr(row, field, value)
        row.changed_at = at
        row.save(update_fields=[*wanted, "changed_at"])
        record_audit(
            actor=actor,
            at=at,
            action="edit_body",
            kind="TripartiteBody",
            object_id=row.pk,
            label=row.name,
            changes=changes,
        )
    return row


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _refuse_future(day: date | None, at: datetime) -> None:
    if day is not None and day > shanghai_date(at):
        raise DomainError("成立日期晚于今天，请核对。", code="future", field="established_on")


@transaction.atomic
def establish_bodies(
    *,
    actor: Actor,
    at: datetime,
    bodies: Sequence[TripartiteBody],
    established_on: date,
    document_number: str,
) -> int:
    """Mark several bodies as established by one document; those that are already stay as they are.

    Returns how many changed. DomainError for none chosen, a missing document number or a future date.
    """
    if not bodies:
        raise DomainError("请先勾选要登记成立的三方机构。", code="nothing_chosen")
    if not document_number.strip():
        raise DomainError("请填写成立文件文号。", code="document", field="document_number")
    _refuse_future(established_on, at)
    for body in bodies:
        check_may_keep_bodies(actor, body.organization)
    rows = list(
        TripartiteBody.objects.select_for_update().filter(
            pk__in=[body.pk for body in bodies], established=False
        )
    )
    TripartiteBody.objects.filter(pk__in=[row.pk for row in rows]).update(
        established=True,
        established_on=established_on,
        document_number=document_number.strip(),
        changed_at=at,
    )
    record_audits(
        actor=actor,
        at=at,
        action="edit_body",
        kind="TripartiteBody",
        items=[
            (
                row.pk,
                row.name,
                {
                    "established": [False, True],
                    "established_on": [None, established_on.isoformat()],
                    "document_number": [row.document_number, document_number.strip()],
                },
            )
            for row in rows
        ],
    )
    return len(rows)


@transaction.atomic
def add_park(*, actor: Actor, at: datetime, district: Organization, name: str) -> TripartiteBody:
    """A park below its district, with its (not yet established) body. The code is the portal's own, not an official one.

    DomainError when the district has a place of that name already.
    """
    check_may_keep_bodies(actor, district)
    name = name.strip()
    # Two at once queue behind the district's row.
    parent = Organization.objects.select_for_update(of=("self",)).get(pk=district.pk, level=Level.DISTRICT)
    places = Organization.objects.filter(parent=parent)
    if places.filter(name=name).exists():
        raise DomainError(f"{parent}已有“{name}”，不必重复添加。", code="duplicate", field="name")
    number = places.filter(code__startswith=f"{parent.code}P").count() + 1
    code = f"{parent.code}P{number:02d}"
    last = Organization.objects.order_by("-sort_order").values_list("sort_order", flat=True)[0]
    park = Organization.objects.create(
        code=code,
        name=name,
        level=Level.PARK,
        kind=OrganizationKind.PARK,
        parent=parent,
        path=f"{parent.path}{code}/",
        sort_order=min(last + 1, 32_000),
        entered_at=at,
    )
    body = TripartiteBody.objects.create(organization=park, name=place_body_name(name), entered_at=at)
    record_audit(actor=actor, at=at, action="add_park", kind="Organization", object_id=park.pk, label=name)
    transaction.on_commit(caches["local"].clear)
    return body
