"""Everything the page of one review shows. Statements: 6, whatever the number of items (actor's two not counted)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import CharField, F, FilteredRelation, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from evaluation.enums import AssessmentState, Layer
from evaluation.models import AdoptionCorrection, Assessment, Explanation, ReturnedItem, ReturnRound
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.displayed_scores import AssessmentScores
from evaluation.rules.marking import Line
from evaluation.rules.reviews import declaration_names
from evaluation.rules.self_assessment import DraftSheet, highest_entered, mark_draft
from evaluation.rules.self_assessment_checks import CheckFacts, check_sheet
from evaluation.selectors.checks import ANSWER, ASSESSMENT, DECLARATION
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.evidence import mark_evidence
from evaluation.selectors.layers import LayerRows, load_layers, stored_answer
from evaluation.selectors.looks import looks_of, review_token
from evaluation.selectors.results import Result, load_result
from evaluation.selectors.reviews import REVIEWING_LAYERS, unjudged_codes
from evaluation.selectors.scores import REVIEWED_STATES, marked_scores, verified_layer
from evaluation.selectors.self_due import days_late
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.models import Attachment

ADOPTION = "adoption"


@dataclass(frozen=True)
class AnsweredDoubt:
    """A 需说明 of the check before submitting, with the firm's words. `message` leaves out what to do about it."""

    code: str
    message: str
    explanation: str


@dataclass(frozen=True)
class ReviewFiles:
    by_code: Mapping[str, list[Attachment]] = field(default_factory=dict)
    scans: tuple[Attachment, ...] = ()
    minutes: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class ReviewPage:
    """One handed-in assessment as a reviewer sees it. `layer` is the one this actor may write now, or ""."""

    assessment: Assessment
    definition: IndicatorSetDefinition
    rows: LayerRows
    layer: str
    files: ReviewFiles
    explanations: Mapping[str, str]
    returns: Mapping[str, ReturnedItem]
    rounds: tuple[ReturnRound, ...]
    looked: frozenset[str] = frozenset()

    @property
    def token(self) -> str:
        return review_token(self.assessment, self.layer) if self.layer else ""

    @cached_property
    def scores(self) -> AssessmentScores:
        return marked_scores(self.assessment, self.definition, self.rows)

    @cached_property
    def own(self) -> DraftSheet:
        return self.rows.mark(self.definition, Layer.SELF)

    @cached_property
    def verified(self) -> DraftSheet:
        """What reviewers said alone: the sheet behind 核实得分."""
        return self.rows.mark(self.definition, verified_layer(self.assessment.state))

    @cached_property
    def result(self) -> Result:
        return load_result(self.definition, self.rows)

    @cached_property
    def effective(self) -> DraftSheet:
        return self.rows.mark(self.definition, Layer.EFFECTIVE)

    @cached_property
    def own_lines(self) -> Mapping[str, Line]:
        return self.own.lines

    @cached_property
    def effective_lines(self) -> Mapping[str, Line]:
        return self.effective.lines

    @cached_property
    def district_lines(self) -> Mapping[str, Line]:
        """As it stood when the district had judged: without what the city entered."""
        if not (self.rows.answers_of(Layer.CITY) or self.rows.declarations_of(Layer.CITY)):
            return self.effective_lines
        layers = (Layer.SELF, Layer.DISTRICT)
        answers = highest_entered(self.rows.answers_of(layer) for layer in layers)
        declared = highest_entered(self.rows.declarations_of(layer) for layer in layers)
        return mark_draft(
            self.definition,
            {code: stored_answer(row) for code, row in answers.items()},
            {code: row.value for code, row in declared.items()},
        ).lines

    @cached_property
    def judged(self) -> frozenset[str]:
        """Codes some reviewing layer has a row for."""
        found: set[str] = set()
        for layer in REVIEWING_LAYERS:
            found |= self.rows.answers_of(layer).keys() | self.rows.declarations_of(layer).keys()
        return frozenset(found)

    @cached_property
    def unjudged(self) -> frozenset[str]:
        """What the layer being written (the district's, when nobody writes) has no row for yet."""
        return frozenset(unjudged_codes(self.definition, self.rows, self.layer or Layer.DISTRICT))

    @cached_property
    def declaration_codes(self) -> tuple[str, ...]:
        return tuple(declaration_names(self.definition))

    @property
    def is_reviewed(self) -> bool:
        return self.assessment.state in REVIEWED_STATES

    @cached_property
    def doubts(self) -> list[AnsweredDoubt]:
        """What the check asked the firm to explain, with its words; by the facts as handed in."""
        assessment = self.assessment
        facts = CheckFacts(
            declared={code: row.value for code, row in self.rows.declarations_of(Layer.SELF).items()},
            files={code: len(found) for code, found in self.files.by_code.items()},
            profile_checked=True,
            days_late=days_late(assessment, assessment.submitted_at) if assessment.submitted_at else 0,
        )
        found = check_sheet(self.definition, self.own, facts).doubts
        return [
            AnsweredDoubt(doubt.code, doubt.message.split("。")[0], self.explanations.get(doubt.code, ""))
            for doubt in found
        ]


