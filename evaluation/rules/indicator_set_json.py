"""The stored form of a definition: canonical JSON with decimals as text, and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from evaluation.rules.definitions import (
    Deduction,
    Dimension,
    Indicator,
    IndicatorSetDefinition,
    Survey,
    Veto,
)
from evaluation.rules.indicator_sets import parse_indicator_set
from evaluation.rules.numbers import canonical


def to_canonical_json(definition: IndicatorSetDefinition) -> dict[str, object]:
    """Plain data for a JSON column: the shape of the file, every decimal as text, empty keys left out."""
    notes = {key: note.to_json() for key, note in definition.threshold_notes.items()}
    return _filled(
        {
            "meta": _filled(
                {
                    "code": definition.code,
                    "version": definition.version,
                    "title": definition.title,
                    "status": definition.status,
                    "total_score": canonical(definition.total_score),
                    "applies_to": list(definition.applies_to),
                    "effective_from": definition.effective_from.isoformat()
                    if definition.effective_from
                    else None,
                    "requires": list(definition.requires),
                    "text": definition.text,
                }
            ),
            "thresholds": _filled(
                {
                    "pass_score": canonical(definition.pass_score),
                    "veto_lookback_months": (
                        None
                        if definition.veto_lookback_months is None
                        else str(definition.veto_lookback_months)
                    ),
                    "notes": notes,
                }
            ),
            "sources": {
                source.code: _filled({"ref": source.ref, "grade": source.grade})
                for source in definition.sources
            },
            "vetoes": [_veto(veto) for veto in definition.vetoes],
            "dimensions": [_dimension(dimension) for dimension in definition.dimensions],
            "deductions": [_deduction(deduction) for deduction in definition.deductions],
            "surveys": [_survey(survey) for survey in definition.surveys],
        }
    )


def from_json(stored: Mapping[str, object]) -> IndicatorSetDefinition:
    """The definition back from `to_canonical_json`. Raises IndicatorSetError when the data was tampered with."""
    return parse_indicator_set(stored, numbers_as_text=True)


def canonical_text(definition: IndicatorSetDefinition) -> str:
    """One text per content: keys sorted, no spaces."""
    return json.dumps(
        to_canonical_json(definition), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def content_hash(definition: IndicatorSetDefinition) -> str:
    """SHA-256 (hex) of the canonical text: the same content has the same fingerprint, however it was written."""
    return hashlib.sha256(canonical_text(definition).encode()).hexdigest()


def _filled(values: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def _dimension(dimension: Dimension) -> dict[str, object]:
    return _filled(
        {
            "code": dimension.code,
            "name": dimension.name,
            "name_township": dimension.name_township,
            "max_score": canonical(dimension.max_score),
            "text": dimension.text,
            **dimension.provenance.to_json(),
            "indicators": [_indicator(indicator) for indicator in dimension.indicators],
        }
    )


def _indicator(indicator: Indicator) -> dict[str, object]:
    return _filled(
        {
            "code": indicator.code,
            "name": indicator.name,
            "name_township": indicator.name_township,
            "max_score": canonical(indicator.max_score),
            "not_applicable": indicator.not_applicable,
            "evidence": list(indicator.evidence),
            "text": indicator.text,
            **indicator.provenance.to_json(),
            "rule": [part.to_json() for part in indicator.parts],
        }
    )


def _veto(veto: Veto) -> dict[str, object]:
    own = {"related": list(veto.related), "name_township": veto.name_township}
    return _line(veto, own)


def _deduction(deduction: Deduction) -> dict[str, object]:
    return _line(deduction, {"options": [canonical(option) for option in deduction.options]})


def _survey(survey: Survey) -> dict[str, object]:
    return _line(survey, {"minimum": None if survey.minimum is None else canonical(survey.minimum)})


def _line(line: Veto | Deduction | Survey, own: Mapping[str, object]) -> dict[str, object]:
    return _filled(
        {"code": line.code, "name": line.name, "text": line.text, **line.provenance.to_json(), **own}
    )
