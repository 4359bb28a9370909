"""检查人员名录: entering, changing, retiring, and the interests that keep one from a check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from cultivation.models import Subject
from evaluation.models import ConflictOfInterest, Inspector
from evaluation.permissions.inspectors import require_keeper
from evaluation.selectors.spot_checks.looks import forget_inspecting_users
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import require_length

SHORTEST_REASON = 4
_LENGTHS = {"name": 40, "staff_number": 40, "unit_name": 120, "post": 60, "certificate": 60}
_LABELS = {
    "name": "姓名",
    "staff_number": "工号",
    "unit_name": "单位",
    "post": "职务",
    "certificate": "证件号",
}


@dataclass(frozen=True)
class InspectorEntry:
    """What is entered of one. `user`: the account, when there is one; a person without one signs on paper."""

    name: str
    staff_number: str
    party: str
    organization: Organization
    unit_name: str
    active_from: date
    post: str = ""
    certificate: str = ""
    user: User | None = None


def _cleaned(entry: InspectorEntry, inspector: Inspector | None) -> dict[str, object]:
    values: dict[str, object] = {
        key: require_length(_LABELS[key], getattr(entry, key), most, field=key)
        for key, most in _LENGTHS.items()
    }
    values["staff_number"] = "".join(str(values["staff_number"]).split()).upper()
    for key in ("name", "staff_number", "unit_name"):
        if not values[key]:
            raise DomainError(f"请填写{_LABELS[key]}。", code="required", field=key)
    if entry.party not in MemberUnitKind.values:
        raise DomainError("请选择所属方。", code="party", field="party")
    if entry.organization.level not in {Level.CITY, Level.DISTRICT}:
        raise DomainError(
            "所在地区请选择市或区（市）：在乡镇、园区工作的，选其所属区（市）。",
            code="organization",
            field="organization",
        )
    others = Inspector.objects.exclude(pk=inspector.pk if inspector else 0)
    same = others.filter(staff_number=values["staff_number"]).first()
    if same is not None:
        raise DomainError(
            f"工号 {same.staff_number} 已登记为{same.name}。", code="duplicate", field="staff_number"
        )
    if entry.user is not None and others.filter(user=entry.user).exists():
        raise DomainError(
            "该账号已登记为另一名检查人员，一个账号只能对应一人。", code="duplicate", field="user"
        )
    return values | {
        "party": entry.party,
        "organization": entry.organization,
        "user": entry.user,
        "active_from": entry.active_from,
    }


def _audit(actor: Actor, inspector: Inspector, action: str, now: datetime, **more: object) -> None:
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="Inspector",
        object_id=inspector.pk,
        label=f"{inspector.name}（{inspector.staff_number}）",
        **more,  # type: ignore[arg-type]  # changes, reason
    )


@transaction.atomic
def create_inspector(*, actor: Actor, entry: InspectorEntry, now: datetime) -> Inspector:
    """Enter one person. Raises DomainError at the field for a staff number or an account that is taken."""
    require_keeper(actor)
    try:
        with transaction.atomic():
            inspector = Inspector.objects.create(
                **_cleaned(entry, None), created_at=now, created_by=actor.user
            )
    except IntegrityError:
        raise ConflictError("工号或账号刚刚已被登记，请核对名录。", field="staff_number") from None
    transaction.on_commit(forget_inspecting_users, robust=True)
    _audit(actor, inspector, "登记检查人员", now)
    return inspector


@transaction.atomic
def edit_inspector(*, actor: Actor, inspector: Inspector, entry: InspectorEntry, now: datetime) -> Inspector:
    """Change what is entered. What a run of 派组 was computed from stays on its record."""
    require_keeper(actor)
    locked = Inspector.objects.select_for_update(of=("self",)).get(pk=inspector.pk)
    values = _cleaned(entry, locked)
    if locked.active_to is not None and entry.active_from > locked.active_to:
        raise DomainError(
            f"入库日期晚于出库日期 {locked.active_to}，请核对。", code="dates", field="active_from"
        )
    changes = {
        key: [str(getattr(locked, key) or ""), str(value or "")]
        for key, value in values.items()
        if getattr(locked, key) != value
    }
    if "certificate" in changes:  # personal data stays out of the log
        changes["certificate"] = ["（原证件号）", "（已修改）"]
    for key, value in values.items():
        setattr(locked, key, value)
    try:
        with transaction.atomic():
            locked.save(update_fields=list(values))
    except IntegrityError:
        raise ConflictError("工号或账号刚刚已被登记，请核对名录。", field="staff_number") from None
    transaction.on_commit(forget_inspecting_users, robust=True)
    if changes:
        _audit(actor, locked, "修改检查人员", now, changes=changes)
    return locked


@transaction.atomic
def retire_inspector(
    *, actor: Actor, inspector: Inspector, on: date, reason: str, now: datetime
) -> Inspector:
    """出库: not drawn after `on`, a day not to come. The teams the person stands in are changed apart, each with its reason."""
    require_keeper(actor)
    reason = require_length("出库理由", reason, 200, field="reason")
    if len(reason) < SHORTEST_REASON:
        raise DomainError(f"请写明出库理由（至少{SHORTEST_REASON}个字）。", code="required", field="reason")
    if not inspector.active_from <= on <= shanghai_date(now):
        raise DomainError(
            f"出库日期应在入库日期 {inspector.active_from} 至今天之间，请核对。", code="dates", field="on"
        )
    if not Inspector.objects.filter(pk=inspector.pk, active_to__isnull=True).update(active_to=on):
        raise ConflictError("该检查人员已经出库。")
    inspector.refresh_from_db()
    _audit(
        actor, inspector, "检查人员出库", now, changes={"active_to": [None, on.isoformat()]}, reason=reason
    )
    return inspector


@transaction.atomic
def declare_conflict(
    *,
    actor: Actor,
    inspector: Inspector,
    target: Subject | Organization,
    reason: str,
    declared_on: date,
    now: datetime,
) -> ConflictOfInterest:
    """登记利害关系: this person does not check this subject, or nothing of this district."""
    require_keeper(actor)
    reason = require_length("理由", reason, 200, field="reason")
    if len(reason) < SHORTEST_REASON:
        raise DomainError(f"请写明利害关系（至少{SHORTEST_REASON}个字）。", code="required", field="reason")
    if declared_on > shanghai_date(now):
        raise DomainError("申报日期晚于今天，请核对。", code="future", field="declared_on")
    if isinstance(target, Organization) and target.level != Level.DISTRICT:
        raise DomainError("请选择区（市）。", code="organization", field="organization")
    key = "subject" if isinstance(target, Subject) else "organization"
    try:
        with transaction.atomic():
            conflict = ConflictOfInterest.objects.create(
                inspector=inspector,
                reason=reason,
                declared_on=declared_on,
                declared_by=actor.user,
                **{key: target},
            )
    except IntegrityError:
        raise DomainError(
            f"{inspector.name}与“{target}”的利害关系已登记。", code="duplicate", field=key
        ) from None
    _audit(actor, inspector, "登记利害关系", now, changes={"target": [None, str(target)]}, reason=reason)
    return conflict


@transaction.atomic
def remove_conflict(*, actor: Actor, conflict: ConflictOfInterest, reason: str, now: datetime) -> None:
    """撤销 what was entered wrongly or has ended; what it was stays in the log."""
    require_keeper(actor)
    reason = require_length("撤销理由", reason, 200, field="reason")
    if len(reason) < SHORTEST_REASON:
        raise DomainError(f"请写明撤销理由（至少{SHORTEST_REASON}个字）。", code="required", field="reason")
    target = str(conflict.subject or conflict.organization)
    _audit(actor, conflict.inspector, "撤销利害关系", now, changes={"target": [target, None]}, reason=reason)
    ConflictOfInterest.objects.filter(pk=conflict.pk).delete()
