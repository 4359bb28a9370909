"""Everything the pages of one self-assessment show. Statements: 5, whatever the number of items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from evaluation.enums import EDITABLE_STATES, Layer
from evaluation.models import Assessment, ReturnedItem, ReturnRound
from evaluation.permissions import may_enter_self
from evaluation.rules.definitions import Indicator, IndicatorSetDefinition
from evaluation.rules.displayed_scores import DisplayedScore, displayed
from evaluation.rules.marking import Line
from evaluation.rules.self_assessment import DraftSheet
from evaluation.selectors.checks import ANSWER, ASSESSMENT, DECLARATION, SubmitCheck, check_loaded
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.evidence import mark_evidence
from evaluation.selectors.layers import LayerRows, load_layers, stored_answer
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.models import Attachment


@dataclass(frozen=True)
class SelfPage:
    """One self-assessment as its pages see it: rows, marks, files and the open return round."""

    assessment: Assessment
    definition: IndicatorSetDefinition
    rows: LayerRows
    sheet: DraftSheet
    files: Mapping[str, list[Attachment]] = field(default_factory=dict)
    scans: tuple[Attachment, ...] = ()
    returned: Mapping[str, ReturnedItem] = field(default_factory=dict)
    may_enter: bool = False

    @property
    def round(self) -> ReturnRound | None:
        return next((item.round for item in self.returned.values()), None)

    @property
    def editable(self) -> bool:
        return self.may_enter and self.assessment.state in EDITABLE_STATES

    def may_write(self, code: str) -> bool:
        return self.editable and (not self.returned or code in self.returned)

    def is_open_return(self, code: str) -> bool:
        return code in self.returned and self.returned[code].resolved_at is None

    @cached_property
    def lines(self) -> Mapping[str, Line]:
        return self.sheet.lines

    @cached_property
    def score(self) -> DisplayedScore:
        """As it stands, also while it is filled in: what is not answered counts 0."""
        return displayed(self.sheet.result, self.definition.total_score)

    def has_begun(self, indicator: Indicator) -> bool:
        row = self.rows.answers_of(Layer.SELF).get(indicator.code)
        return row is not None and not stored_answer(row).is_blank


def assessments_of(actor: Actor) -> list[Assessment]:
    """The assessments this actor fills in, newest year first: a contact its subject's, a district its 代录."""
    rows = Assessment.objects.visible_to(actor).with_subject().defer("indicator_set__definition")
    if actor.is_district:
        rows = rows.exclude(entered_on_behalf_of="")
    return list(rows.order_by("-year", "set_code", "-id")[:100])


def find_assessment(actor: Actor, pk: int) -> Assessment | None:
    """The row with everything its head names, when the actor may see it. One statement."""
    rows = Assessment.objects.visible_to(actor).with_subject().defer("indicator_set__definition")
    return rows.filter(pk=pk).first()


def load_self_page(actor: Actor, assessment: Assessment) -> SelfPage:
    definition = definition_of(assessment.indicator_set)
    rows = load_layers(assessment, (Layer.SELF,))
    files, scans = files_of_self(assessment, rows)
    items: Iterable[ReturnedItem] = ()
    if assessment.first_submitted_at is not None:
        open_round = ReturnedItem.objects.filter(round__assessment=assessment, round__closed_at__isnull=True)
        items = open_round.select_related("round", "round__returned_by")
    return SelfPage(
        assessment=assessment,
        definition=definition,
        rows=rows,
        sheet=rows.mark(definition, Layer.SELF),
        files=files,
        scans=scans,
        returned={item.indicator: item for item in items},
        may_enter=may_enter_self(actor, assessment),
    )


def files_of_self(
    assessment: Assessment, rows: LayerRows
) -> tuple[dict[str, list[Attachment]], tuple[Attachment, ...]]:
    """Files per code and the scans of a 代录, by one statement."""
    answers = {row.pk: code for code, row in rows.answers_of(Layer.SELF).items()}
    declarations = {row.pk: code for code, row in rows.declarations_of(Layer.SELF).items()}
    present = Attachment.objects.current()
    found = (
        present.filter(owner_kind=ANSWER, owner_id__in=answers)
        | present.filter(owner_kind=DECLARATION, owner_id__in=declarations)
        | present.filter(owner_kind=ASSESSMENT, owner_id=assessment.pk)
    )
    files: dict[str, list[Attachment]] = {}
    scans = []
    for attachment in found.order_by("id"):
        if attachment.owner_kind == ASSESSMENT:
            scans.append(attachment)
            continue
        codes = answers if attachment.owner_kind == ANSWER else declarations
        files.setdefault(codes[attachment.owner_id], []).append(attachment)
    mark_evidence(files, scans)
    return files, tuple(scans)


def check_page(page: SelfPage, *, now: datetime) -> SubmitCheck:
    """提交前检查 of a loaded page. Two statements."""
    return check_loaded(
        page.assessment,
        page.definition,
        page.rows,
        page.sheet,
        files={code: len(found) for code, found in page.files.items()},
        scans=len(page.scans),
        returned=frozenset(code for code in page.returned if page.is_open_return(code)),
        now=now,
    )
