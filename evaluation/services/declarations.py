"""Declaring vetoes, deductions and survey values for the SELF layer. A veto can be declared, and bites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from evaluation.enums import DeclarationKind, Layer
from evaluation.models import Assessment, Declaration
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.field_merging import Shown, merge_fields
from evaluation.rules.lengths import MAX_DECLARED_WORDS, MAX_VALUE
from evaluation.rules.self_assessment import normalize_number
from evaluation.selectors.layers import LayerRows, load_layers
from evaluation.services.saving import (
    OpenSelf,
    StaleSave,
    WordsTooLong,
    finish_save,
    layers_to_load,
    open_self,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.conflicts import changed_since, same_lines
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import too_long

_SAVED = ["value", "words", "revision", "updated_at", "updated_by"]


@dataclass(frozen=True)
class DeclarationDraft:
    """`value`: YES / NO for a veto, an option for a deduction, 0–100 for a survey; kept as typed. `shown` as for answers."""

    code: str
    value: str = ""
    words: str = ""
    revision: int = 0
    shown: Shown | None = None


@dataclass
class DeclareOutcome:
    assessment: Assessment
    definition: IndicatorSetDefinition
    rows: LayerRows
    changed: list[str] = field(default_factory=list)
    taken: dict[str, tuple[str, ...]] = field(default_factory=dict)
    clashes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    conflicts: dict[str, tuple[DeclarationDraft, Declaration]] = field(default_factory=dict)

    def note(self, merged: MergedDeclaration, row: Declaration, new: Declaration) -> None:
        """What one declaration came to. A text in dispute stays under the name and time of who wrote it."""
        if merged.taken:
            self.taken[row.code] = merged.taken
        if merged.clashes:
            new.updated_by, new.updated_at = row.updated_by, row.updated_at
            self.clashes[row.code] = merged.clashes
            self.conflicts[row.code] = (merged.wanted, new)


def declarable(definition: IndicatorSetDefinition) -> dict[str, tuple[str, str]]:
    """code → (kind, name) of everything the set wants declared, in its order."""
    found = {veto.code: (str(DeclarationKind.VETO), veto.name) for veto in definition.vetoes}
    found |= {item.code: (str(DeclarationKind.DEDUCTION), item.name) for item in definition.deductions}
    return found | {item.code: (str(DeclarationKind.SURVEY), item.name) for item in definition.surveys}


def declare(
    *, actor: Actor, assessment: Assessment, draft: DeclarationDraft, now: datetime
) -> DeclareOutcome:
    """Declare one thing. Raises StaleSave with both versions when a field was changed on both sides."""
    outcome = declare_all(actor=actor, assessment=assessment, drafts=[draft], now=now)
    if outcome.conflicts:
        _, stored = next(iter(outcome.conflicts.values()))
        words = changed_since("这一项", actor.user.pk, stored.updated_by_id)
        raise StaleSave(f"{words}，请选择保留哪一份。", dict(outcome.conflicts), outcome)
    return outcome


@transaction.atomic
def declare_all(
    *, actor: Actor, assessment: Assessment, drafts: Iterable[DeclarationDraft], now: datetime
) -> DeclareOutcome:
    """The whole page of declarations, by the rules of save_answers."""
    opened = open_self(actor=actor, assessment=assessment)
    rows = load_layers(opened.assessment, layers_to_load(opened.assessment))
    outcome = DeclareOutcome(opened.assessment, opened.definition, rows)
    stored = rows.declarations.setdefault(Layer.SELF, {})
    known = declarable(opened.definition)
    written = []
    for draft in drafts:
        if draft.code not in known:
            raise DomainError(f"申报事项 {draft.code} 不在本标准中，请刷新页面后重试。", code="unknown_code")
        kind, name = known[draft.code]
        _refuse_long(draft, name)
        draft = replace(draft, value=_value(kind, draft.value), words=same_lines(draft.words))
        row, merged = stored.get(draft.code), None
        if row is not None:
            merged = merge_declaration(kind, draft, row)
            draft = merged.kept
        new = row
        if (draft.value, draft.words) != ((row.value, same_lines(row.words)) if row else ("", "")):
            opened.require_writable(draft.code, name)
            new = stored[draft.code] = _row(opened, kind, draft, row, actor, now)
            written.append(new)
        if row is not None and merged is not None and new is not None:
            outcome.note(merged, row, new)
    outcome.changed = [row.code for row in written]
    if written:
        Declaration.objects.bulk_create(
            written,
            update_conflicts=True,
            unique_fields=["assessment", "layer", "code"],
            update_fields=_SAVED,
        )
        finish_save(opened=opened, rows=rows, changed=outcome.changed, now=now)
    return outcome


def _refuse_long(draft: DeclarationDraft, name: str) -> None:
    found = {
        "value": too_long(f"{draft.code} {name}", draft.value.strip(), MAX_VALUE),
        "words": too_long(f"{draft.code} 文字说明", draft.words, MAX_DECLARED_WORDS),
    }
    if long := {field: message for field, message in found.items() if message}:
        raise WordsTooLong(long)


def _row(
    opened: OpenSelf, kind: str, draft: DeclarationDraft, row: Declaration | None, actor: Actor, now: datetime
) -> Declaration:
    return Declaration(
        assessment=opened.assessment,
        layer=Layer.SELF,
        code=draft.code,
        kind=kind,
        value=draft.value,
        words=draft.words,
        revision=(row.revision if row else 0) + 1,
        updated_at=now,
        updated_by=actor.user,
    )


@dataclass(frozen=True)
class MergedDeclaration:
    """`kept`: what is to be stored, clashing fields as they stand; `wanted`: as its sender would have it."""

    kept: DeclarationDraft
    wanted: DeclarationDraft
    taken: tuple[str, ...]
    clashes: tuple[str, ...]


def merge_declaration(kind: str, draft: DeclarationDraft, row: Declaration) -> MergedDeclaration:
    """The declaration as sent beside the row as stored, field by field. Writes nothing."""
    mine = {"value": _value(kind, draft.value), "words": same_lines(draft.words)}
    stored = {"value": row.value, "words": same_lines(row.words)}
    if draft.shown is not None:
        shown: Shown = {
            name: [_value(kind, str(one)) if name == "value" else same_lines(str(one)) for one in values]
            for name, values in draft.shown.items()
        }
    else:
        known = row.revision == draft.revision
        shown = {name: (value,) for name, value in stored.items()} if known else {}
    merge = merge_fields(mine, stored, shown)
    wanted = {**merge.values, **{name: mine[name] for name in merge.clashes}}
    return MergedDeclaration(
        _with_fields(draft, merge.values), _with_fields(draft, wanted), merge.taken, merge.clashes
    )


def _with_fields(draft: DeclarationDraft, values: Mapping[str, object]) -> DeclarationDraft:
    return replace(draft, value=str(values["value"]), words=str(values["words"]))


def _value(kind: str, typed: str) -> str:
    """Canonical text where it can be read, else as typed."""
    text = typed.strip()
    if kind == DeclarationKind.VETO:
        return text
    number = normalize_number(text)
    return "" if number is None else str(number)