def writing_layer(actor: Actor, assessment: Assessment) -> str:
    """The layer this actor may write now; "" for whoever only reads."""
    if actor.is_city:
        opened = assessment.state == AssessmentState.VERIFIED and assessment.city_opened_at is not None
        return Layer.CITY if opened else ""
    manages = actor.organization is not None and actor.organization.pk == assessment.organization_id
    if actor.is_district and manages and assessment.state == AssessmentState.UNDER_REVIEW:
        return Layer.DISTRICT
    return ""


def find_for_review(actor: Actor, pk: int) -> Assessment | None:
    """A handed-in assessment in the actor's sight, with the adoption in force as `adoption_*`. One statement."""
    rows = Assessment.objects.visible_to(actor).submitted().with_subject().defer("indicator_set__definition")
    rows = rows.select_related("review_opened_by", "verified_by", "confirmed_by").annotate(
        in_force=FilteredRelation("adoptions", condition=Q(adoptions__voided_at__isnull=True)),
        adoption_pk=F("in_force__id"),
        adoption_hash=F("in_force__content_hash"),
        recorded_held_on=F("in_force__held_on"),
        recorded_delegates=F("in_force__delegates"),
        recorded_participants=F("in_force__participants"),
        recorded_votes=F("in_force__votes_for"),
    )
    latest = AdoptionCorrection.objects.filter(adoption=OuterRef("adoption_pk")).order_by("-id")
    rows = rows.annotate(
        adoption_held_on=Coalesce(Subquery(latest.values("held_on")[:1]), "recorded_held_on"),
        adoption_delegates=Coalesce(Subquery(latest.values("delegates")[:1]), "recorded_delegates"),
        adoption_participants=Coalesce(Subquery(latest.values("participants")[:1]), "recorded_participants"),
        adoption_votes=Coalesce(Subquery(latest.values("votes_for")[:1]), "recorded_votes"),
        adoption_corrected=Subquery(latest.values("reason")[:1]),
    )
    return rows.filter(pk=pk).first()


def load_review_page(actor: Actor, assessment: Assessment) -> ReviewPage:
    """Of a row that `find_for_review` returned. Five statements."""
    rows = load_layers(assessment, people=True)
    items = ReturnedItem.objects.filter(round__assessment=assessment).select_related(
        "round", "round__returned_by"
    )
    returns: dict[str, ReturnedItem] = {}
    rounds: dict[int, ReturnRound] = {}
    for item in items.order_by("round__number"):
        returns[item.indicator] = item
        rounds[item.round.number] = item.round
    layer = writing_layer(actor, assessment)
    explanations, looked = _words_and_looks(actor, assessment, layer)
    return ReviewPage(
        assessment=assessment,
        definition=definition_of(assessment.indicator_set),
        rows=rows,
        layer=layer,
        files=_files(assessment, rows),
        explanations=explanations,
        returns=returns,
        rounds=tuple(rounds.values()),
        looked=looked,
    )


def _words_and_looks(
    actor: Actor, assessment: Assessment, layer: str
) -> tuple[dict[str, str], frozenset[str]]:
    """The firm's words on doubts, and the sections this reviewer has opened. One statement for both."""
    tag = Value("words", output_field=CharField())
    words = Explanation.objects.filter(assessment=assessment).order_by().annotate(what=tag)
    rows = words.values_list("what", "code", "text")
    if layer:
        look, none = Value("look", output_field=CharField()), Value("", output_field=TextField())
        looks = looks_of(assessment, layer, actor.user.pk).order_by().annotate(what=look, text=none)
        rows = rows.union(looks.values_list("what", "section", "text"), all=True)
    found = list(rows)
    explained = {code: text for what, code, text in found if what == "words"}
    return explained, frozenset(code for what, code, _ in found if what == "look")


def _files(assessment: Assessment, rows: LayerRows) -> ReviewFiles:
    """The subject's files by code, the scans of a 代录, the minutes of the adoption: one statement."""
    answers = {row.pk: code for code, row in rows.answers_of(Layer.SELF).items()}
    declarations = {row.pk: code for code, row in rows.declarations_of(Layer.SELF).items()}
    adoption_pk: int | None = getattr(assessment, "adoption_pk", None)
    wanted = (
        Q(owner_kind=ANSWER, owner_id__in=answers)
        | Q(owner_kind=DECLARATION, owner_id__in=declarations)
        | Q(owner_kind=ASSESSMENT, owner_id=assessment.pk)
    )
    if adoption_pk is not None:
        wanted |= Q(owner_kind=ADOPTION, owner_id=adoption_pk)
    by_code: dict[str, list[Attachment]] = {}
    scans, minutes = [], []
    for attachment in Attachment.objects.current().filter(wanted).order_by("id"):
        if attachment.owner_kind == ASSESSMENT:
            scans.append(attachment)
        elif attachment.owner_kind == ADOPTION:
            minutes.append(attachment)
        else:
            codes = answers if attachment.owner_kind == ANSWER else declarations
            by_code.setdefault(codes[attachment.owner_id], []).append(attachment)
    mark_evidence(by_code, [*scans, *minutes])
    return ReviewFiles(by_code, tuple(scans), tuple(minutes))
