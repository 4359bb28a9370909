"""Who sits in a tripartite body: its required seats and the units that hold them (design §2)."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import SIDE_OF_UNIT, MemberUnitKind, SeatState
from zaozhuang_portal.accounts.models import MemberUnit, Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.bodies import check_may_keep_bodies
from zaozhuang_portal.accounts.services.row_versions import delete_kept
from zaozhuang_portal.kernel.errors import DomainError


@transaction.atomic
def add_seat(*, actor: Actor, at: datetime, body: TripartiteBody, kind: str) -> Seat:
    """One more required seat, not established until a unit holds it. DomainError when it is listed already."""
    check_may_keep_bodies(actor, body.organization)
    label = MemberUnitKind(kind).label
    try:
        with transaction.atomic():
            seat = Seat.objects.create(body=body, kind=kind, entered_at=at)
    except IntegrityError:
        raise DomainError(f"{body}已有{label}席位。", code="duplicate", field="kind") from None
    record_audit(
        actor=actor,
        at=at,
        action="add_seat",
        kind="TripartiteBody",
        object_id=body.pk,
        label=f"{body.name} {label}席位",
    )
    return seat


@transaction.atomic
def remove_seat(*, actor: Actor, at: datetime, seat: Seat, reason: str) -> None:
    """The body does not require this seat. DomainError without a reason, or when something was signed for it."""
    check_may_keep_bodies(actor, seat.body.organization)
    if len(reason.strip()) < 5:
        raise DomainError(
            "请写明为何不设此席位（至少5个字），如“本级未设工商联”。", code="reason", field="reason"
        )
    pk, label = seat.body_id, f"{seat.body.name} {seat.get_kind_display()}席位"
    try:
        with transaction.atomic():
            delete_kept(Seat.objects.filter(pk=seat.pk), at=at)
    except ProtectedError:
        raise DomainError(
            f"{label}已有会签记录，不能取消；可改为“未建立”。", code="signed", field="reason"
        ) from None
    record_audit(
        actor=actor,
        at=at,
        action="remove_seat",
        kind="TripartiteBody",
        object_id=pk,
        label=label,
        reason=reason.strip(),
    )


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
    row.state, row.unit, row.changed_at = state, unit, at
    row.save(update_fields=["state", "unit", "changed_at"])
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
        object_id=_body_of(organization),
        label=unit.name,
    )
    return unit


def _body_of(organization: Organization) -> int | str:
    """The body an entry about a department belongs to; "" while the organization has none."""
    return TripartiteBody.objects.filter(organization=organization).values_list("pk", flat=True).first() or ""


@transaction.atomic
def edit_member_unit(
    *, actor: Actor, at: datetime, unit: MemberUnit, name: str, kind: str, phone: str
) -> MemberUnit:
    """Correct a department's name, kind or telephone. DomainError when the name is there already."""
    check_may_keep_bodies(actor, unit.organization)
    row = MemberUnit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    before = {"name": row.name, "kind": row.get_kind_display(), "phone": row.phone}
    row.name, row.kind, row.phone = name.strip(), kind, phone
    row.side = SIDE_OF_UNIT[MemberUnitKind(kind)]
    after = {"name": row.name, "kind": row.get_kind_display(), "phone": row.phone}
    try:
        with transaction.atomic():
            row.save(update_fields=["name", "kind", "side", "phone"])
    except IntegrityError:
        raise DomainError(
            f"{unit.organization}已有名为“{row.name}”的成员单位。", code="duplicate", field="name"
        ) from None
    if before != after:
        record_audit(
            actor=actor,
            at=at,
            action="edit_member_unit",
            kind="TripartiteBody",
            object_id=_body_of(unit.organization),
            label=row.name,
            changes={
                field: [before[field], after[field]] for field in before if before[field] != after[field]
            },
        )
    return row
