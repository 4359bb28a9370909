"""The parsed indicator set behind a row. Published sets never change, so each is parsed once per process."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from evaluation.models import IndicatorSet
from evaluation.models.indicator_sets import IndicatorSetState
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.indicator_set_json import from_json


@lru_cache(maxsize=32)
def _parsed(content_hash: str, pk: int) -> IndicatorSetDefinition:
    return from_json(IndicatorSet.objects.values_list("definition", flat=True).get(pk=pk))


def definition_of(indicator_set: IndicatorSet) -> IndicatorSetDefinition:
    """No statement once this process has seen the set. Load rows with `.defer("indicator_set__definition")`."""
    return _parsed(indicator_set.content_hash, indicator_set.pk)


def published_sets_for(subject_kind: str, on: date) -> list[IndicatorSet]:
    """Per standard that applies to this kind of subject, the published version in effect on the day."""
    rows = (
        IndicatorSet.objects.filter(state=IndicatorSetState.PUBLISHED, effective_from__lte=on)
        .defer("definition")
        .order_by("code", "-effective_from", "-id")
    )
    newest: dict[str, IndicatorSet] = {}
    for row in rows:
        newest.setdefault(row.code, row)
    return [row for row in newest.values() if subject_kind in definition_of(row).applies_to]
