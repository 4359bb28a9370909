"""抽查批次: planned and changed while it is planned, archived when every check is over (C091; design §4a)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from cultivation.enums import CorrectionArea
from cultivation.models import CampaignYear
from cultivation.services.closed_years import guard_years
from evaluation.enums import ChecklistState, Frame, Manner, RoundState, SelectionClass
from evaluation.models import InspectionChecklist, SpotCheck, SpotCheckRound
from evaluation.permissions.spot_checks import require_round_keeper
from evaluation.rules.spot_checks.draw import DrawError, read_shares
from evaluation.rules.spot_checks.plans import (
    DEFAULT_STRATA,
    MAX_BASIS,
    MAX_DEFAULT,
    MAX_TITLE,
    MOST_DEFAULTS,
    default_defaults,
    round_title,
)
from evaluation.workflows.spot_checks import CLOSE_ROUND, ROUND_WORKFLOW
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import require_length
from zaozhuang_portal.kernel.locks import lock_name


@dataclass(frozen=True)
class RoundPlan:
    """What the city office decides of a round. `strata` as SpotCheckRound keeps it; days are working days."""

    title: str
    basis: str
    period_from: date
    period_to: date
    ends_on: date
    manners: Sequence[str]
    frame: str
    classes: Sequence[str]
    discrepancy_limit: Decimal
    checklist: InspectionChecklist
    item_count: int = 10
    blind: bool = True
    answer_days: int = 5
    rectification_days: int = 15
    defaults: Sequence[str] = ()
    default_rate: str = "0"
    default_minimum: int = 1


def lock_round(pk: int) -> SpotCheckRound:
    """The row, held until the transaction ends: what is counted from a round is counted by one at a time."""
    return SpotCheckRound.objects.select_for_update(no_key=True).get(pk=pk)


def guard_round_year(actor: Actor, year: int, now: datetime, what: str) -> None:
    """A closed year takes no new acts of a round (a drawn one is finished in it)."""
    if actor.organization is not None:
        guard_years(
            actor=actor,
            places=[(year, actor.organization.pk)],
            area=CorrectionArea.ASSESSMENT,
            now=now,
            what=what,
        )


def audit_round(
    actor: Actor,
    held: SpotCheckRound,
    action: str,
    now: datetime,
    changes: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="SpotCheckRound",
        object_id=held.pk,
        label=held.title,
        changes=changes,
        reason=reason,
    )


def _columns(plan: RoundPlan, strata: Mapping[str, Any]) -> dict[str, Any]:
    title = require_length("名称", plan.title, MAX_TITLE, field="title")
    basis = require_length("依据", plan.basis, MAX_BASIS, field="basis")
    if not basis:
        raise DomainError("请填写依据。", code="required", field="basis")
    if plan.period_from > plan.period_to:
        raise DomainError("检查期间的起日晚于止日，请核对。", code="period", field="period_to")
    if plan.ends_on < plan.period_from:
        raise DomainError("完成期限早于检查期间，请核对。", code="period", field="ends_on")
    for label, field, given, known in (
        ("检查方式", "manners", plan.manners, Manner.values),
        ("按类必查", "classes", plan.classes, SelectionClass.values),
    ):
        if unknown := [one for one in given if one not in known]:
            raise DomainError(f"{label}没有“{unknown[0]}”这一项，请重新选择。", code="choice", field=field)
    if not plan.manners:
        raise DomainError("请选择至少一种检查方式。", code="required", field="manners")
    if plan.frame not in Frame.values:
        raise DomainError("请选择名录范围。", code="choice", field="frame")
    if plan.checklist.state != ChecklistState.PUBLISHED:
        raise DomainError("请选择已发布的落实情况检查表。", code="checklist", field="checklist")
    words = [
        require_length("到期处理", one, MAX_DEFAULT, field="defaults") for one in plan.defaults if one.strip()
    ] or default_defaults(plan.answer_days, plan.rectification_days)
    if len(words) > MOST_DEFAULTS:
        raise DomainError(f"到期处理最多 {MOST_DEFAULTS} 条，请合并。", code="too_many", field="defaults")
    shares = {**strata, "default": {"rate": plan.default_rate, "minimum": plan.default_minimum}}
    require_shares(shares, field="default_rate")
    return {
        "title": title,
        "basis": basis,
        "period_from": plan.period_from,
        "period_to": plan.period_to,
        "ends_on": plan.ends_on,
        "manners": list(plan.manners),
        "frame": plan.frame,
        "classes": list(plan.classes),
        "discrepancy_limit": plan.discrepancy_limit,
        "checklist": plan.checklist,
        "item_count": plan.item_count,
        "blind": plan.blind,
        "answer_days": plan.answer_days,
        "rectification_days": plan.rectification_days,
        "defaults": words,
        "strata": shares,
    }


def require_shares(strata: Mapping[str, Any], *, field: str = "") -> None:
    try:
        read_shares(strata)
    except DrawError as error:
        raise DomainError(
            "；".join(one.message for one in error.problems), code="shares", field=field
        ) from error


@transaction.atomic
def plan_round(*, actor: Actor, year: CampaignYear, plan: RoundPlan, now: datetime) -> SpotCheckRound:
    """A round of the year; the batch is the next number. Raises YearClosed, DomainError at the field that is wrong."""
    require_round_keeper(actor)
    guard_round_year(actor, year.pk, now, "建立抽查批次")
    lock_name(f"spot check rounds:{year.pk}")
    rounds = SpotCheckRound.objects.filter(year=year).order_by("-batch")
    batch = (rounds.values_list("batch", flat=True).first() or 0) + 1
    columns = _columns(plan, DEFAULT_STRATA)
    columns["title"] = columns["title"] or round_title(year.pk, batch)
    made = SpotCheckRound.objects.create(
        year=year, batch=batch, created_at=now, created_by=actor.user, **columns
    )
    audit_round(actor, made, "建立抽查批次", now)
    return made


@transaction.atomic
def change_round(
    *, actor: Actor, held: SpotCheckRound, plan: RoundPlan, seen_revision: int, now: datetime
) -> SpotCheckRound:
    """Change the plan before the freezing. Raises ConflictError when it was changed or frozen since it was read."""
    require_round_keeper(actor)
    guard_round_year(actor, held.year_id, now, "修改抽查批次")
    columns = _columns(plan, held.strata)
    columns["title"] = columns["title"] or held.title
    return _save_planned(actor, held, columns, seen_revision, "修改抽查批次", now)


@transaction.atomic
def set_strata(
    *,
    actor: Actor,
    held: SpotCheckRound,
    strata: Mapping[str, Mapping[str, object]],
    seen_revision: int,
    now: datetime,
) -> SpotCheckRound:
    """Rates and minimums of single strata, by code; the default stays. Same refusals as change_round."""
    require_round_keeper(actor)
    guard_round_year(actor, held.year_id, now, "修改抽取比例")
    shares = {**{code: dict(one) for code, one in strata.items()}, "default": held.strata["default"]}
    require_shares(shares)
    return _save_planned(actor, held, {"strata": shares}, seen_revision, "修改抽取比例", now)


def _save_planned(
    actor: Actor, held: SpotCheckRound, columns: Mapping[str, Any], seen: int, action: str, now: datetime
) -> SpotCheckRound:
    changed = SpotCheckRound.objects.filter(pk=held.pk, state=RoundState.PLANNED, revision=seen).update(
        **columns, revision=seen + 1
    )
    if not changed:
        raise ConflictError("抽查批次已冻结，或在您打开之后被他人修改，未保存。请核对现在的内容后再改。")
    held.refresh_from_db()
    audit_round(actor, held, action, now)
    return held


@transaction.atomic
def close_round(*, actor: Actor, held: SpotCheckRound, now: datetime) -> SpotCheckRound:
    """归档, when every check is concluded or was skipped. Raises IllegalTransition, DomainError."""
    require_round_keeper(actor)
    held = lock_round(held.pk)
    if open_checks := SpotCheck.objects.filter(round=held).open().count():
        raise DomainError(f"还有 {open_checks} 项检查没有作出结论，作出结论后再归档。", code="open_checks")
    ROUND_WORKFLOW.apply(
        held, CLOSE_ROUND, role=actor.role, changes={"closed_at": now, "closed_by": actor.user}
    )
    audit_round(actor, held, "归档抽查批次", now, {"state": [RoundState.DRAWN, RoundState.CLOSED]})
    return held
