"""责任分解: who does what until when; progress, done, cancelled, opened again (notice 四（二）, C102–C104)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from cultivation.enums import CorrectionArea, WorkItemState
from cultivation.models import CampaignYear, WorkItem
from cultivation.rules.work_items import units_line
from cultivation.services.closed_years import guard_years
from cultivation.workflows import RESPONSIBLE, WORK_ITEM_WORKFLOW
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES
from zaozhuang_portal.accounts.models import MemberUnit, Organization, User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.operations.services.notifications import notify

SHORTEST_REASON = 5


@dataclass(frozen=True)
class WorkItemDraft:
    """What is entered of one item. Either `lead_unit` or `lead_name`."""

    title: str
    due_on: date
    lead_unit: MemberUnit | None = None
    lead_name: str = ""
    participating_units: Sequence[MemberUnit] = ()
    responsible_person: str = ""
    responsible_user: User | None = None
    clause: str = ""
    supporting_measures: str = ""
    note: str = ""


def may_keep_items(actor: Actor, organization_id: int) -> bool:
    """City roles keep the city's items, district roles their own district's."""
    if actor.role in CITY_ROLES:
        return actor.organization is not None and actor.organization.pk == organization_id
    own = actor.district
    return actor.role in DISTRICT_ROLES and own is not None and own.pk == organization_id


def is_responsible(actor: Actor, item: WorkItem) -> bool:
    return item.responsible_user_id == actor.user.pk


def _require_keeper(actor: Actor, organization_id: int) -> None:
    if not may_keep_items(actor, organization_id):
        raise NotAllowed("责任分解由本级三方机构维护。")


def _columns(draft: WorkItemDraft, organization: Organization) -> dict[str, object]:
    if not draft.title.strip():
        raise DomainError("请填写任务。", code="required", field="title")
    if draft.lead_unit is None and not draft.lead_name.strip():
        raise DomainError("请选择牵头单位，或在“牵头单位（其他）”中填写。", code="lead", field="lead_unit")
    units = [*([draft.lead_unit] if draft.lead_unit else []), *draft.participating_units]
    for unit in units:
        if unit.organization_id not in {organization.pk, organization.parent_id}:
            raise DomainError(f"{unit}不是{organization}或上级的成员单位。", code="unit", field="lead_unit")
    person = draft.responsible_person.strip()
    if draft.responsible_user is not None and not person:
        person = draft.responsible_user.full_name
    return {
        "title": draft.title.strip(),
        "clause": draft.clause.strip(),
        "lead_unit": draft.lead_unit,
        "lead_name": "" if draft.lead_unit else draft.lead_name.strip(),
        "responsible_person": person,
        "responsible_user": draft.responsible_user,
        "due_on": draft.due_on,
        "supporting_measures": draft.supporting_measures.strip(),
        "note": draft.note.strip(),
        "participating_words": units_line(unit.name for unit in draft.participating_units),
    }


def _word(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


@transaction.atomic
def create_work_item(
    *,
    actor: Actor,
    organization: Organization,
    year: CampaignYear,
    draft: WorkItemDraft,
    now: datetime,
    backfilled: bool = False,
    source_document: str = "",
) -> WorkItem:
    """Give out one task. DomainError when the year has one of that title, or a back-filled one names no source."""
    _require_keeper(actor, organization.pk)
    return add_work_item(
        actor=actor,
        organization=organization,
        year=year,
        draft=draft,
        now=now,
        backfilled=backfilled,
        source_document=source_document,
    )


@transaction.atomic
def add_work_item(
    *,
    actor: Actor,
    organization: Organization,
    year: CampaignYear,
    draft: WorkItemDraft,
    now: datetime,
    backfilled: bool = False,
    source_document: str = "",
) -> WorkItem:
    """create_work_item() for a caller that has asked who may (services.gaps)."""
    if backfilled and not source_document.strip():
        raise DomainError("补录请写明来源。", code="source", field="source_document")
    if backfilled and year.in_use:
        raise DomainError(f"{year}是系统启用后的年度，责任事项不能补录，逾期的如实标明。", code="year_in_use")
    columns = _columns(draft, organization)
    guard_years(
        actor=actor,
        places=[(year.pk, organization.pk)],
        area=CorrectionArea.LEDGER,
        now=now,
        what=f"分解责任：{draft.title.strip()}",
    )
    try:
        with transaction.atomic():
            item = WorkItem.objects.create(
                organization=organization,
                year=year,
                **columns,
                backfilled=backfilled,
                source_document=source_document.strip(),
                created_at=now,
                created_by=actor.user,
                updated_at=now,
                updated_by=actor.user,
            )
    except IntegrityError:
        raise DomainError(
            f"{organization}{year}已有同名任务，请在原任务上修改。", code="duplicate", field="title"
        ) from None
    item.participating_units.set(draft.participating_units)
    _audit(actor, item, "分解责任", now, {"due_on": [None, draft.due_on.isoformat()]})
    _tell(actor, item, None, now)
    return item


@transaction.atomic
def update_work_item(
    *, actor: Actor, item: WorkItem, draft: WorkItemDraft, expected_version: int, now: datetime
) -> WorkItem:
    """Correct an item. ConflictError when somebody saved in the meantime; only an open item may change."""
    _require_keeper(actor, item.organization_id)
    if item.state != WorkItemState.OPEN:
        raise DomainError(f"任务{item.get_state_display()}，不能修改。需要时请先“重新办理”。", code="closed")
    columns = _columns(draft, item.organization)
    changes = {
        key: [_word(getattr(item, key)), _word(value)]
        for key, value in columns.items()
        if key != "participating_words" and getattr(item, key) != value
    }
    former = item.responsible_user_id
    try:
        with transaction.atomic():
            updated = WorkItem.objects.filter(
                pk=item.pk, version=expected_version, state=WorkItemState.OPEN
            ).update(**columns, version=F("version") + 1, updated_at=now, updated_by=actor.user)
    except IntegrityError:
        raise DomainError("本年度已有同名任务，请换一个名称。", code="duplicate", field="title") from None
    if not updated:
        by = WorkItem.objects.values_list("updated_by_id", flat=True).get(pk=item.pk)
        words = changed_since("任务", actor.user.pk, by)
        raise ConflictError(f"{words}，请核对新内容后再次保存。")
    item.refresh_from_db()
    units = {unit.pk for unit in item.participating_units.all()}
    if units != {unit.pk for unit in draft.participating_units}:
        names = [str(unit) for unit in item.participating_units.all()]
        item.participating_units.set(draft.participating_units)
        changes["participating_units"] = ["、".join(names), "、".join(map(str, draft.participating_units))]
    if changes:
        _audit(actor, item, "修改责任分解", now, changes)
    _tell(actor, item, former, now)
    return item


@transaction.atomic
def report_progress(*, actor: Actor, item: WorkItem, progress: int, note: str, now: datetime) -> WorkItem:
    """Percent 0–100 and what was done, by a keeper or by the person responsible. 100 % does not close the item."""
    if not is_responsible(actor, item):
        _require_keeper(actor, item.organization_id)
    if not 0 <= progress <= 100:
        raise DomainError("进度请填 0 到 100 的整数。", code="range", field="progress")
    updated = WorkItem.objects.filter(pk=item.pk, state=WorkItemState.OPEN).update(
        progress=progress, progress_note=note.strip(), updated_at=now, updated_by=actor.user
    )
    if not updated:
        raise ConflictError("任务刚刚已办结或取消，请刷新页面。")
    changes: dict[str, list[object]] = {"progress": [f"{item.progress}%", f"{progress}%"]}
    if note.strip() != item.progress_note:
        changes["progress_note"] = [item.progress_note, note.strip()]
    item.progress, item.progress_note = progress, note.strip()
    _audit(actor, item, "更新进度", now, changes)
    return item


@transaction.atomic
def move_work_item(
    *, actor: Actor, item: WorkItem, action: str, now: datetime, reason: str = "", done_on: date | None = None
) -> WorkItem:
    """finish (done_on, today when blank), cancel and reopen (a reason of 5 characters or more)."""
    if not is_responsible(actor, item):
        _require_keeper(actor, item.organization_id)
    role = actor.role if may_keep_items(actor, item.organization_id) else RESPONSIBLE
    old = item.get_state_display()
    reason = reason.strip()
    transition = WORK_ITEM_WORKFLOW.find(item.state, action, role)
    changes: dict[str, object] = {"updated_at": now, "updated_by": actor.user}
    if action == "finish":
        today = shanghai_date(now)
        if done_on is not None and done_on > today:
            raise DomainError("办结日期晚于今天，请核对。", code="future", field="done_on")
        changes |= {"done_on": done_on or today, "progress": 100}
    else:
        if len(reason) < SHORTEST_REASON:
            raise DomainError(f"请写明{transition.label}的理由（至少5个字）。", code="reason", field="reason")
        if len(reason) > 200:
            raise DomainError("理由最多 200 个字，请删减。", code="reason_long", field="reason")
        changes |= {"done_on": None, "cancel_reason": reason if action == "cancel" else ""}
    if action == "reopen":
        guard_years(
            actor=actor,
            places=[(item.year_id, item.organization_id)],
            area=CorrectionArea.LEDGER,
            now=now,
            what=f"重新办理：{item.title}",
        )
    WORK_ITEM_WORKFLOW.apply(item, action, role=role, changes=changes)
    _audit(
        actor,
        item,
        f"{transition.label}任务",
        now,
        {"state": [old, item.get_state_display()]},
        reason=reason,
    )
    return item


def _audit(
    actor: Actor,
    item: WorkItem,
    action: str,
    now: datetime,
    changes: dict[str, list[object]],
    *,
    reason: str = "",
) -> None:
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="WorkItem",
        object_id=item.pk,
        label=item.title,
        changes=changes,
        reason=reason,
    )


def _tell(actor: Actor, item: WorkItem, former: int | None, now: datetime) -> None:
    """The person responsible hears of a new task; not of one's own entry, not of a past one."""
    user = item.responsible_user
    if user is None or user.pk in {former, actor.user.pk} or item.backfilled:
        return
    notify(
        users=[user],
        title=f"您有一项新任务：{item.title}",
        body=f"完成时限 {item.due_on:%Y-%m-%d}。{item.supporting_measures}",
        url=reverse("cultivation:work_item_detail", kwargs={"pk": item.pk}),
        now=now,
        kind="WorkItem",
        object_id=item.pk,
    )
