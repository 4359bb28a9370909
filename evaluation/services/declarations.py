"""Declaring vetoes, deductions and survey values for the SELF layer. A veto can be declared, and bites."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from evaluation.enums import DeclarationKind, Layer
from evaluation.models import Assessment, Declaration
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.lengths import MAX_DECLARED_WORDS, MAX_VALUE
from evaluation.rules.self_assessment import normalize_number
from evaluation.selectors.layers import LayerRows, load_layers
from evaluation.services.saving import StaleSave, WordsTooLong, finish_save, layers_to_load, open_self
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import too_long

_SAVED = ["value", "words", "revision", "updated_at", "updated_by"]


@dataclass(frozen=True)
class DeclarationDraft:
    """`value`: YES / NO for a veto, an option for a deduction, 0–100 for a survey; kept as typed."""

    code: str
    value: str = ""
    words: str = ""
    revision: int = 0


@dataclass
class DeclareOutcome:
    assessment: Assessment
    definition: IndicatorSetDefinition
    rows: LayerRows
    changed: list[str] = field(default_factory=list)
    conflicts: dict[str, tuple[DeclarationDraft, Declaration]] = field(default_factory=dict)


def declarable(definition: IndicatorSetDefinition) -> dict[str, tuple[str, str]]:
    """code → (kind, name) of everything the set wants declared, in its order."""
    found = {veto.code: (str(DeclarationKind.VETO), veto.name) for veto in definition.vetoes}
    found |= {item.code: (str(DeclarationKind.DEDUCTION), item.name) for item in definition.deductions}
    return found | {item.code: (str(DeclarationKind.SURVEY), item.name) for item in definition.surveys}


def declare(
    *, actor: Actor, assessment: Assessment, draft: DeclarationDraft, now: datetime
) -> DeclareOutcome:
    """Declare one thing. Raises StaleSave with both versions when somebody else declared it first."""
    outcome = declare_all(actor=actor, assessment=assessment, drafts=[draft], now=now)
    if outcome.conflicts:
        _, stored = next(iter(outcome.conflicts.values()))
        words = changed_since("这一项", actor.user.pk, stored.updated_by_id)
        raise StaleSave(f"{words}，请选择保留哪一份。", dict(outcome.conflicts))
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
        value = _value(kind, draft.value)
        row = stored.get(draft.code)
        if (value, draft.words) == ((row.value, row.words) if row else ("", "")):
            continue
        if row is not None and row.revision != draft.revision:
            outcome.conflicts[draft.code] = (draft, row)
            continue
        opened.require_writable(draft.code, name)
        stored[draft.code] = Declaration(
            assessment=opened.assessment,
            layer=Layer.SELF,
            code=draft.code,
            kind=kind,
            value=value,
            words=draft.words,
            revision=(row.revision if row else 0) + 1,
            updated_at=now,
            updated_by=actor.user,
        )
        written.append(stored[draft.code])
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


def _value(kind: str, typed: str) -> str:
    """Canonical text where it can be read, else as typed."""
    text = typed.strip()
    if kind == DeclarationKind.VETO:
        return text
    number = normalize_number(text)
    return "" if number is None else str(number)
