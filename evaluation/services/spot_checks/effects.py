"""What a conclusion does to the assessment: CITY rows of source SPOT_CHECK, and the derived sheets (design §4, §4a)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evaluation.enums import AssessmentState, CitySource, DeclarationKind, Judgement, Layer, LineKind, Verdict
from evaluation.models import Answer, Assessment, CheckLine, Declaration, ScoreSheet, SpotCheck
from evaluation.rules.lengths import MAX_REASON
from evaluation.rules.self_assessment import YES, highest_entered
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import load_layers
from evaluation.services.saving import lock_assessment
from evaluation.services.score_sheets import write_sheets
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.lengths import shortened

# Only on what the district has finished verifying; else the values stay on the check.
WRITABLE = frozenset({AssessmentState.VERIFIED, AssessmentState.CONFIRMED, AssessmentState.ARCHIVED})
_TAKEN = {Judgement.MET, Judgement.NOT_MET}
_CONTENT = ("inputs", "not_applicable", "not_applicable_reason")


@dataclass(frozen=True)
class Effect:
    """结果 (Qualification) of the assessment before and after."""

    before: str
    after: str


def write_to_assessment(*, actor: Actor, check: SpotCheck, now: datetime) -> Effect | None:
    """Put the items judged on site, and the vetoes found, into the CITY layer; None when nothing was written.

    Call inside the transaction of the conclusion. A 符合 without a value copies what stands below; a value replaces it,
    with what was seen as the reason. A row of a 复核 is replaced, its values stay in the audit entry.
    """
    if check.assessment_id is None:
        return None
    assessment = lock_assessment(check.assessment_id)
    if assessment.state not in WRITABLE:
        return None
    lines = list(check.lines.filter(kind=LineKind.INDICATOR, judgement__in=_TAKEN))
    layers = load_layers(assessment)
    below = highest_entered(layers.answers_of(layer) for layer in (Layer.SELF, Layer.DISTRICT))
    former = dict(layers.answers_of(Layer.CITY))
    definition = definition_of(assessment.indicator_set)
    written = []
    for line in lines:
        item = definition.indicator(line.code)
        if item is None:
            continue
        content = _content(line, below.get(line.code))
        if content is not None:
            written.append(
                _row(actor, assessment, line, content, below.get(line.code), former.get(line.code), now)
            )
    lower = highest_entered(layers.declarations_of(layer) for layer in (Layer.SELF, Layer.DISTRICT))
    reviewed = dict(layers.declarations_of(Layer.CITY))
    names = {veto.code: veto.name for veto in definition.vetoes}
    declared = [
        _veto(actor, assessment, code, lower.get(code), reviewed.get(code), check, now)
        for code, _ in check.vetoes
        if code in names
    ]
    if not written and not declared:
        return None
    before = _qualification(assessment)
    _store(Answer, written, "indicator")
    _store(Declaration, declared, "code")
    layers.answers.setdefault(Layer.CITY, {}).update({row.indicator: row for row in written})
    layers.declarations.setdefault(Layer.CITY, {}).update({row.code: row for row in declared})
    write_sheets(
        assessment=assessment,
        layers=[Layer.CITY, Layer.EFFECTIVE],
        definition=definition,
        rows=layers,
        now=now,
    )
    Assessment.objects.filter(pk=assessment.pk).update(updated_at=now)
    replaced = {row.indicator: _told(former[row.indicator]) for row in written if row.indicator in former}
    replaced |= {row.code: _declared(reviewed[row.code]) for row in declared if row.code in reviewed}
    now_stands = {row.indicator: _told(row) for row in written} | {
        row.code: _declared(row) for row in declared
    }
    record_audit(
        actor=actor,
        at=now,
        action="抽查结果写入市级层",
        kind="Assessment",
        object_id=assessment.pk,
        label=str(assessment),
        changes={"answers": [replaced, now_stands]},
        reason=check.number,
    )
    return Effect(before, _qualification(assessment))


def _store(model: type[Answer] | type[Declaration], rows: Sequence[Any], code: str) -> None:
    if not rows:
        return
    keys = {"assessment", "layer", code}
    model._default_manager.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=sorted(keys),
        update_fields=[
            field.name for field in model._meta.concrete_fields if field.name not in {"id", *keys}
        ],
    )


def _qualification(assessment: Assessment) -> str:
    sheets = ScoreSheet.objects.filter(assessment=assessment, layer=Layer.EFFECTIVE)
    return sheets.values_list("qualification", flat=True).first() or ""


def _content(line: CheckLine, below: Answer | None) -> dict[str, Any] | None:
    """The answer the line stands for; None when a 不符合 gives no value to put."""
    given = line.value if isinstance(line.value, dict) else {}
    if isinstance(given.get("inputs"), list):
        return {"inputs": given["inputs"], "not_applicable": False, "not_applicable_reason": ""}
    if line.judgement == Judgement.MET and below is not None:
        return {name: getattr(below, name) for name in _CONTENT}
    return None


def _row(
    actor: Actor,
    assessment: Assessment,
    line: CheckLine,
    content: dict[str, Any],
    below: Answer | None,
    former: Answer | None,
    now: datetime,
) -> Answer:
    same = below is not None and all(getattr(below, name) == value for name, value in content.items())
    reason = line.difference_words or line.seen or f"{line.get_judgement_display()}（现场检查）"
    return Answer(
        assessment=assessment,
        layer=Layer.CITY,
        indicator=line.code,
        words=below.words if below else "",
        source=CitySource.SPOT_CHECK,
        verdict=Verdict.AGREED if same else Verdict.CHANGED,
        reason_code="" if same else "ON_SITE",
        reason="" if same else shortened(reason, MAX_REASON),
        revision=(former.revision if former else 0) + 1,
        updated_at=now,
        updated_by=actor.user,
        **content,
    )


def _told(row: Answer) -> dict[str, Any]:
    """In words, as the timeline tells it; the values as entered."""
    return {
        "填报": row.inputs,
        "不适用": row.not_applicable,
        "来源": CitySource(row.source).label if row.source else "",
        "意见": Verdict(row.verdict).label if row.verdict else "",
        "理由": row.reason,
    }


def _veto(
    actor: Actor,
    assessment: Assessment,
    code: str,
    below: Declaration | None,
    former: Declaration | None,
    check: SpotCheck,
    now: datetime,
) -> Declaration:
    """The veto applies, whatever was declared before."""
    same = below is not None and below.value == YES
    reason = f"{check.number} 现场检查触发否决：{check.conclusion_words or check.proposed_words}"
    return Declaration(
        assessment=assessment,
        layer=Layer.CITY,
        code=code,
        kind=DeclarationKind.VETO,
        value=YES,
        words=below.words if below else "",
        source=CitySource.SPOT_CHECK,
        verdict=Verdict.AGREED if same else Verdict.CHANGED,
        reason_code="" if same else "ON_SITE",
        reason="" if same else shortened(reason, MAX_REASON),
        revision=(former.revision if former else 0) + 1,
        updated_at=now,
        updated_by=actor.user,
    )


def _declared(row: Declaration) -> dict[str, Any]:
    return {"value": row.value, "source": row.source, "verdict": row.verdict, "reason": row.reason}
