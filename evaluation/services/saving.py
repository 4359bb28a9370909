"""What every save of the SELF layer shares: the lock, the right to write, what a change sets off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from evaluation.enums import ENTERED_LAYERS, Layer
from evaluation.models import Adoption, Assessment, ReturnedItem
from evaluation.permissions import require_editable_self, require_self_entry
from evaluation.rules.definitions import Indicator, IndicatorSetDefinition
from evaluation.rules.lengths import MAX_ENTRY, MAX_NOT_APPLICABLE, MAX_WORDS
from evaluation.rules.self_assessment import is_ratio
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import LayerRows
from evaluation.selectors.returns import returned_codes
from evaluation.services.score_sheets import layers_to_write, write_sheets
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import too_long


def lock_assessment(pk: int) -> Assessment:
    """The row, locked until the transaction ends (SQLite: the write lock is already held). One statement."""
    return (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("indicator_set", "subject")
        .defer("indicator_set__definition")
        .get(pk=pk)
    )


@dataclass(frozen=True)
class OpenSelf:
    """A locked assessment whose SELF layer this actor may write now.

    `returned` is None when everything is open, else the codes the open return round unlocks.
    """

    assessment: Assessment
    definition: IndicatorSetDefinition
    returned: frozenset[str] | None

    def may_write(self, code: str) -> bool:
        return self.returned is None or code in self.returned

    def require_writable(self, code: str, name: str) -> None:
        if not self.may_write(code):
            raise DomainError(
                f"{code}（{name}）未被退回，不能修改。本次只能修改退回的事项：{'、'.join(sorted(self.returned or ()))}。",
                code="locked_item",
                field=code,
            )


def open_self(*, actor: Actor, assessment: Assessment) -> OpenSelf:
    """Lock the row and check the right to write. Raises NotAllowed or DomainError naming the rule that locks."""
    locked = lock_assessment(assessment.pk)
    require_self_entry(actor, locked)
    require_editable_self(locked)
    # What was never handed in was never returned: no statement for the many saves of a first draft.
    returned = returned_codes(locked) if locked.first_submitted_at else None
    return OpenSelf(locked, definition_of(locked.indicator_set), returned)


def finish_save(
    *, opened: OpenSelf, rows: LayerRows, changed: Collection[str], now: datetime, last: str = ""
) -> None:
    """After rows were written: void a print that no longer fits, resolve returned items, sheets, revision."""
    assessment = opened.assessment
    if opened.returned is None:
        Adoption.objects.filter(assessment=assessment, voided_at__isnull=True).update(
            voided_at=now, void_reason="定稿后修改了作答"
        )
    else:
        ReturnedItem.objects.filter(
            round__assessment=assessment, round__closed_at__isnull=True, indicator__in=changed
        ).update(resolved_at=now)
    write_sheets(
        assessment=assessment,
        layers=layers_to_write(assessment, Layer.SELF),
        definition=opened.definition,
        rows=rows,
        now=now,
    )
    assessment.updated_at = now
    values = {"revision": F("revision") + 1, "updated_at": now}
    if last:
        values["last_indicator"] = assessment.last_indicator = last
    Assessment.objects.filter(pk=assessment.pk).update(**values)


def layers_to_load(assessment: Assessment) -> Collection[str]:
    """The layers whose rows the sheets of a SELF save are reckoned from."""
    return ENTERED_LAYERS if assessment.first_submitted_at else (Layer.SELF,)


class WordsTooLong(DomainError):
    """Something typed is longer than it may be; nothing was written. `errors`: name of the control → words."""

    def __init__(self, errors: dict[str, str]) -> None:
        field, message = next(iter(errors.items()))
        super().__init__(message, code="too_long", field=field)
        self.errors = errors


def long_entries(
    indicator: Indicator, inputs: Sequence[object], not_applicable_reason: str, words: str = ""
) -> dict[str, str]:
    """What does not fit of one item's answer, by the name of its control on the card."""
    code, found = indicator.code, {}
    for index, (part, entry) in enumerate(zip(indicator.parts_by_hand, inputs, strict=False)):
        boxes = {f"{code}.{index}": entry}
        if is_ratio(part) and isinstance(entry, list | tuple):
            boxes = {f"{code}.{index}.{place}": one for place, one in enumerate(entry)}
        for name, value in boxes.items():
            found[name] = too_long(f"{code} {part.text}", str(value), MAX_ENTRY) if value is not None else ""
    found[f"{code}.na_reason"] = too_long(f"{code} 不适用的理由", not_applicable_reason, MAX_NOT_APPLICABLE)
    found[f"{code}.words"] = too_long(f"{code} 文字说明", words, MAX_WORDS)
    return {name: message for name, message in found.items() if message}


class StaleSave(ConflictError):
    """Somebody else saved these codes first; everything that did not clash was saved.

    `conflicts` holds, per code, what its sender would have (`mine`) and the row as it now stands (`theirs`);
    `outcome` is what the save came to.
    """

    def __init__(self, message: str, conflicts: dict[str, tuple[Any, Any]], outcome: Any = None) -> None:
        super().__init__(message, code="stale_revision", field=next(iter(conflicts), ""))
        self.conflicts = conflicts
        self.outcome = outcome
