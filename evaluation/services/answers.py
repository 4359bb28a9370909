"""Saving answers of the SELF layer: as typed, never validated, several people at once (ux F9–F12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from evaluation.enums import Layer
from evaluation.models import Answer, Assessment
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.self_assessment import fit_inputs
from evaluation.selectors.layers import LayerRows, load_layers
from evaluation.services.saving import (
    OpenSelf,
    StaleSave,
    WordsTooLong,
    finish_save,
    layers_to_load,
    long_entries,
    open_self,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import DomainError

_SAVED = [
    "inputs",
    "not_applicable",
    "not_applicable_reason",
    "words",
    "revision",
    "updated_at",
    "updated_by",
]


@dataclass(frozen=True)
class AnswerDraft:
    """One card as sent. `revision` is the one the card was drawn with, 0 when nothing was stored."""

    indicator: str
    inputs: Sequence[object] = ()
    not_applicable: bool = False
    not_applicable_reason: str = ""
    words: str = ""
    revision: int = 0

    def equals(self, row: Answer) -> bool:
        return (
            list(self.inputs) == row.inputs
            and self.not_applicable == row.not_applicable
            and self.not_applicable_reason == row.not_applicable_reason
            and self.words == row.words
        )

    @property
    def is_empty(self) -> bool:
        blank = all(entry is None for entry in self.inputs)
        return blank and not (self.not_applicable or self.not_applicable_reason or self.words)


@dataclass
class SaveOutcome:
    """`rows` are the SELF rows as they now stand; `changed` the codes written."""

    assessment: Assessment
    definition: IndicatorSetDefinition
    rows: LayerRows
    changed: list[str] = field(default_factory=list)
    conflicts: dict[str, tuple[AnswerDraft, Answer]] = field(default_factory=dict)


def save_answer(*, actor: Actor, assessment: Assessment, draft: AnswerDraft, now: datetime) -> SaveOutcome:
    """Save one card. Raises StaleSave with both texts when somebody else saved it first."""
    outcome = save_answers(actor=actor, assessment=assessment, drafts=[draft], now=now)
    if outcome.conflicts:
        _, stored = next(iter(outcome.conflicts.values()))
        words = changed_since("这一项", actor.user.pk, stored.updated_by_id)
        raise StaleSave(f"{words}，请选择保留哪一份。", dict(outcome.conflicts))
    return outcome


@transaction.atomic
def save_answers(
    *, actor: Actor, assessment: Assessment, drafts: Iterable[AnswerDraft], now: datetime
) -> SaveOutcome:
    """Save a section or the whole form: statements do not depend on the number of cards.

    Cards that are as stored are left alone; a card somebody else changed meanwhile is not written and comes
    back in `conflicts`; the others are saved. Raises DomainError for a code outside the set and for a changed
    card that is locked, WordsTooLong (nothing saved) for all that is too long.
    """
    opened = open_self(actor=actor, assessment=assessment)
    rows = load_layers(opened.assessment, layers_to_load(opened.assessment))
    outcome = SaveOutcome(opened.assessment, opened.definition, rows)
    stored = rows.answers.setdefault(Layer.SELF, {})
    written = []
    fitted = [_fitted(opened, draft) for draft in drafts]
    _refuse_long(opened, fitted)
    for draft in fitted:
        row = stored.get(draft.indicator)
        if draft.is_empty if row is None else draft.equals(row):
            continue
        if row is not None and row.revision != draft.revision:
            outcome.conflicts[draft.indicator] = (draft, row)
            continue
        name = opened.definition.indicator(draft.indicator)
        opened.require_writable(draft.indicator, name.name if name else "")
        stored[draft.indicator] = _row(opened, draft, row, actor, now)
        written.append(stored[draft.indicator])
    outcome.changed = [row.indicator for row in written]
    if written:
        Answer.objects.bulk_create(
            written,
            update_conflicts=True,
            unique_fields=["assessment", "layer", "indicator"],
            update_fields=_SAVED,
        )
        finish_save(opened=opened, rows=rows, changed=outcome.changed, now=now, last=outcome.changed[-1])
    return outcome


def _fitted(opened: OpenSelf, draft: AnswerDraft) -> AnswerDraft:
    indicator = opened.definition.indicator(draft.indicator)
    if indicator is None:
        raise DomainError(f"评价指标 {draft.indicator} 不在本标准中，请刷新页面后重试。", code="unknown_code")
    return AnswerDraft(
        indicator=indicator.code,
        inputs=fit_inputs(indicator, draft.inputs),
        not_applicable=draft.not_applicable,
        not_applicable_reason=draft.not_applicable_reason,
        words=draft.words,
        revision=draft.revision,
    )


def _refuse_long(opened: OpenSelf, drafts: Sequence[AnswerDraft]) -> None:
    long: dict[str, str] = {}
    for draft in drafts:
        if indicator := opened.definition.indicator(draft.indicator):
            long |= long_entries(indicator, draft.inputs, draft.not_applicable_reason, draft.words)
    if long:
        raise WordsTooLong(long)


def _row(opened: OpenSelf, draft: AnswerDraft, row: Answer | None, actor: Actor, now: datetime) -> Answer:
    """The layer is SELF whatever was sent; reviewing fields are never touched here."""
    return Answer(
        assessment=opened.assessment,
        layer=Layer.SELF,
        indicator=draft.indicator,
        inputs=list(draft.inputs),
        not_applicable=draft.not_applicable,
        not_applicable_reason=draft.not_applicable_reason,
        words=draft.words,
        revision=(row.revision if row else 0) + 1,
        updated_at=now,
        updated_by=actor.user,
    )
