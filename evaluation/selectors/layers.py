"""The stored rows of an assessment by layer, in the shape the rules read. Two statements, whatever the size."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from evaluation.enums import ENTERED_LAYERS, Layer
from evaluation.models import Answer, Assessment, Declaration
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.self_assessment import DraftSheet, StoredAnswer, highest_entered, mark_draft
from evaluation.selectors.shown import note_scores


def stored_answer(row: Answer) -> StoredAnswer:
    return StoredAnswer(
        inputs=row.inputs if isinstance(row.inputs, list) else [],
        not_applicable=row.not_applicable,
        not_applicable_reason=row.not_applicable_reason,
        words=row.words,
    )


@dataclass(frozen=True)
class LayerRows:
    """All answers and declarations, `answers[layer][code]`."""

    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    declarations: dict[str, dict[str, Declaration]] = field(default_factory=dict)

    def answers_of(self, layer: str) -> dict[str, Answer]:
        return self.answers.get(layer, {})

    def declarations_of(self, layer: str) -> dict[str, Declaration]:
        return self.declarations.get(layer, {})

    def self_content(self, code: str) -> dict[str, object]:
        """What the subject entered for an indicator or declaration, as kept with a return; {} for nothing."""
        answer = self.answers_of(Layer.SELF).get(code)
        if answer is not None:
            return {
                "inputs": answer.inputs,
                "not_applicable": answer.not_applicable,
                "not_applicable_reason": answer.not_applicable_reason,
                "words": answer.words,
            }
        declaration = self.declarations_of(Layer.SELF).get(code)
        return {"value": declaration.value, "words": declaration.words} if declaration is not None else {}

    def effective_answers(self) -> dict[str, Answer]:
        return highest_entered(self.answers_of(layer) for layer in ENTERED_LAYERS)

    def effective_declarations(self) -> dict[str, Declaration]:
        return highest_entered(self.declarations_of(layer) for layer in ENTERED_LAYERS)

    def mark(self, definition: IndicatorSetDefinition, layer: str) -> DraftSheet:
        """The marked sheet of a layer; EFFECTIVE takes per code the highest layer that entered it."""
        effective = layer == Layer.EFFECTIVE
        answers = self.effective_answers() if effective else self.answers_of(layer)
        declarations = self.effective_declarations() if effective else self.declarations_of(layer)
        return mark_draft(
            definition,
            {code: stored_answer(row) for code, row in answers.items()},
            {code: row.value for code, row in declarations.items()},
        )


def load_layers(
    assessment: Assessment, layers: Collection[str] = ENTERED_LAYERS, *, people: bool = False
) -> LayerRows:
    """`people`: who wrote each row comes along."""
    note_scores([assessment.pk])
    rows = LayerRows()
    answers = Answer.objects.filter(assessment=assessment, layer__in=layers)
    declarations = Declaration.objects.filter(assessment=assessment, layer__in=layers)
    if people:
        answers = answers.select_related("updated_by")
        declarations = declarations.select_related("updated_by")
    for answer in answers:
        rows.answers.setdefault(answer.layer, {})[answer.indicator] = answer
    for declaration in declarations:
        rows.declarations.setdefault(declaration.layer, {})[declaration.code] = declaration
    return rows
