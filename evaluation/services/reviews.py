"""区（市）核验 and 市级复核: open, judge item by item, return, verify, confirm (design §4).

A reviewing layer is written only by its own role: DISTRICT while UNDER_REVIEW by the managing district, CITY (source
REVIEW) while VERIFIED by the city. 同意 writes an explicit copy of what stands below; the layer below is never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from evaluation import workflows
from evaluation.enums import AssessmentState, CitySource, Layer, Verdict
from evaluation.models import Answer, Assessment, Declaration, ReturnedItem, ReturnRound
from evaluation.permissions import require_reviewer
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.problems import Problems
from evaluation.rules.reviews import REASON_CODES, declaration_problem
from evaluation.rules.self_assessment import (
    StoredAnswer,
    fit_inputs,
    highest_entered,
    normalize_number,
    read_stored,
)
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import LayerRows, load_layers
from evaluation.selectors.reviews import LAYERS_BELOW, unjudged_codes
from evaluation.services.declarations import declarable
from evaluation.services.saving import lock_assessment
from evaluation.services.score_sheets import write_sheets
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition
from zaozhuang_portal.operations.services.notifications import notify

MINIMUM_COMMENT = 5


@dataclass(frozen=True)
class ItemVerdict:
    """What a reviewer says of one indicator. With AGREED the inputs are copied from below and ignored here.

    `revision` is the one the page was drawn with, 0 when this layer had no row yet.
    """

    indicator: str
    verdict: str
    inputs: Sequence[object] = ()
    not_applicable: bool = False
    not_applicable_reason: str = ""
    reason_code: str = ""
    reason: str = ""
    revision: int = 0


@dataclass(frozen=True)
class DeclarationVerdict:
    code: str
    verdict: str
    value: str = ""
    reason_code: str = ""
    reason: str = ""
    revision: int = 0


@dataclass(frozen=True)
class OpenReview:
    """A locked assessment whose reviewing layer this actor may write now."""

    assessment: Assessment
    definition: IndicatorSetDefinition
    layer: str
    rows: LayerRows

    @property
    def answers_below(self) -> Mapping[str, Answer]:
        return highest_entered(self.rows.answers_of(layer) for layer in LAYERS_BELOW[self.layer])

    @property
    def declarations_below(self) -> Mapping[str, Declaration]:
        return highest_entered(self.rows.declarations_of(layer) for layer in LAYERS_BELOW[self.layer])

    @property
    def source(self) -> str:
        return CitySource.REVIEW if self.layer == Layer.CITY else ""


def _open(actor: Actor, assessment: Assessment) -> OpenReview:
    """Lock the row and decide the layer. Raises NotAllowed or IllegalTransition."""
    locked = lock_assessment(assessment.pk)
    layer = require_reviewer(actor, locked)
    wanted = AssessmentState.UNDER_REVIEW if layer == Layer.DISTRICT else AssessmentState.VERIFIED
    if locked.state != wanted:
        raise IllegalTransition(
            f"自评当前为“{AssessmentState(locked.state).label}”，不能填写{Layer(layer).label}意见。请刷新页面。"
        )
    if layer == Layer.CITY and locked.city_opened_at is None:
        raise IllegalTransition("请先点“开始复核”，再填写市级意见。")
    return OpenReview(locked, definition_of(locked.indicator_set), layer, load_layers(locked))


def _check_reason(verdict: str, reason_code: str, reason: str, field: str) -> None:
    if verdict not in Verdict.values:
        raise DomainError("请选择“同意”或“调整”。", code="verdict_required", field=field)
    if verdict != Verdict.CHANGED:
        return
    if reason_code not in REASON_CODES:
        raise DomainError("请选择调整的理由类别。", code="reason_code_required", field=field)
    if len(reason.strip()) < 2:
        raise DomainError("请写明调整的理由和依据，企业会看到。", code="reason_required", field=field)


def _clash(row: Answer | Declaration | None, revision: int) -> None:
    if (row.revision if row else 0) != revision:
        raise ConflictError(
            "这一项刚刚由同事核过。您选的内容仍在页面上，请核对最新意见后再保存。", code="stale_revision"
        )


@transaction.atomic
def judge_item(*, actor: Actor, assessment: Assessment, verdict: ItemVerdict, now: datetime) -> Answer:
    """Write one item of the reviewing layer. A change needs a reason code and words, and numbers that can be read.

    Raises DomainError (field = the indicator), ConflictError when a colleague judged it meanwhile.
    """
    opened = _open(actor, assessment)
    indicator = opened.definition.indicator(verdict.indicator)
    if indicator is None:
        raise DomainError("没有这一指标，请刷新页面。", code="unknown_indicator", field=verdict.indicator)
    _check_reason(verdict.verdict, verdict.reason_code, verdict.reason, indicator.code)
    row = opened.rows.answers_of(opened.layer).get(indicator.code)
    _clash(row, verdict.revision)
    below = opened.answers_below.get(indicator.code)
    if verdict.verdict == Verdict.AGREED:
        values = _copy_of(below)
    else:
        stored = StoredAnswer(
            fit_inputs(indicator, verdict.inputs),
            verdict.not_applicable,
            verdict.not_applicable_reason.strip(),
        )
        problems = Problems()
        read_stored(indicator, stored, problems)
        if len(problems):
            raise DomainError(problems.as_tuple()[0].message, code="unreadable", field=indicator.code)
        if stored.is_blank and indicator.parts_by_hand:
            raise DomainError(
                "请填写核实后的内容；与自评一致的请选“同意”。", code="blank", field=indicator.code
            )
        values = {
            "inputs": list(stored.inputs),
            "not_applicable": stored.not_applicable,
            "not_applicable_reason": stored.not_applicable_reason,
        }
        if below is not None and all(getattr(below, name) == value for name, value in values.items()):
            raise DomainError("核实内容与原内容相同，请选“同意”。", code="unchanged", field=indicator.code)
    written = Answer(
        assessment=opened.assessment,
        layer=opened.layer,
        indicator=indicator.code,
        words=below.words if below else "",
        **values,
        **_review_fields(opened, verdict.verdict, verdict.reason_code, verdict.reason, row, actor, now),
    )
    _save(Answer, [written], "indicator")
    opened.rows.answers.setdefault(opened.layer, {})[indicator.code] = written
    _finish(opened, now)
    return written


@transaction.atomic
def judge_declaration(
    *, actor: Actor, assessment: Assessment, verdict: DeclarationVerdict, now: datetime
) -> Declaration:
    """The same for a veto (YES / NO), a deduction or a survey value."""
    opened = _open(actor, assessment)
    known = declarable(opened.definition)
    if verdict.code not in known:
        raise DomainError("没有这一申报事项，请刷新页面。", code="unknown_code", field=verdict.code)
    kind, _ = known[verdict.code]
    _check_reason(verdict.verdict, verdict.reason_code, verdict.reason, verdict.code)
    row = opened.rows.declarations_of(opened.layer).get(verdict.code)
    _clash(row, verdict.revision)
    below = opened.declarations_below.get(verdict.code)
    value = below.value if below else ""
    if verdict.verdict == Verdict.CHANGED:
        changed = str(normalize_number(verdict.value.strip()) or verdict.value.strip())
        problem = declaration_problem(opened.definition, verdict.code, changed)
        if problem:
            raise DomainError(problem, code="unreadable", field=verdict.code)
        if changed == value:
            raise DomainError("核实内容与原内容相同，请选“同意”。", code="unchanged", field=verdict.code)
        value = changed
    written = Declaration(
        assessment=opened.assessment,
        layer=opened.layer,
        code=verdict.code,
        kind=kind,
        value=value,
        words=below.words if below else "",
        **_review_fields(opened, verdict.verdict, verdict.reason_code, verdict.reason, row, actor, now),
    )
    _save(Declaration, [written], "code")
    opened.rows.declarations.setdefault(opened.layer, {})[verdict.code] = written
    _finish(opened, now)
    return written


@transaction.atomic
def agree_remaining(*, actor: Actor, assessment: Assessment, codes: Collection[str], now: datetime) -> int:
    """同意 for those of `codes` (indicators or declarations of one page) not judged yet. Statements: constant."""
    opened = _open(actor, assessment)
    open_codes = unjudged_codes(opened.definition, opened.rows, opened.layer) & set(codes)
    answers, declarations = [], []
    known = declarable(opened.definition)
    for code in sorted(open_codes):
        fields = _review_fields(opened, Verdict.AGREED, "", "", None, actor, now)
        if code in known:
            below = opened.declarations_below.get(code)
            declarations.append(
                Declaration(
                    assessment=opened.assessment,
                    layer=opened.layer,
                    code=code,
                    kind=known[code][0],
                    value=below.value if below else "",
                    words=below.words if below else "",
                    **fields,
                )
            )
        else:
            answer = opened.answers_below.get(code)
            answers.append(
                Answer(
                    assessment=opened.assessment,
                    layer=opened.layer,
                    indicator=code,
                    words=answer.words if answer else "",
                    **_copy_of(answer),
                    **fields,
                )
            )
    _save(Answer, answers, "indicator")
    _save(Declaration, declarations, "code")
    opened.rows.answers.setdefault(opened.layer, {}).update({row.indicator: row for row in answers})
    opened.rows.declarations.setdefault(opened.layer, {}).update({row.code: row for row in declarations})
    if open_codes:
        _finish(opened, now)
    return len(open_codes)


def _copy_of(below: Answer | None) -> dict[str, Any]:
    return {
        "inputs": list(below.inputs) if below else [],
        "not_applicable": bool(below and below.not_applicable),
        "not_applicable_reason": below.not_applicable_reason if below else "",
    }


def _review_fields(
    opened: OpenReview,
    verdict: str,
    reason_code: str,
    reason: str,
    row: Answer | Declaration | None,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    changed = verdict == Verdict.CHANGED
    return {
        "source": opened.source,
        "verdict": verdict,
        "reason_code": reason_code if changed else "",
        "reason": reason.strip() if changed else "",
        "revision": (row.revision if row else 0) + 1,
        "updated_at": now,
        "updated_by": actor.user,
    }


def _save(model: type[Answer] | type[Declaration], rows: list[Any], code_field: str) -> None:
    keys = {"id", "assessment", "layer", code_field}
    model.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["assessment", "layer", code_field],
        update_fields=[f.name for f in model._meta.concrete_fields if f.name not in keys],
    )


def _finish(opened: OpenReview, now: datetime) -> None:
    write_sheets(
        assessment=opened.assessment,
        layers=[opened.layer, Layer.EFFECTIVE],
        definition=opened.definition,
        rows=opened.rows,
        now=now,
    )
    Assessment.objects.filter(pk=opened.assessment.pk).update(updated_at=now)


# --- the way of the assessment --------------------------------------------------------------------------------------


def _move(
    actor: Actor, locked: Assessment, action: str, now: datetime, changes: dict[str, Any], reason: str = ""
) -> None:
    old = locked.state
    transition = workflows.ASSESSMENT_WORKFLOW.apply(
        locked, action, role=actor.role, changes={**changes, "updated_at": now}
    )
    record_audit(
        actor=actor,
        at=now,
        action=transition.label,
        kind="Assessment",
        object_id=locked.pk,
        label=str(locked),
        changes={"state": [old, locked.state]},
        reason=reason,
    )


@transaction.atomic
def open_review(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """开始核验: from now on the subject cannot withdraw. The open return round, if any, is closed."""
    locked = lock_assessment(assessment.pk)
    require_reviewer(actor, locked)
    _move(
        actor,
        locked,
        workflows.OPEN_REVIEW,
        now,
        {"review_opened_at": now, "review_opened_by": actor.user},
    )
    ReturnRound.objects.filter(assessment=locked, closed_at__isnull=True).update(closed_at=now)
    return locked


@transaction.atomic
def return_for_changes(
    *,
    actor: Actor,
    assessment: Assessment,
    comment: str,
    items: Mapping[str, str],
    due_on: date,
    now: datetime,
) -> ReturnRound:
    """退回修改, all defects at once (一次性告知): only the named items are unlocked, each with its comment.

    The district's judgement of those items is dropped: they are judged anew. Due date today or later.
    """
    opened = _open(actor, assessment)
    locked = opened.assessment
    workflows.ASSESSMENT_WORKFLOW.find(locked.state, workflows.RETURN_FOR_CHANGES, actor.role)
    if len(comment.strip()) < MINIMUM_COMMENT:
        raise DomainError("请写明退回意见（至少5个字）。", code="comment_required", field="comment")
    if not items:
        raise DomainError("请至少选择一个需要修改的事项。", code="items_required", field="items")
    codes = {item.code for item in opened.definition.indicators} | set(declarable(opened.definition))
    unknown = sorted(set(items) - codes)
    if unknown:
        raise DomainError(
            f"没有这些事项：{'、'.join(unknown)}，请刷新页面。", code="unknown_code", field="items"
        )
    blank = sorted(code for code, text in items.items() if not text.strip())
    if blank:
        raise DomainError(
            f"请写明 {'、'.join(blank)} 哪里需要修改。",
            code="item_comment_required",
            field=f"comment-{blank[0]}",
        )
    if due_on < shanghai_date(now):
        raise DomainError("修改截止日不能早于今天。", code="due_on", field="due_on")
    number = ReturnRound.objects.filter(assessment=locked).count() + 1
    round_ = ReturnRound.objects.create(
        assessment=locked,
        number=number,
        returned_at=now,
        returned_by=actor.user,
        comment=comment.strip(),
        due_on=due_on,
    )
    ReturnedItem.objects.bulk_create(
        [
            ReturnedItem(
                round=round_, indicator=code, comment=text.strip(), before=opened.rows.self_content(code)
            )
            for code, text in sorted(items.items())
        ]
    )
    Answer.objects.filter(assessment=locked, layer=Layer.DISTRICT, indicator__in=items).delete()
    Declaration.objects.filter(assessment=locked, layer=Layer.DISTRICT, code__in=items).delete()
    write_sheets(
        assessment=locked,
        layers=[Layer.DISTRICT, Layer.EFFECTIVE],
        definition=opened.definition,
        rows=load_layers(locked),
        now=now,
    )
    _move(actor, locked, workflows.RETURN_FOR_CHANGES, now, {}, comment.strip())
    _tell_contacts(locked, f"自评被退回修改（{len(items)} 项）", comment.strip(), now)
    return round_


@transaction.atomic
def verify(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """完成核验: every item and declaration judged. Raises DomainError with how many are left."""
    opened = _open(actor, assessment)
    locked = opened.assessment
    workflows.ASSESSMENT_WORKFLOW.find(locked.state, workflows.VERIFY, actor.role)
    left = unjudged_codes(opened.definition, opened.rows, Layer.DISTRICT)
    if left:
        named = "、".join(sorted(left)[:5]) + ("等" if len(left) > 5 else "")
        raise DomainError(f"还有 {len(left)} 项未核验（{named}），全部核验后才能完成。", code="items_left")
    _move(actor, locked, workflows.VERIFY, now, {"verified_at": now, "verified_by": actor.user})
    _tell_contacts(locked, "自评已由区（市）核验", "可在“自评结果”中查看自评与核实的差异。", now)
    return locked


@transaction.atomic
def recall(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """取回: back under review, until the city opened it."""
    locked = lock_assessment(assessment.pk)
    require_reviewer(actor, locked)
    workflows.ASSESSMENT_WORKFLOW.find(locked.state, workflows.RECALL, actor.role)
    if locked.city_opened_at is not None:
        raise IllegalTransition("市级已开始复核，不能取回。如需修改，请联系市三方委员会办公室退回。")
    _move(actor, locked, workflows.RECALL, now, {"verified_at": None, "verified_by": None})
    return locked


@transaction.atomic
def open_city_review(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """开始复核: from now on the district cannot recall."""
    locked = lock_assessment(assessment.pk)
    if require_reviewer(actor, locked) != Layer.CITY or locked.state != AssessmentState.VERIFIED:
        raise IllegalTransition("只有区（市）已核验的自评可以开始市级复核。")
    Assessment.objects.filter(pk=locked.pk, city_opened_at__isnull=True).update(city_opened_at=now)
    locked.refresh_from_db(fields=["city_opened_at"])
    record_audit(
        actor=actor, at=now, action="开始市级复核", kind="Assessment", object_id=locked.pk, label=str(locked)
    )
    return locked


@transaction.atomic
def send_back(*, actor: Actor, assessment: Assessment, reason: str, now: datetime) -> Assessment:
    """退回区（市）, with a reason of at least five characters. What the city entered is dropped."""
    locked = lock_assessment(assessment.pk)
    require_reviewer(actor, locked)
    workflows.ASSESSMENT_WORKFLOW.find(locked.state, workflows.SEND_BACK, actor.role)
    if len(reason.strip()) < MINIMUM_COMMENT:
        raise DomainError("请写明退回区（市）的理由（至少5个字）。", code="reason_required", field="reason")
    Answer.objects.filter(assessment=locked, layer=Layer.CITY).delete()
    Declaration.objects.filter(assessment=locked, layer=Layer.CITY).delete()
    changes = {"verified_at": None, "verified_by": None, "city_opened_at": None}
    _move(actor, locked, workflows.SEND_BACK, now, changes, reason.strip())
    write_sheets(
        assessment=locked,
        layers=[Layer.CITY, Layer.EFFECTIVE],
        definition=definition_of(locked.indicator_set),
        rows=load_layers(locked),
        now=now,
    )
    return locked


@transaction.atomic
def confirm(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """市级确认. The EFFECTIVE sheet is what lists and titles are fed from."""
    locked = lock_assessment(assessment.pk)
    require_reviewer(actor, locked)
    workflows.ASSESSMENT_WORKFLOW.find(locked.state, workflows.CONFIRM, actor.role)
    changes: dict[str, Any] = {"confirmed_at": now, "confirmed_by": actor.user}
    if locked.city_opened_at is None:
        changes["city_opened_at"] = now
    _move(actor, locked, workflows.CONFIRM, now, changes)
    return locked


@transaction.atomic
def archive(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """归档 of a confirmed assessment, by the city."""
    locked = lock_assessment(assessment.pk)
    require_reviewer(actor, locked)
    _move(actor, locked, workflows.ARCHIVE, now, {"archived_at": now})
    return locked


def _tell_contacts(assessment: Assessment, title: str, body: str, now: datetime) -> None:
    people = User.objects.filter(
        is_active=True, subject_contacts__in=assessment.subject.contacts.in_force(shanghai_date(now))
    ).distinct()
    notify(
        users=people,
        title=f"{assessment.subject.name}：{title}",
        body=body,
        url=f"/a/{assessment.pk}/",
        now=now,
        kind="Assessment",
        object_id=assessment.pk,
    )
