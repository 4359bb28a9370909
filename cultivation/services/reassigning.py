"""转办: one thing goes from one person to a colleague of the same unit. A whole desk goes by services.handovers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from cultivation.enums import WorkItemState
from cultivation.ledgers.base import FIELD_KEEPERS
from cultivation.ledgers.pairings import PAIRINGS
from cultivation.ledgers.visits import VISITS
from cultivation.models import GuidanceVisit, Pairing, WorkItem
from cultivation.selectors.work_items import visible_items
from cultivation.services.handovers import HandoverCase, give_follow_ups, give_pairing, give_work_items
from cultivation.services.ledgers import refuse_change
from cultivation.services.work_items import is_responsible, may_keep_items
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import ADMIN_ROLES, Role
from zaozhuang_portal.accounts.models import Membership, User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.operations.services.notifications import notify

LONGEST_REASON = 200


@dataclass(frozen=True)
class ReassignKind:
    """One kind of thing that has a person. `rows`: the open ones the actor may see; `may`: whether it is the actor's to
    give away; `give`: moves a locked row, False when it is no longer open."""

    key: str
    model: str
    label: str
    rows: Callable[[Actor, date], QuerySet[Any]]
    holder: Callable[[Any], User | None]
    holder_name: Callable[[Any], str]
    words: Callable[[Any], str]
    may: Callable[[Actor, Any, datetime], bool]
    give: Callable[[HandoverCase, Any], Any]
    url: Callable[[Any], str]


def _open_items(actor: Actor, today: date) -> QuerySet[WorkItem]:
    return visible_items(actor).filter(state=WorkItemState.OPEN, backfilled=False)


def _open_follow_ups(actor: Actor, today: date) -> QuerySet[GuidanceVisit]:
    rows = GuidanceVisit.objects.visible_to(actor).live().with_open_follow_up().filter(backfilled=False)
    found: QuerySet[GuidanceVisit] = rows.select_related("subject", "follow_up_by", "organization")
    return found


def _running_pairings(actor: Actor, today: date) -> QuerySet[Pairing]:
    running = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    rows = Pairing.objects.visible_to(actor).live().filter(running, backfilled=False)
    found: QuerySet[Pairing] = rows.select_related("subject", "unit", "person", "organization")
    return found


def _of_unit(actor: Actor, row: Any) -> bool:
    """The city may change the districts' records, but does not give out their work."""
    own = actor.organization if actor.is_city else actor.district
    return own is not None and row.organization_id == own.pk


KINDS: dict[str, ReassignKind] = {
    kind.key: kind
    for kind in (
        ReassignKind(
            "work_item",
            "WorkItem",
            "责任事项",
            _open_items,
            lambda row: row.responsible_user,
            lambda row: row.responsible_person,
            lambda row: row.title,
            lambda actor, row, now: may_keep_items(actor, row.organization_id) or is_responsible(actor, row),
            lambda case, row: give_work_items(case, WorkItem.objects.filter(pk=row.pk)),
            lambda row: reverse("cultivation:work_item_detail", kwargs={"pk": row.pk}),
        ),
        ReassignKind(
            "follow_up",
            "GuidanceVisit",
            "指导服务跟进",
            _open_follow_ups,
            lambda row: row.follow_up_by,
            lambda row: row.follow_up_by.full_name if row.follow_up_by else "",
            lambda row: f"{row.subject}：{row.topic}",
            lambda actor, row, now: (
                row.follow_up_by_id == actor.user.pk
                or (
                    _of_unit(actor, row)
                    and (row.follow_up_by_id is None or not refuse_change(actor, VISITS, row))
                )
            ),
            lambda case, row: give_follow_ups(case, GuidanceVisit.objects.filter(pk=row.pk)),
            lambda row: reverse("cultivation:visit_follow_up", kwargs={"pk": row.pk}),
        ),
        ReassignKind(
            "pairing",
            "Pairing",
            "结对",
            _running_pairings,
            lambda row: row.person,
            lambda row: row.person_name,
            lambda row: f"与{row.subject}结对",
            lambda actor, row, now: _of_unit(actor, row) and not refuse_change(actor, PAIRINGS, row),
            give_pairing,
            lambda row: reverse("cultivation:ledger_detail", kwargs={"slug": "pairings", "pk": row.pk}),
        ),
    )
}


def may_reassign(actor: Actor, kind: str, row: Any, now: datetime) -> bool:
    """A keeper of the record, or whose it is; a follow-up nobody promised is everybody's of the unit."""
    alive = not getattr(row, "backfilled", False)
    return alive and actor.role in FIELD_KEEPERS and bool(KINDS[kind].may(actor, row, now))


def colleagues(actor: Actor, today: date) -> QuerySet[User]:
    """Active people who hold a working post in the actor's organization today."""
    if actor.organization is None:
        return User.objects.none()
    posts = Membership.objects.in_force(today).filter(organization=actor.organization)
    posts = posts.exclude(role__in=[*ADMIN_ROLES, Role.LEADER])
    return User.objects.filter(pk__in=posts.values("user_id"), is_active=True).order_by("full_name", "pk")


@transaction.atomic
def reassign(
    *,
    actor: Actor,
    kind: str,
    pk: int,
    successor: User,
    expected_version: int,
    now: datetime,
    reason: str = "",
) -> Any:
    """Give one open thing to a colleague; the receiver is told. Returns the row that is open now.

    Raises NotAllowed, DomainError (not a colleague, the same person), ConflictError when it changed in the meantime.
    """
    today = shanghai_date(now)
    form = KINDS[kind]
    row = form.rows(actor, today).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise ConflictError(f"这项{form.label}刚刚已办结或不再由您办理，请返回列表查看。")
    if not may_reassign(actor, kind, row, now):
        raise NotAllowed(f"您当前的身份不能转办这项{form.label}。")
    if row.version != expected_version:
        words = changed_since(f"这项{form.label}", actor.user.pk, getattr(row, "updated_by_id", None))
        raise ConflictError(f"{words}，请核对后再转办。")
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        raise DomainError(
            f"说明最多 {LONGEST_REASON} 个字，现有 {len(reason)} 个字，请删减。", code="long", field="reason"
        )
    holder = form.holder(row)
    if holder is not None and holder.pk == successor.pk:
        raise DomainError(f"这项{form.label}已由{successor.full_name}办理。", code="same", field="successor")
    if actor.organization is None or not colleagues(actor, today).filter(pk=successor.pk).exists():
        raise DomainError("请选择本单位在职的人员。", code="successor", field="successor")
    former, words = form.holder_name(row), form.words(row)
    # A pairing with a name but no account hands over from that name.
    leaver = holder or User(full_name=former)
    given = form.give(HandoverCase(actor, actor.organization, leaver, successor, now), row)
    if not given:
        raise ConflictError(f"这项{form.label}刚刚已办结，请返回列表查看。")
    moved = given if isinstance(given, Pairing) else row
    record_audit(
        actor=actor,
        at=now,
        action="转办",
        kind=form.model,
        object_id=row.pk,
        label=words,
        changes={"person": [former, successor.full_name]},
        reason=reason,
    )
    if successor.pk != actor.user.pk:
        notify(
            users=[successor],
            title=f"{actor.user.full_name}转给您：{words}",
            body=reason,
            url=form.url(moved),
            now=now,
            kind=form.model,
            object_id=moved.pk,
        )
    return moved
