"""提交前检查: the facts of one assessment gathered for the pure check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from evaluation.enums import AssessmentState, Layer
from evaluation.models import Adoption, Assessment, Explanation, ReturnedItem
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.self_assessment import DraftSheet
from evaluation.rules.self_assessment_checks import CheckFacts, CheckResult, check_sheet
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import LayerRows, load_layers
from evaluation.selectors.self_due import days_late
from zaozhuang_portal.operations.models import Attachment

ANSWER, DECLARATION, ASSESSMENT = "answer", "declaration", "assessment"


@dataclass(frozen=True)
class SubmitCheck:
    """The two lists with everything behind them."""

    definition: IndicatorSetDefinition
    rows: LayerRows
    sheet: DraftSheet
    facts: CheckFacts
    result: CheckResult
    explanations: Mapping[str, str]

    @property
    def ready(self) -> bool:
        return not self.result.errors and not self.result.unexplained(self.explanations)


def count_files(rows: LayerRows, assessment: Assessment) -> tuple[dict[str, int], int]:
    """Files per indicator and declaration code of the SELF layer, and scans of the paper form. One statement."""
    answers = {row.pk: code for code, row in rows.answers_of(Layer.SELF).items()}
    declarations = {row.pk: code for code, row in rows.declarations_of(Layer.SELF).items()}
    present = Attachment.objects.filter(removed_at__isnull=True)
    found = (
        present.filter(owner_kind=ANSWER, owner_id__in=answers)
        | present.filter(owner_kind=DECLARATION, owner_id__in=declarations)
        | present.filter(owner_kind=ASSESSMENT, owner_id=assessment.pk)
    )
    counts: dict[str, int] = {}
    scans = 0
    for kind, owner, number in found.order_by().values_list("owner_kind", "owner_id").annotate(n=Count("id")):
        if kind == ASSESSMENT:
            scans = number
        else:
            counts[(answers if kind == ANSWER else declarations)[owner]] = number
    return counts, scans


def missing_adoption(assessment: Assessment, definition: IndicatorSetDefinition) -> str:
    """What of the adoption is missing, in words; empty when none is needed or it is recorded."""
    if not definition.requires_adoption:
        return ""
    recorded = Adoption.objects.filter(
        assessment=assessment, voided_at__isnull=True, recorded_at__isnull=False
    ).exists()
    if recorded and assessment.state != AssessmentState.DRAFT:
        return ""
    if assessment.state == AssessmentState.AWAITING_ADOPTION:
        return "已定稿，尚未登记职工（代表）大会审议结果。请开会审议后上传会议纪要并登记。"
    return "自评须经职工（代表）大会审议。请先定稿、打印，会后登记。"


def check_before_submit(assessment: Assessment, *, now: datetime) -> SubmitCheck:
    """必须修改 and 需说明 of an assessment as it stands. Statements: 6, whatever the number of items."""
    definition = definition_of(assessment.indicator_set)
    rows = load_layers(assessment, (Layer.SELF,))
    files, scans = count_files(rows, assessment)
    returned = ReturnedItem.objects.filter(
        round__assessment=assessment, round__closed_at__isnull=True, resolved_at__isnull=True
    )
    return check_loaded(
        assessment,
        definition,
        rows,
        rows.mark(definition, Layer.SELF),
        files=files,
        scans=scans,
        returned=frozenset(returned.values_list("indicator", flat=True)),
        now=now,
    )


def check_loaded(
    assessment: Assessment,
    definition: IndicatorSetDefinition,
    rows: LayerRows,
    sheet: DraftSheet,
    *,
    files: Mapping[str, int],
    scans: int,
    returned: frozenset[str],
    now: datetime,
) -> SubmitCheck:
    """The same for a page that has read the rows already: two statements more (adoption, explanations)."""
    facts = CheckFacts(
        declared={code: row.value for code, row in rows.declarations_of(Layer.SELF).items()},
        files=files,
        profile_checked=assessment.profile_checked_at is not None,
        needs_scan=bool(assessment.entered_on_behalf_of) and not scans,
        returned=returned,
        adoption=missing_adoption(assessment, definition),
        days_late=days_late(assessment, now),
    )
    return SubmitCheck(
        definition=definition,
        rows=rows,
        sheet=sheet,
        facts=facts,
        result=check_sheet(definition, sheet, facts),
        explanations=dict(Explanation.objects.filter(assessment=assessment).values_list("code", "text")),
    )
