"""Explaining doubts, committing, handing in, taking back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from evaluation import workflows
from evaluation.enums import AssessmentState, Layer
from evaluation.models import Assessment, Explanation, ReturnRound
from evaluation.permissions import require_self_entry
from evaluation.rules.displayed_scores import displayed
from evaluation.rules.field_merging import Shown, merge_fields
from evaluation.rules.lengths import MAX_EXPLANATION
from evaluation.selectors.checks import check_before_submit
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import load_layers
from evaluation.selectors.self_due import days_late
from evaluation.services.saving import WordsTooLong, lock_assessment
from evaluation.services.score_sheets import write_sheets
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.conflicts import same_lines
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import too_long
from zaozhuang_portal.operations.services.notifications import notify


@dataclass
class ExplainOutcome:
    """`texts`: the words on every open doubt as they now stand; `taken`: filled by somebody else meanwhile; `clashes`:
    changed on both sides, the row of the stored words."""

    texts: dict[str, str]
    taken: tuple[str, ...] = ()
    clashes: dict[str, Explanation] = field(default_factory=dict)


@transaction.atomic
def explain(
    *,
    actor: Actor,
    assessment: Assessment,
    texts: dict[str, str],
    now: datetime,
    shown: Shown | None = None,
) -> ExplainOutcome:
    """Keep the words on doubts (doubt code → text), as typed. Unknown codes and empty texts drop the row.

    `shown` (code → what the page had shown) merges two devices by doubt; without it what is sent stands.
    Raises WordsTooLong (nothing kept) for all that is too long.
    """
    locked = lock_assessment(assessment.pk)
    require_self_entry(actor, locked)
    if not locked.is_open:
        raise DomainError("自评已提交，不能再补充说明。", code="locked")
    known = {doubt.code for doubt in check_before_submit(locked, now=now).result.doubts}
    rows = {
        row.code: row for row in Explanation.objects.filter(assessment=locked).select_related("updated_by")
    }
    mine = {code: same_lines(text) for code, text in texts.items() if code in known}
    found = {f"explain.{code}": too_long("说明", text, MAX_EXPLANATION) for code, text in mine.items()}
    if long := {name: words for name, words in found.items() if words}:
        raise WordsTooLong(long)
    stored = {code: same_lines(rows[code].text) if code in rows else "" for code in mine}
    merge = merge_fields(
        mine, stored, shown if shown is not None else {code: (stored[code],) for code in mine}
    )
    changed = {code: str(text) for code, text in merge.values.items() if text != stored[code]}
    gone = [code for code in texts if code not in known] + [
        code for code, text in changed.items() if not text
    ]
    Explanation.objects.filter(assessment=locked, code__in=gone).delete()
    Explanation.objects.bulk_create(
        [
            Explanation(assessment=locked, code=code, text=text, updated_at=now, updated_by=actor.user)
            for code, text in changed.items()
            if text
        ],
        update_conflicts=True,
        unique_fields=["assessment", "code"],
        update_fields=["text", "updated_at", "updated_by"],
    )
    blank = Explanation(assessment=locked, text="")
    return ExplainOutcome(
        {code: str(text) for code, text in merge.values.items()},
        merge.taken,
        {code: rows.get(code, blank) for code in merge.clashes},
    )


@transaction.atomic
def submit(
    *,
    actor: Actor,
    assessment: Assessment,
    signer_name: str,
    signer_post: str,
    committed: bool,
    now: datetime,
) -> Assessment:
    """Hand in with the commitment (承诺). Raises DomainError for anything left to mend or to explain.

    Exactly one of two racing submissions wins. The receipt number is given once and stays.
    """
    locked = lock_assessment(assessment.pk)
    role = require_self_entry(actor, locked)
    workflows.ASSESSMENT_WORKFLOW.find(locked.state, workflows.SUBMIT, role)
    _require_way(locked)
    check = check_before_submit(locked, now=now)
    if check.result.errors:
        raise DomainError(f"还有 {len(check.result.errors)} 处必须修改，改好后才能提交。", code="errors_left")
    open_doubts = check.result.unexplained(check.explanations)
    if open_doubts:
        raise DomainError(f"还有 {len(open_doubts)} 处需要说明，写明后才能提交。", code="doubts_left")
    _require_signature(signer_name, signer_post, committed)
    previous = locked.state
    workflows.ASSESSMENT_WORKFLOW.apply(
        locked,
        workflows.SUBMIT,
        role=role,
        changes={
            "receipt_number": locked.receipt_number or receipt_number(locked),
            "signer_name": signer_name.strip(),
            "signer_post": signer_post.strip(),
            "commitment_at": now,
            "submitted_at": now,
            "submitted_by_id": actor.user.pk,
            "first_submitted_at": _first_submitted_at(locked, now),
            "review_opened_at": None,
            "review_opened_by_id": None,
            "updated_at": now,
        },
    )
    ReturnRound.objects.filter(assessment=locked, closed_at__isnull=True).update(answered_at=now)
    definition = definition_of(locked.indicator_set)
    sheets = write_sheets(
        assessment=locked,
        layers=[Layer.SELF, Layer.EFFECTIVE],
        definition=definition,
        rows=load_layers(locked),
        now=now,
    )
    result = sheets[Layer.SELF].result
    record_audit(
        actor=actor,
        at=now,
        action="提交自评",
        kind="Assessment",
        object_id=locked.pk,
        label=str(locked),
        changes={
            "state": [previous, locked.state],
            "receipt_number": ["", locked.receipt_number],
            "self_score": [None, displayed(result, definition.total_score).text],
            "qualification": [None, result.qualification],
            "late": [None, days_late(locked, now) > 0],
        },
    )
    _tell_district(locked, now)
    return locked


def _first_submitted_at(assessment: Assessment, now: datetime) -> datetime:
    """What the subject took back itself, before anybody had opened it, does not count as the first."""
    given_back = ReturnRound.objects.filter(assessment=assessment).exists()
    return assessment.first_submitted_at if given_back and assessment.first_submitted_at else now


def _require_way(assessment: Assessment) -> None:
    """From DRAFT only where no adoption is required; the check itself sees to a recorded adoption."""
    if (
        assessment.state == AssessmentState.DRAFT
        and definition_of(assessment.indicator_set).requires_adoption
    ):
        raise DomainError("请先定稿，经职工（代表）大会审议并登记后再提交。", code="adoption_required")


def _require_signature(name: str, post: str, committed: bool) -> None:
    if not name.strip():
        raise DomainError(
            "请填写承诺人姓名（法定代表人或主要负责人）。", code="signer_required", field="signer_name"
        )
    if not post.strip():
        raise DomainError("请填写承诺人职务。", code="post_required", field="signer_post")
    if not committed:
        raise DomainError("请阅读并勾选承诺，再提交。", code="commitment_required", field="committed")


def receipt_number(assessment: Assessment) -> str:
    """受理编号: year, code of the district, running number, e.g. HX2026-370481-000012."""
    return f"HX{assessment.year_id}-{assessment.organization.code}-{assessment.pk:06d}"


def _tell_district(assessment: Assessment, now: datetime) -> None:
    people = User.objects.filter(
        is_active=True,
        memberships__in=assessment.organization.memberships.in_force(shanghai_date(now)).filter(
            role=Role.DISTRICT_OFFICE
        ),
    ).distinct()
    notify(
        users=people,
        url=reverse("evaluation:review_detail", args=[assessment.pk]),
        title=f"收到自评：{assessment.subject.name}（{assessment.receipt_number}）",
        now=now,
        kind="Assessment",
        object_id=assessment.pk,
    )


@transaction.atomic
def withdraw(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """Take back what nobody has opened yet. An open return round keeps its locks; the receipt number stays."""
    locked = lock_assessment(assessment.pk)
    role = require_self_entry(actor, locked)
    workflows.ASSESSMENT_WORKFLOW.apply(
        locked,
        workflows.WITHDRAW,
        role=role,
        changes={"submitted_at": None, "submitted_by_id": None, "updated_at": now},
    )
    ReturnRound.objects.filter(assessment=locked, closed_at__isnull=True).update(answered_at=None)
    record_audit(
        actor=actor,
        at=now,
        action="撤回自评",
        kind="Assessment",
        object_id=locked.pk,
        label=str(locked),
        changes={"state": [AssessmentState.SUBMITTED, locked.state]},
    )
    return locked
