"""交接: what is open of somebody who leaves goes to a successor in one step, with a receipt (peers.md N15). What the
successor cannot take stays, named with its reason before anything is written and on the receipt.

What can be open is told by sources: cultivation brings its own below, upper apps register theirs in AppConfig.ready().
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from cultivation.enums import WorkItemState
from cultivation.models import (
    BargainingInstructor,
    Coordinator,
    GuidanceVisit,
    Handover,
    LiaisonAssignment,
    Pairing,
    WorkItem,
)
from cultivation.services.subject_lives import clean_reason
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Membership, Organization, User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.lengths import shortened


@dataclass(frozen=True)
class HandoverCase:
    """One handing over: who to whom, in which organization and everything below it, when."""

    actor: Actor
    organization: Organization
    leaver: User
    successor: User
    now: datetime

    @property
    def today(self) -> date:
        return shanghai_date(self.now)


@dataclass(frozen=True)
class Refusal:
    """Why a successor cannot take one kind of work, and where that is mended."""

    reason: str
    mend: str = ""
    url: str = ""


@dataclass(frozen=True)
class HandoverSource:
    """One kind of open work. `open_items` gives it in words; `give` moves all of it to `case.successor`.

    `refusal` says why this successor cannot take it (None when it can).
    """

    key: str
    label: str
    open_items: Callable[[HandoverCase], Iterable[str]]
    give: Callable[[HandoverCase], object]
    refusal: Callable[[HandoverCase], Refusal | None] = lambda case: None


@dataclass(frozen=True)
class OpenKind:
    """One kind of work the leaver has open, in words; with a refusal it stays."""

    source: HandoverSource
    items: list[str]
    refusal: Refusal | None

    @property
    def entry(self) -> dict[str, object]:
        """Its part of the receipt."""
        found: dict[str, object] = {"label": self.source.label, "items": self.items}
        if self.refusal is not None:
            found |= {"stays": self.refusal.reason, "mend": self.refusal.mend, "url": self.refusal.url}
        return found


_sources: dict[str, HandoverSource] = {}


def register_handover_source(*sources: HandoverSource) -> None:
    """The same key again replaces the former one."""
    for source in sources:
        _sources[source.key] = source


def open_work(
    *, actor: Actor, organization: Organization, leaver: User, now: datetime
) -> list[tuple[str, list[str]]]:
    """(kind in words, items in words) of everything open, kinds with nothing left out."""
    case = HandoverCase(actor, organization, leaver, leaver, now)
    found = [(source.label, list(source.open_items(case))) for source in _sources.values()]
    return [(label, items) for label, items in found if items]


def plan_handover(case: HandoverCase) -> list[OpenKind]:
    """Everything open with what this successor cannot take; kinds with nothing left out. Raises as check_handover."""
    check_handover(case)
    kinds = [(source, list(source.open_items(case))) for source in _sources.values()]
    return [OpenKind(source, items, source.refusal(case)) for source, items in kinds if items]


def check_handover(case: HandoverCase) -> None:
    """Raises NotAllowed or DomainError when this actor may not, or this successor cannot."""
    actor, organization = case.actor, case.organization
    if actor.role not in {Role.CITY_OFFICE, Role.DISTRICT_OFFICE} or actor.organization is None:
        raise NotAllowed("交接由三方办公室办理。")
    if organization.pk != actor.organization.pk:
        raise NotAllowed("只能办理本单位人员的交接。")
    if case.leaver.pk == case.successor.pk:
        raise DomainError("接收人不能与移交人相同。", code="same", field="successor")
    holds = Membership.objects.filter(organization__path__startswith=organization.path)
    if not holds.filter(user=case.leaver).exists():
        raise DomainError(f"{case.leaver.full_name}不是本单位的人员。", code="leaver", field="leaver")
    if not case.successor.is_active or not holds.in_force(case.today).filter(user=case.successor).exists():
        raise DomainError(
            f"{case.successor.full_name}目前没有本单位的任职，请先在“人员”中登记任职。",
            code="successor",
            field="successor",
        )


@transaction.atomic
def hand_over(
    *,
    actor: Actor,
    organization: Organization,
    leaver: User,
    successor: User,
    reason: str,
    now: datetime,
    stays: Collection[str] = (),
) -> Handover:
    """Give the open work of `leaver` in `organization` to `successor`. What the successor cannot take stays with the
    leaver; `stays` are the keys of the kinds the actor was told of.

    Raises DomainError when nothing is open, nothing can be taken, or a kind stays that was not told of.
    """
    case = HandoverCase(actor, organization, leaver, successor, now)
    kinds = plan_handover(case)
    reason = clean_reason(reason, "交接原因")
    if not kinds:
        raise DomainError(f"{leaver.full_name}名下没有需要交接的事项。", code="nothing", field="leaver")
    left = [kind for kind in kinds if kind.refusal is not None]
    if len(left) == len(kinds):
        words = "".join(kind.refusal.reason for kind in left if kind.refusal)
        raise DomainError(f"没有可以交接的事项。{words}", code="none_possible", field="successor")
    if unseen := [kind for kind in left if kind.source.key not in stays]:
        words = "、".join(f"{kind.source.label} {len(kind.items)} 项" for kind in unseen)
        raise DomainError(
            f"{words}不能移交给{successor.full_name}，仍留在{leaver.full_name}名下。核对下面的清单后，再次确认交接。",
            code="stays",
        )
    for kind in kinds:
        if kind.refusal is None:
            kind.source.give(case)
    receipt = [kind.entry for kind in kinds]
    handover = Handover.objects.create(
        organization=organization,
        leaver=leaver,
        successor=successor,
        reason=reason,
        receipt=receipt,
        at=now,
        by=actor.user,
    )
    record_audit(
        actor=actor,
        at=now,
        action="交接",
        kind="Handover",
        object_id=handover.pk,
        label=str(handover),
        changes={
            kind.source.label: [len(kind.items), len(kind.items) if kind.refusal else 0] for kind in kinds
        },
        reason=reason,
    )
    return handover


# --- what cultivation itself keeps on a person -------------------------------------------------------------------


def _below(case: HandoverCase) -> Q:
    return Q(organization__path__startswith=case.organization.path)


def _open_on(case: HandoverCase) -> Q:
    return Q(ends_on__isnull=True) | Q(ends_on__gte=case.today)


def _pairings(case: HandoverCase) -> list[Pairing]:
    rows = Pairing.objects.live().filter(_below(case), _open_on(case), person=case.leaver)
    return list(rows.select_related("subject", "unit").order_by("pk"))


def give_pairing(case: HandoverCase, row: Pairing) -> Pairing:
    """The former pairing ends yesterday, the successor's begins today; one that began today changes its person.

    Returns the pairing that runs now.
    """
    if row.starts_on >= case.today:
        row.person, row.person_name = case.successor, case.successor.full_name
        row.version += 1
        row.updated_at, row.updated_by = case.now, case.actor.user
        row.save()
        return row
    ends_on = row.ends_on
    row.ends_on = case.today - timedelta(days=1)
    row.end_reason = f"交接给{case.successor.full_name}"
    row.version += 1
    row.updated_at, row.updated_by = case.now, case.actor.user
    row.save()
    return Pairing.objects.create(
        organization_id=row.organization_id,
        township_id=row.township_id,
        year_id=row.year_id,
        subject_id=row.subject_id,
        role=row.role,
        unit_id=row.unit_id,
        person=case.successor,
        person_name=case.successor.full_name,
        phone=case.successor.phone,
        starts_on=case.today,
        ends_on=ends_on,
        commitments=row.commitments,
        note=f"接{case.leaver.full_name}",
        created_at=case.now,
        created_by=case.actor.user,
        updated_at=case.now,
        updated_by=case.actor.user,
    )


def _give_pairings(case: HandoverCase) -> None:
    for row in _pairings(case):
        give_pairing(case, row)


@dataclass(frozen=True)
class _Register:
    """定点联系 hangs on a register; only somebody who stands on it can take it."""

    key: str
    noun: str
    slug: str
    column: str
    model: type[Coordinator] | type[BargainingInstructor]

    def rows(self, case: HandoverCase) -> list[LiaisonAssignment]:
        found = LiaisonAssignment.objects.live().filter(
            _below(case), _open_on(case), **{f"{self.column}__user": case.leaver}
        )
        return list(found.select_related("subject").order_by("pk"))

    def serving(self, case: HandoverCase) -> int | None:
        rows = self.model.objects.live().filter(_below(case), user=case.successor, left_on__isnull=True)
        found: int | None = rows.values_list("pk", flat=True).first()
        return found

    def refusal(self, case: HandoverCase) -> Refusal | None:
        if self.serving(case) is not None:
            return None
        page = reverse("cultivation:ledger_create", args=[self.slug])
        return Refusal(
            f"{case.successor.full_name}不在在任的{self.noun}名册中，不能接收定点联系。请先登记为{self.noun}并关联账号，再交接这一类。",
            f"登记为{self.noun}",
            f"{page}?user={case.successor.pk}",
        )

    def give(self, case: HandoverCase) -> None:
        heir = self.serving(case)
        for row in self.rows(case):
            LiaisonAssignment.objects.filter(pk=row.pk).update(
                ends_on=max(row.starts_on, case.today - timedelta(days=1)),
                end_reason=shortened(f"交接：{case.leaver.full_name}离任", 160),
                version=F("version") + 1,
                updated_at=case.now,
                updated_by=case.actor.user,
            )
            LiaisonAssignment.objects.get_or_create(
                subject_id=row.subject_id,
                **{f"{self.column}_id": heir},
                ends_on=None,
                removed_at=None,
                defaults={
                    "organization_id": row.organization_id,
                    "township_id": row.township_id,
                    "year_id": row.year_id,
                    "starts_on": case.today,
                    "created_at": case.now,
                    "created_by": case.actor.user,
                    "updated_at": case.now,
                    "updated_by": case.actor.user,
                },
            )

    @property
    def source(self) -> HandoverSource:
        return HandoverSource(
            self.key,
            f"定点联系（{self.noun}）",
            lambda case: [str(row.subject) for row in self.rows(case)],
            self.give,
            self.refusal,
        )


_COORDINATORS = _Register(
    "liaisons_coordinator", "劳动关系协调员", "coordinators", "coordinator", Coordinator
)
_INSTRUCTORS = _Register(
    "liaisons_instructor", "集体协商专职指导员", "instructors", "instructor", BargainingInstructor
)


def _work_items(case: HandoverCase) -> list[WorkItem]:
    rows = WorkItem.objects.live().filter(
        _below(case), state=WorkItemState.OPEN, responsible_user=case.leaver
    )
    return list(rows.order_by("due_on", "pk"))


def give_work_items(case: HandoverCase, rows: QuerySet[WorkItem]) -> int:
    """Returns how many changed."""
    return rows.filter(state=WorkItemState.OPEN).update(
        responsible_user=case.successor,
        responsible_person=case.successor.full_name,
        version=F("version") + 1,
        updated_at=case.now,
        updated_by=case.actor.user,
    )


def _give_work_items(case: HandoverCase) -> None:
    give_work_items(case, WorkItem.objects.filter(pk__in=[row.pk for row in _work_items(case)]))


def _follow_ups(case: HandoverCase) -> list[GuidanceVisit]:
    rows = GuidanceVisit.objects.live().filter(
        _below(case),
        follow_up_by=case.leaver,
        follow_up_due__isnull=False,
        follow_up_done_on__isnull=True,
    )
    return list(rows.select_related("subject").order_by("follow_up_due", "pk"))


def give_follow_ups(case: HandoverCase, rows: QuerySet[GuidanceVisit]) -> int:
    """Returns how many changed."""
    return rows.filter(follow_up_done_on__isnull=True).update(
        follow_up_by=case.successor,
        version=F("version") + 1,
        updated_at=case.now,
        updated_by=case.actor.user,
    )


def _give_follow_ups(case: HandoverCase) -> None:
    give_follow_ups(case, GuidanceVisit.objects.filter(pk__in=[row.pk for row in _follow_ups(case)]))


register_handover_source(
    HandoverSource(
        "pairings", "结对", lambda case: [str(row.subject) for row in _pairings(case)], _give_pairings
    ),
    _COORDINATORS.source,
    _INSTRUCTORS.source,
    HandoverSource(
        "work_items",
        "责任分解任务",
        lambda case: [f"{row.title}（{row.due_on}前）" for row in _work_items(case)],
        _give_work_items,
    ),
    HandoverSource(
        "follow_ups",
        "待跟进的指导服务",
        lambda case: [f"{row.subject}：{row.topic}（{row.follow_up_due}前）" for row in _follow_ups(case)],
        _give_follow_ups,
    ),
)
