"""Tripartite bodies: whether established, by which document, and who holds each seat."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import SIDE_OF_UNIT, MemberUnitKind, Role, SeatState
from zaozhuang_portal.accounts.models import MemberUnit, Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.services.audit import record_audit
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
) -> TripartiteBody:
    """Correct name, establishment and document. DomainError for a future date or a date without establishment."""
    check_may_keep_bodies(actor, body.organization)
    if established_on is not None and not established:
        raise DomainError("填了成立日期，请同时勾选“已建立”。", code="established", field="established")
    if established_on is not None and established_on > shanghai_date(at):
        raise DomainError("成立日期晚于今天，请核对。", code="future", field="established_on")
    row = TripartiteBody.objects.select_for_update().get(pk=body.pk)
    wanted = {
        "name": name.strip(),
        "established": established,
        "established_on": established_on,
        "document_number": document_number.strip(),
    }
    changes = {
        field: [_plain(getattr(row, field)), _plain(value)]
        for field, value in wanted.items()
        if getattr(row, field) != value
    }
    if changes:
        for field, value in wanted.items():
            setattr(row, field, value)
        row.save(update_fields=list(wanted))
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


@transaction.atomic
def edit_seat(
    *, actor: Actor, at: datetime, seat: Seat, state: str, unit: MemberUnit | None, reason: str = ""
) -> Seat:
    """Say who holds a required seat: filled by a unit, represented by another unit, or not established.

    DomainError when state and unit do not fit; the unit must belong to the body's organization.
    """
    row = (
        Seat.objects.select_for_update(of=("self",))
        .select_related("body__organization", "unit")
        .get(pk=seat.pk)
    )
    check_may_keep_bodies(actor, row.body.organization)
    if state == SeatState.NOT_ESTABLISHED:
        if unit is not None:
            raise DomainError("未建立的席位不填单位，请把单位留空。", code="unit", field="unit")
    elif unit is None:
        raise DomainError("请选择担任或代行该席位的单位。", code="unit", field="unit")
    elif unit.organization_id != row.body.organization_id:
        raise DomainError(f"{unit}不属于{row.body.organization}，请重新选择。", code="unit", field="unit")
    before = [row.get_state_display(), str(row.unit or "")]
    row.state, row.unit = state, unit
    row.save(update_fields=["state", "unit"])
    after = [row.get_state_display(), str(unit or "")]
    if before != after:
        record_audit(
            actor=actor,
            at=at,
            action="edit_seat",
            kind="TripartiteBody",
            object_id=row.body_id,
            label=f"{row.body.name} {row.get_kind_display()}席位",
            changes={"state": [before[0], after[0]], "unit": [before[1], after[1]]},
            reason=reason,
        )
    return row


@transaction.atomic
def add_member_unit(
    *, actor: Actor, at: datetime, organization: Organization, name: str, kind: str, phone: str = ""
) -> MemberUnit:
    """A department that sits in the organization's body. DomainError when the name is there already."""
    check_may_keep_bodies(actor, organization)
    try:
        with transaction.atomic():
            unit = MemberUnit.objects.create(
                organization=organization,
                name=name.strip(),
                kind=kind,
                side=SIDE_OF_UNIT[MemberUnitKind(kind)],
                phone=phone,
            )
    except IntegrityError:
        raise DomainError(
            f"{organization}已有名为“{name.strip()}”的成员单位。", code="duplicate", field="name"
        ) from None
    record_audit(
        actor=actor,
        at=at,
        action="add_member_unit",
        kind="TripartiteBody",
        object_id=organization.pk,
        label=unit.name,
    )
    return unit
