"""三方（四家）会签: one seat's opinion, online by its own person or entered from the signed sheet (代录)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from cultivation.enums import Opinion
from cultivation.models import Countersignature, CultivationRoster, WorkPlan
from cultivation.rules.countersignatures import SeatStanding
from cultivation.rules.work_plans import SIGNED_NAMES, text_marks
from cultivation.selectors.countersignatures import (
    CountersignaturePanel,
    SignedPaper,
    has_scan,
    may_enter_offline,
    may_sign,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Membership, Seat
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.operations.services.notifications import notify


@transaction.atomic
def countersign(
    *,
    actor: Actor,
    paper: SignedPaper,
    seat: Seat,
    opinion: str,
    comment: str,
    expected_version: int,
    now: datetime,
) -> Countersignature:
    """Sign online the version one has read. ConflictError when the paper has changed since.

    Signing again replaces the former opinion; the audit log keeps it.
    """
    if seat.body.organization_id != paper.organization.pk or not may_sign(actor, seat):
        raise NotAllowed("只能由担任（代行）该席位的单位人员会签。")
    standing = _standing_now(paper)
    if standing.version != expected_version:
        raise ConflictError("文件刚刚有修改，请查看新内容后再会签。")
    return _sign(
        actor=actor,
        paper=paper,
        seat=seat,
        opinion=opinion,
        comment=comment,
        signer=actor.user.full_name,
        signed_on=shanghai_date(now),
        standing=standing,
        offline=False,
        now=now,
    )


@transaction.atomic
def enter_offline_signature(
    *,
    actor: Actor,
    paper: SignedPaper,
    seat: Seat,
    opinion: str,
    comment: str,
    signer: str,
    signed_on: date,
    now: datetime,
) -> Countersignature:
    """代录 of a signed sheet whose scan is attached. An online signature of the same version is not overwritten."""
    if seat.body.organization_id != paper.organization.pk or not may_enter_offline(actor, paper):
        raise NotAllowed("线下会签由本区（市）三方办公室代录。")
    if seat.unit_id is None:
        raise DomainError("该席位未建立，不需要会签。", code="vacant", field="seat")
    if not signer.strip():
        raise DomainError("请填写签署人姓名。", code="required", field="signer")
    if signed_on > shanghai_date(now):
        raise DomainError("签署日期晚于今天，请核对。", code="future", field="signed_on")
    if not has_scan(paper):
        raise DomainError("请上传已签署的会签表扫描件，再代录。", code="scan", field="file")
    standing = _standing_now(paper)
    online = Countersignature.objects.filter(
        plan=paper.plan, roster=paper.roster, seat=seat, offline=False, signed_version=standing.version
    )
    if online.exists():
        raise DomainError(
            f"{seat.get_kind_display()}已在线会签，如需改变意见，请由本人重新会签。",
            code="signed_online",
            field="seat",
        )
    return _sign(
        actor=actor,
        paper=paper,
        seat=seat,
        opinion=opinion,
        comment=comment,
        signer=signer.strip(),
        signed_on=signed_on,
        standing=standing,
        offline=True,
        now=now,
    )


@dataclass(frozen=True)
class _Standing:
    """What a signature is given to."""

    version: int
    state: str
    marks: dict[str, str]


def _standing_now(paper: SignedPaper) -> _Standing:
    """The paper as it is now, its row locked: two signings of one paper queue here."""
    if paper.kind == "plan":
        plan = WorkPlan.objects.select_for_update(of=("self",)).get(pk=paper.pk)
        return _Standing(
            plan.version, plan.state, text_marks({key: getattr(plan, key) for key in SIGNED_NAMES})
        )
    roster = CultivationRoster.objects.select_for_update(of=("self",)).get(pk=paper.pk)
    return _Standing(roster.revision, roster.state, {})


def _sign(
    *,
    actor: Actor,
    paper: SignedPaper,
    seat: Seat,
    opinion: str,
    comment: str,
    signer: str,
    signed_on: date,
    standing: _Standing,
    offline: bool,
    now: datetime,
) -> Countersignature:
    comment = comment.strip()
    if opinion not in Opinion.values:
        raise DomainError("请选择会签意见。", code="required", field="opinion")
    if opinion != Opinion.AGREE and not comment:
        raise DomainError(
            f"意见为“{Opinion(opinion).label}”的，请写明说明。", code="comment", field="comment"
        )
    former = Countersignature.objects.filter(plan=paper.plan, roster=paper.roster, seat=seat).first()
    row, _ = Countersignature.objects.update_or_create(
        plan=paper.plan,
        roster=paper.roster,
        seat=seat,
        defaults={
            "opinion": opinion,
            "comment": comment,
            "signed_by": signer,
            "signed_on": signed_on,
            "signed_version": standing.version,
            "signed_state": standing.state,
            "signed_marks": standing.marks,
            "offline": offline,
            "entered_by": actor.user,
            "entered_at": now,
        },
    )
    record_audit(
        actor=actor,
        at=now,
        action=_act(former, standing) + ("（线下，代录）" if offline else ""),
        kind="WorkPlan" if paper.kind == "plan" else "CultivationRoster",
        object_id=paper.pk,
        label=f"{paper.title} {seat.get_kind_display()}",
        changes={
            "opinion": [former.get_opinion_display() if former else None, row.get_opinion_display()],
            "comment": [former.comment if former else None, comment],
            "signed_by": [former.signed_by if former else None, signer],
            "signed_version": [former.signed_version if former else None, standing.version],
        },
    )
    return row


def _act(former: Countersignature | None, standing: _Standing) -> str:
    """Signing, changing one's opinion of the same text, or signing anew what was changed since."""
    if former is None:
        return "会签"
    return "改签" if former.signed_version >= standing.version else "确认修改并会签"


@transaction.atomic
def ask_for_signatures(*, actor: Actor, panel: CountersignaturePanel, now: datetime) -> int:
    """Tell the people of every unit that has not signed (or signed an earlier version). Returns how many were told."""
    paper = panel.paper
    if not may_enter_offline(actor, paper):
        raise NotAllowed("由本区（市）三方办公室发起会签。")
    owed = {SeatStanding.UNSIGNED, SeatStanding.STALE}
    units = [line.seat.unit_id for line in panel.lines if line.standing in owed]
    holders = (
        Membership.objects.in_force(shanghai_date(now))
        .filter(member_unit_id__in=units, user__is_active=True)
        .select_related("user")
    )
    told = notify(
        users=[membership.user for membership in holders],
        title=f"请会签：{paper.title}",
        url=reverse("cultivation:countersign", kwargs={"kind": paper.kind, "pk": paper.pk}),
        now=now,
        kind="WorkPlan" if paper.kind == "plan" else "CultivationRoster",
        object_id=paper.pk,
    )
    record_audit(
        actor=actor,
        at=now,
        action="发起会签",
        kind="WorkPlan" if paper.kind == "plan" else "CultivationRoster",
        object_id=paper.pk,
        label=paper.title,
        changes={"told": [None, len(told)]},
    )
    return len(told)
