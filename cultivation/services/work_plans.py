"""工作方案: write, hand in, withdraw, take or give back (notice 三（二）2). One plan per district and year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from cultivation.enums import BackfillMatter, CorrectionArea, WorkPlanState
from cultivation.models import CampaignYear, WorkPlan
from cultivation.rules.work_plans import PART_KEYS, missing_parts
from cultivation.selectors.work_plans import questions_before_submit
from cultivation.services.backfill import check_backfill
from cultivation.services.closed_years import guard_years
from cultivation.workflows import WORK_PLAN_WORKFLOW
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import DISTRICT_ROLES, Level, Role
from zaozhuang_portal.accounts.models import Membership, Organization, User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date, start_of_day
from zaozhuang_portal.kernel.conflicts import changed_since, same_lines
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.operations.services.notifications import notify

PLAN_FIELDS = ("title", *PART_KEYS)
EDITABLE = frozenset({WorkPlanState.DRAFT, WorkPlanState.RETURNED})
# Characters of a reason.
SHORTEST_REASON = 5
LONGEST_REASON = 300


def _require_own(actor: Actor, organization_id: int) -> None:
    if actor.role not in DISTRICT_ROLES or actor.district is None or actor.district.pk != organization_id:
        raise NotAllowed("工作方案由本区（市）三方办公室和成员单位拟订。")


def plan_title(organization: Organization, year: int) -> str:
    return f"{organization.name}{year}年和谐劳动关系企业和园区、乡镇（街道）培育共同行动工作方案"


def filed_words(plan: WorkPlan) -> str:
    """Why a plan that was handed in cannot be written, and what opens it again."""
    return f"工作方案{plan.get_state_display()}，不能修改。如需修改，请先撤回或由市级退回。"


def _cleaned(values: Mapping[str, str]) -> dict[str, str]:
    cleaned = {key: same_lines(values.get(key) or "") for key in PLAN_FIELDS}
    if not cleaned["title"]:
        raise DomainError("请填写方案名称。", code="required", field="title")
    return cleaned


@transaction.atomic
def create_work_plan(
    *,
    actor: Actor,
    year: CampaignYear,
    values: Mapping[str, str],
    now: datetime,
    issued_on: date | None = None,
    source_document: str = "",
) -> WorkPlan:
    """Begin the district's plan of the year. With `issued_on` a past plan is back-filled (补录) as handed in that day.

    Back-filling is for years before the portal went into use, or with the city's consent; the city still has to receive
    what was entered. Raises DomainError when the year has a plan already, or a back-filled one names no source.
    """
    district = actor.district
    if district is None or district.level != Level.DISTRICT:
        raise NotAllowed("工作方案由本区（市）三方办公室和成员单位拟订。")
    _require_own(actor, district.pk)
    cleaned = _cleaned(values)
    filed: dict[str, object] = {}
    if issued_on is not None:
        consent = check_backfill(year=year, organization_id=district.pk, matter=BackfillMatter.WORK_PLAN)
        if consent is not None and issued_on != consent.paper_on:
            raise DomainError(
                f"市级同意补录的是 {consent.paper_on} 的纸质件，印发日期请填这一天；日期有误的请重新申请。",
                code="other_day",
                field="issued_on",
            )
        filed = _backfilled(actor, issued_on, source_document, now)
    try:
        with transaction.atomic():
            plan = WorkPlan.objects.create(
                organization=district,
                year=year,
                **cleaned,
                **filed,
                created_at=now,
                created_by=actor.user,
                updated_at=now,
                updated_by=actor.user,
            )
    except IntegrityError:
        raise DomainError(
            f"{district}{year}已有工作方案，请在原方案上修改。", code="duplicate", field="title"
        ) from None
    record_audit(
        actor=actor,
        at=now,
        action="补录工作方案" if filed else "拟订工作方案",
        kind="WorkPlan",
        object_id=plan.pk,
        label=plan.title,
        changes={"missing": [None, "、".join(part.name for part in missing_parts(cleaned))]},
        reason=plan.source_document,
    )
    return plan


def _backfilled(actor: Actor, issued_on: date, source_document: str, now: datetime) -> dict[str, object]:
    if not source_document.strip():
        raise DomainError(
            "补录请写明来源，如“2024年工作方案（纸质档案）”。", code="source", field="source_document"
        )
    if issued_on > shanghai_date(now):
        raise DomainError("印发日期晚于今天，请核对。", code="future", field="issued_on")
    return {
        "state": WorkPlanState.SUBMITTED,
        "first_submitted_at": start_of_day(issued_on),
        "submitted_at": start_of_day(issued_on),
        "submitted_by": actor.user,
        "issued_on": issued_on,
        "backfilled": True,
        "source_document": source_document.strip(),
    }


@transaction.atomic
def save_work_plan(
    *, actor: Actor, plan: WorkPlan, values: Mapping[str, str], expected_version: int, now: datetime
) -> WorkPlan:
    """Write the parts. Only a plan not handed in may change; ConflictError when somebody saved in the meantime.

    Signatures given before show 「会签后有修改」 from now on, because the version rises; their units get it to do again.
    """
    _require_own(actor, plan.organization_id)
    if plan.state not in EDITABLE:
        raise DomainError(filed_words(plan), code="filed")
    cleaned = _cleaned(values)
    before = {key: getattr(plan, key) for key in PLAN_FIELDS}
    changed = [key for key in PLAN_FIELDS if same_lines(before[key]) != cleaned[key]]
    if not changed and plan.version == expected_version:
        return plan
    updated = WorkPlan.objects.filter(
        pk=plan.pk, version=expected_version, state__in=EDITABLE, removed_at__isnull=True
    ).update(**cleaned, version=F("version") + 1, text_changed_at=now, updated_at=now, updated_by=actor.user)
    if not updated:
        by = WorkPlan.objects.values_list("updated_by_id", flat=True).get(pk=plan.pk)
        words = changed_since("方案", actor.user.pk, by)
        raise ConflictError(f"{words}，请对照下面的内容，核对后再次保存。")
    record_audit(
        actor=actor,
        at=now,
        action="修改工作方案",
        kind="WorkPlan",
        object_id=plan.pk,
        label=cleaned["title"],
        changes={key: _lengths(before[key], cleaned[key]) for key in changed},
    )
    plan.refresh_from_db()
    return plan


def _lengths(before: str, after: str) -> list[str]:
    """The timeline says how long a part was and is, and that its words changed where the length did not."""
    same = "，文字有改动" if len(before) == len(after) else ""
    return [f"{len(before)}字", f"{len(after)}字{same}"]


@transaction.atomic
def move_work_plan(
    *,
    actor: Actor,
    plan: WorkPlan,
    action: str,
    now: datetime,
    reason: str = "",
    due_on: date | None = None,
    accept_missing: bool = False,
    accept_unchanged: bool = False,
) -> WorkPlan:
    """One step of the workflow. `return_for_changes` needs a reason and may set `due_on`, the day to hand in again;
    handing in with missing parts, or a returned plan without any change, needs a second word.

    Raises NotAllowed, IllegalTransition, DomainError.
    """
    if actor.role in DISTRICT_ROLES:
        _require_own(actor, plan.organization_id)
    transition = WORK_PLAN_WORKFLOW.find(plan.state, action, actor.role)
    old = plan.get_state_display()
    changes: dict[str, object] = {"updated_at": now, "updated_by": actor.user}
    reason = reason.strip()
    if action == "submit":
        accepted = {"accept_missing": accept_missing, "accept_unchanged": accept_unchanged}
        for field, question in questions_before_submit(plan).items():
            if not accepted[field]:
                raise DomainError(question, code=field, field=field)
        changes |= {"submitted_at": now, "submitted_by": actor.user, "return_reason": ""}
        changes["first_submitted_at"] = plan.first_submitted_at or now
        changes["return_due_on"] = None
    elif action == "accept":
        changes |= {"decided_at": now, "decided_by": actor.user}
    elif action == "return_for_changes":
        if len(reason) < SHORTEST_REASON:
            raise DomainError(
                "请写明退回理由（至少5个字）：哪里需要改、怎样改。", code="reason", field="reason"
            )
        if len(reason) > LONGEST_REASON:
            raise DomainError(
                f"退回理由最多 {LONGEST_REASON} 个字，现有 {len(reason)} 个字，请删减。",
                code="reason_long",
                field="reason",
            )
        if due_on is not None and due_on < shanghai_date(now):
            raise DomainError(f"修改截止 {due_on} 早于今天，请核对。", code="past", field="due_on")
        if plan.state == WorkPlanState.ACCEPTED:
            guard_years(
                actor=actor,
                places=[(plan.year_id, plan.organization_id)],
                area=CorrectionArea.LEDGER,
                now=now,
                what=f"退回已接收的工作方案：{plan.title}",
            )
        changes |= {"decided_at": now, "decided_by": actor.user, "return_reason": reason}
        changes["return_due_on"] = due_on
    WORK_PLAN_WORKFLOW.apply(plan, action, role=actor.role, changes=changes)
    record_audit(
        actor=actor,
        at=now,
        action=f"{transition.label}工作方案",
        kind="WorkPlan",
        object_id=plan.pk,
        label=plan.title,
        changes={"state": [old, plan.get_state_display()]},
        reason=reason,
    )
    _tell(plan, action, reason, now)
    return plan


def _tell(plan: WorkPlan, action: str, reason: str, now: datetime) -> None:
    """The city office hears of a plan handed in, the district of what became of it."""
    words = {
        "submit": f"{plan.organization.name}报送了{plan.year}工作方案",
        "accept": f"市三方委员会办公室已接收{plan.year}工作方案",
        "return_for_changes": f"市三方委员会办公室退回{plan.year}工作方案，请修改",
    }
    if action not in words:
        return
    notify(
        users=_office_people(plan, action, shanghai_date(now)),
        title=words[action],
        body=f"{reason}（请于 {plan.return_due_on} 前改好重新报送）"
        if reason and plan.return_due_on
        else reason,
        url=reverse("cultivation:plan_detail", kwargs={"pk": plan.pk}),
        now=now,
        kind="WorkPlan",
        object_id=plan.pk,
    )


def _office_people(plan: WorkPlan, action: str, on: date) -> Iterable[User]:
    holders = Membership.objects.in_force(on).filter(user__is_active=True).select_related("user")
    if action == "submit":
        holders = holders.filter(role=Role.CITY_OFFICE)
    else:
        holders = holders.filter(role__in=DISTRICT_ROLES, organization_id=plan.organization_id)
    return [membership.user for membership in holders]


@transaction.atomic
def register_issue(
    *, actor: Actor, plan: WorkPlan, document_number: str, issued_on: date | None, now: datetime
) -> WorkPlan:
    """登记印发: number and day of the paper. The content stays as it is, so signatures stand."""
    _require_own(actor, plan.organization_id)
    if issued_on is not None and issued_on > shanghai_date(now):
        raise DomainError("印发日期晚于今天，请核对。", code="future", field="issued_on")
    before = [plan.document_number, plan.issued_on.isoformat() if plan.issued_on else ""]
    plan.document_number, plan.issued_on = document_number.strip(), issued_on
    plan.updated_at, plan.updated_by = now, actor.user
    plan.save(update_fields=["document_number", "issued_on", "updated_at", "updated_by"])
    record_audit(
        actor=actor,
        at=now,
        action="登记方案印发",
        kind="WorkPlan",
        object_id=plan.pk,
        label=plan.title,
        changes={
            "document_number": [before[0], plan.document_number],
            "issued_on": [before[1], issued_on.isoformat() if issued_on else ""],
        },
    )
    return plan
