"""区（市）核验 and 市级复核: what a reviewer says of each item (design §4); the ways of the whole are review_moves.

A reviewing layer is written only by its own role: DISTRICT while UNDER_REVIEW by the managing district, CITY (source
REVIEW) while VERIFIED by the city. 同意 writes an explicit copy of what stands below; the layer below is never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from evaluation.enums import AssessmentState, CitySource, Layer, Verdict
from evaluation.models import Answer, Assessment, Declaration, SectionLook
from evaluation.permissions import require_reviewer
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.lengths import MAX_REASON, MAX_VALUE
from evaluation.rules.problems import Problems
from evaluation.rules.reviews import REASON_CODES, declaration_problem, section_codes, section_of
from evaluation.rules.self_assessment import (
    StoredAnswer,
    fit_inputs,
    highest_entered,
    normalize_number,
    read_stored,
)
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import LayerRows, load_layers
from evaluation.selectors.looks import looks_of, review_token
from evaluation.selectors.reviews import LAYERS_BELOW, unjudged_codes
from evaluation.services.declarations import declarable
from evaluation.services.saving import lock_assessment, long_entries
from evaluation.services.score_sheets import write_sheets
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition
from zaozhuang_portal.kernel.lengths import too_long


@dataclass(frozen=True)
class ItemVerdict:
    """What a reviewer says of one indicator. With AGREED the inputs are copied from below and ignored here.

    `revision` is the one the page was drawn with, 0 when this layer had no row yet; `seen` names the review it was
    drawn in (selectors.looks.review_token), blank for whoever judges without a page.
    """

    indicator: str
    verdict: str
    inputs: Sequence[object] = ()
    not_applicable: bool = False
    not_applicable_reason: str = ""
    reason_code: str = ""
    reason: str = ""
    revision: int = 0
    seen: str = ""


@dataclass(frozen=True)
class DeclarationVerdict:
    code: str
    verdict: str
    value: str = ""
    reason_code: str = ""
    reason: str = ""
    revision: int = 0
    seen: str = ""


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


def open_layer(actor: Actor, assessment: Assessment) -> OpenReview:
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
    if refused := too_long("理由和依据", reason.strip(), MAX_REASON):
        raise DomainError(refused, code="reason_too_long", field=field)


def _refuse_found_on_site(row: Answer | Declaration | None, code: str) -> None:
    """What a spot check's conclusion wrote is not judged away."""
    if row is not None and row.source == CitySource.SPOT_CHECK:
        raise IllegalTransition(f"{code} 由抽查结论写入市级层，不能再改。")


def _clash(row: Answer | Declaration | None, revision: int) -> None:
    if (row.revision if row else 0) != revision:
        raise ConflictError(
            "这一项刚刚由同事核过。您选的内容仍在页面上，请核对最新意见后再保存。", code="stale_revision"
        )


def _require_seen(opened: OpenReview, seen: str) -> None:
    if seen and seen != review_token(opened.assessment, opened.layer):
        raise ConflictError(
            "打开本页之后，这份自评退回修改过，作答可能已经不同。请看过现在的作答后再保存。",
            code="stale_page",
        )


@transaction.atomic
def look_at_section(*, actor: Actor, assessment: Assessment, section: str, now: datetime) -> None:
    """The reviewer has opened a section. Only then may what is left of it be agreed to in one go.

    Judging one of its items is a look at the section too.
    """
    opened = open_layer(actor, assessment)
    if section not in section_codes(opened.definition):
        raise DomainError("没有这一部分，请刷新页面。", code="unknown_section")
    _note_look(opened, section, actor, now)


def _note_look(opened: OpenReview, section: str, actor: Actor, now: datetime) -> None:
    SectionLook.objects.bulk_create(
        [
            SectionLook(
                assessment=opened.assessment,
                layer=opened.layer,
                section=section,
                user=actor.user,
                looked_at=now,
            )
        ],
        update_conflicts=True,
        unique_fields=["assessment", "layer", "section", "user"],
        update_fields=["looked_at"],
    )


@transaction.atomic
def judge_item(*, actor: Actor, assessment: Assessment, verdict: ItemVerdict, now: datetime) -> Answer:
    """Write one item of the reviewing layer. A change needs a reason code and words, and numbers that can be read.

    Raises DomainError (field = the indicator), ConflictError when a colleague judged it meanwhile.
    """
    opened = open_layer(actor, assessment)
    indicator = opened.definition.indicator(verdict.indicator)
    if indicator is None:
        raise DomainError("没有这一指标，请刷新页面。", code="unknown_indicator", field=verdict.indicator)
    _check_reason(verdict.verdict, verdict.reason_code, verdict.reason, indicator.code)
    row = opened.rows.answers_of(opened.layer).get(indicator.code)
    _refuse_found_on_site(row, indicator.code)
    _require_seen(opened, verdict.seen)
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
        if long := long_entries(indicator, stored.inputs, stored.not_applicable_reason):
            raise DomainError(next(iter(long.values())), code="too_long", field=indicator.code)
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
    _note_look(opened, section_of(opened.definition, indicator.code), actor, now)
    opened.rows.answers.setdefault(opened.layer, {})[indicator.code] = written
    _finish(opened, now)
    return written


@transaction.atomic
def judge_declaration(
    *, actor: Actor, assessment: Assessment, verdict: DeclarationVerdict, now: datetime
) -> Declaration:
    """The same for a veto (YES / NO), a deduction or a survey value."""
    opened = open_layer(actor, assessment)
    known = declarable(opened.definition)
    if verdict.code not in known:
        raise DomainError("没有这一申报事项，请刷新页面。", code="unknown_code", field=verdict.code)
    kind, _ = known[verdict.code]
    _check_reason(verdict.verdict, verdict.reason_code, verdict.reason, verdict.code)
    row = opened.rows.declarations_of(opened.layer).get(verdict.code)
    _refuse_found_on_site(row, verdict.code)
    _require_seen(opened, verdict.seen)
    _clash(row, verdict.revision)
    below = opened.declarations_below.get(verdict.code)
    value = below.value if below else ""
    if verdict.verdict == Verdict.CHANGED:
        if refused := too_long(verdict.code, verdict.value.strip(), MAX_VALUE):
            raise DomainError(refused, code="unreadable", field=verdict.code)
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
    _note_look(opened, section_of(opened.definition, verdict.code), actor, now)
    opened.rows.declarations.setdefault(opened.layer, {})[verdict.code] = written
    _finish(opened, now)
    return written


@transaction.atomic
def agree_remaining(
    *, actor: Actor, assessment: Assessment, codes: Collection[str], seen: str, now: datetime
) -> int:
    """同意 for those of `codes` not judged yet: what the page showed, in sections this reviewer has opened.

    `seen` names the review the page was drawn in. Statements: constant. Raises ConflictError for a page of an
    earlier review, DomainError (not_looked) naming sections that were not opened; then nothing is written.
    """
    opened = open_layer(actor, assessment)
    _require_seen(opened, seen or "none")
    open_codes = unjudged_codes(opened.definition, opened.rows, opened.layer) & set(codes)
    sections = {section_of(opened.definition, code) for code in open_codes}
    looked = looks_of(opened.assessment, opened.layer, actor.user.pk).values_list("section", flat=True)
    unread = sections - set(looked)
    if unread:
        raise DomainError(
            f"有 {len(unread)} 个部分您还没有打开看过，不能一并同意。请打开后逐项查看。", code="not_looked"
        )
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
