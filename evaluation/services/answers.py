"""Saving answers of the SELF layer: as typed, never validated, several people at once (ux F9–F12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from evaluation.enums import Layer
from evaluation.models import Answer, Assessment
from evaluation.rules.definitions import Indicator, IndicatorSetDefinition
from evaluation.rules.field_merging import Shown, fields_of, inputs_of, merge_fields
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
from zaozhuang_portal.kernel.conflicts import changed_since, same_lines
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
    """One card as sent. `revision` is the one the card was drawn with, 0 when nothing was stored.

    `shown` is what its device knew of every field (rules.field_merging); without it the revision decides for all fields.
    """

    indicator: str
    inputs: Sequence[object] = ()
    not_applicable: bool = False
    not_applicable_reason: str = ""
    words: str = ""
    revision: int = 0
    shown: Shown | None = None

    def equals(self, row: Answer) -> bool:
        return (
            list(self.inputs) == row.inputs
            and self.not_applicable == row.not_applicable
            and same_lines(self.not_applicable_reason) == same_lines(row.not_applicable_reason)
            and same_lines(self.words) == same_lines(row.words)
        )

    @property
    def is_empty(self) -> bool:
        blank = all(entry is None for entry in self.inputs)
        return blank and not (self.not_applicable or self.not_applicable_reason or self.words)


@dataclass
class SaveOutcome:
    """`rows` are the SELF rows as they now stand; `changed` the codes written.

    Per code: `taken` the fields somebody else filled meanwhile, `clashes` those changed on both sides, which keep
    the stored value, and in `conflicts` the card as its sender would have it beside the row.
    """

    assessment: Assessment
    definition: IndicatorSetDefinition
    rows: LayerRows
    changed: list[str] = field(default_factory=list)
    taken: dict[str, tuple[str, ...]] = field(default_factory=dict)
    clashes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    conflicts: dict[str, tuple[AnswerDraft, Answer]] = field(default_factory=dict)

    def note(self, merged: MergedDraft, row: Answer, new: Answer) -> None:
        """What one card came to. A text in dispute stays under the name and time of who wrote it."""
        if merged.taken:
            self.taken[row.indicator] = merged.taken
        if merged.clashes:
            new.updated_by, new.updated_at = row.updated_by, row.updated_at
            self.clashes[row.indicator] = merged.clashes
            self.conflicts[row.indicator] = (merged.wanted, new)


def save_answer(*, actor: Actor, assessment: Assessment, draft: AnswerDraft, now: datetime) -> SaveOutcome:
    """Save one card. Raises StaleSave with both texts when a field was changed on both sides; the others were saved."""
    outcome = save_answers(actor=actor, assessment=assessment, drafts=[draft], now=now)
    if outcome.conflicts:
        _, stored = next(iter(outcome.conflicts.values()))
        words = changed_since("这一项", actor.user.pk, stored.updated_by_id)
        raise StaleSave(f"{words}，请选择保留哪一份。", dict(outcome.conflicts), outcome)
    return outcome


@transaction.atomic
def save_answers(
    *, actor: Actor, assessment: Assessment, drafts: Iterable[AnswerDraft], now: datetime
) -> SaveOutcome:
    """Save a section or the whole form: statements do not depend on the number of cards.

    Cards that are as stored are left alone. A card somebody else changed meanwhile is merged by field; a field
    changed on both sides is not written and comes back in `conflicts`; the others are saved. Raises DomainError for
    a code outside the set and for a changed card that is locked, WordsTooLong (nothing saved) for all that is too
    long.
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
        indicator = _item(opened, draft)
        new, merged = row, None
        if row is not None:
            merged = merge_draft(indicator, draft, row)
            draft = merged.kept
        if row is None or not draft.equals(row):
            opened.require_writable(draft.indicator, indicator.name)
            new = stored[draft.indicator] = _row(opened, draft, row, actor, now)
            written.append(new)
        if row is not None and merged is not None and new is not None:
            outcome.note(merged, row, new)
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


def _item(opened: OpenSelf, draft: AnswerDraft) -> Indicator:
    indicator = opened.definition.indicator(draft.indicator)
    if indicator is None:
        raise DomainError(f"评价指标 {draft.indicator} 不在本标准中，请刷新页面后重试。", code="unknown_code")
    return indicator


def _fitted(opened: OpenSelf, draft: AnswerDraft) -> AnswerDraft:
    indicator = _item(opened, draft)
    return replace(draft, indicator=indicator.code, inputs=fit_inputs(indicator, draft.inputs))


@dataclass(frozen=True)
class MergedDraft:
    """`kept`: the card to be stored, clashing fields as they stand; `wanted`: as its sender would have it."""

    kept: AnswerDraft
    wanted: AnswerDraft
    taken: tuple[str, ...]
    clashes: tuple[str, ...]


def merge_draft(indicator: Indicator, draft: AnswerDraft, row: Answer) -> MergedDraft:
    """The card as sent beside the row as stored, field by field. Writes nothing."""
    mine, stored, shown = _fields(indicator, draft), _fields(indicator, row), draft.shown
    if shown is None:
        known = row.revision == draft.revision
        shown = {name: (value,) for name, value in stored.items()} if known else {}
    merge = merge_fields(mine, stored, shown)
    wanted = {**merge.values, **{name: mine[name] for name in merge.clashes}}
    return MergedDraft(
        _with_fields(indicator, draft, merge.values),
        _with_fields(indicator, draft, wanted),
        merge.taken,
        merge.clashes,
    )


def _fields(indicator: Indicator, source: AnswerDraft | Answer) -> dict[str, object]:
    return fields_of(
        indicator,
        fit_inputs(indicator, source.inputs if isinstance(source.inputs, list) else []),
        source.not_applicable,
        source.not_applicable_reason,
        source.words,
    )


def _with_fields(indicator: Indicator, draft: AnswerDraft, values: Mapping[str, object]) -> AnswerDraft:
    code = indicator.code
    return replace(
        draft,
        inputs=inputs_of(indicator, values),
        not_applicable=bool(values[f"{code}.na"]),
        not_applicable_reason=str(values[f"{code}.na_reason"]),
        words=str(values[f"{code}.words"]),
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
