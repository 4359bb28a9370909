"""The lines of a check: the checklist's for a district, the item sample's for a subject. Made once, before the notice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from evaluation.enums import CheckKind, Layer, LineKind
from evaluation.models import CheckLine, ScoreSheet, SpotCheck
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.spot_checks.item_sample import ItemFacts, sample_items
from evaluation.selectors.definitions import definition_of, published_sets_for
from zaozhuang_portal.kernel.lengths import shortened

_TITLE = CheckLine._meta.get_field("title").max_length or 200


def prepare_lines(checks: Iterable[SpotCheck], on: date) -> int:
    """Give each of these checks its lines, unless it has them. How many lines were made.

    Call inside the transaction that assigns the teams. A subject that handed nothing in is sampled from the standard
    published on the day, and its marks stay on the check.
    """
    waiting = [check for check in checks if not check.lines.exists()]
    rows = [row for check in waiting for row in _lines_of(check, on)]
    CheckLine.objects.bulk_create(rows)
    return len(rows)


def _lines_of(check: SpotCheck, on: date) -> list[CheckLine]:
    if check.kind == CheckKind.DISTRICT:
        return [
            CheckLine(
                check_record=check,
                kind=LineKind.CLAUSE,
                code=str(line["code"]),
                position=position,
                title=str(line["title"]),
            )
            for position, line in enumerate(check.round.checklist.lines, start=1)
        ]
    definition = _definition(check, on)
    if definition is None:
        return []
    kind = check.subject.kind if check.subject else ""
    sample = sample_items(
        check.round.seed or "", check.code, _facts(check, definition), count=check.round.item_count
    )
    found = []
    for position, one in enumerate(sample, start=1):
        item = definition.indicator(one.code)
        found.append(
            CheckLine(
                check_record=check,
                kind=LineKind.INDICATOR,
                code=one.code,
                position=position,
                title=shortened(item.name_for(kind), _TITLE) if item else one.code,
                item_reason=one.reason,
            )
        )
    return found


def _definition(check: SpotCheck, on: date) -> IndicatorSetDefinition | None:
    if check.assessment is not None:
        return definition_of(check.assessment.indicator_set)
    sets = published_sets_for(check.subject.kind, on) if check.subject else []
    return definition_of(sets[0]) if sets else None


def _facts(check: SpotCheck, definition: IndicatorSetDefinition) -> list[ItemFacts]:
    """What the rule needs of each item; nothing of it is shown before the line is judged."""
    sheets = {
        sheet.layer: sheet
        for sheet in ScoreSheet.objects.filter(
            assessment=check.assessment_id, layer__in=[Layer.SELF, Layer.DISTRICT]
        )
    }
    own, verified = (_marks(sheets.get(layer), definition) for layer in (Layer.SELF, Layer.DISTRICT))
    related = {code for veto in definition.vetoes for code in veto.related}
    return [
        ItemFacts(
            item.code,
            item.max_score,
            own.get(item.code),
            verified.get(item.code),
            item.code in related,
            own.get(item.code) == item.max_score and verified.get(item.code) in (None, item.max_score),
        )
        for item in definition.indicators
    ]


def _marks(sheet: ScoreSheet | None, definition: IndicatorSetDefinition) -> dict[str, Decimal]:
    """Points by item; an item without a mark is left out."""
    if sheet is None:
        return {}
    pairs = zip(definition.indicators, sheet.marks, strict=True)
    return {item.code: Decimal(mark) / 100 for item, mark in pairs if mark is not None}
