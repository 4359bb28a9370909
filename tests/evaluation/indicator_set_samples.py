"""Small sets and sheets that the scoring tests vary."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import evaluation
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.indicator_sets import parse_indicator_set, read_indicator_set
from evaluation.rules.kinds import BandsPart, CheckPart, CountPart, PointsPart, SlopePart

DATA = Path(evaluation.__file__).parent / "data"
SHIPPED = {
    "4077": DATA / "dbt37_4077_2020_r1.yaml",
    "4076": DATA / "dbt37_4076_2020_r1.yaml",
}


def shipped(name: str) -> IndicatorSetDefinition:
    return read_indicator_set(SHIPPED[name].read_bytes())


def item(code: str, max_score: Any, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"code": code, "name": f"指标{code}", "max_score": max_score, "rule": list(parts), **more}


def check(points: Any = 1, text: str = "做到") -> dict[str, Any]:
    return {"kind": "check", "text": text, "points": points}


def slope(
    points: Any = 1, per_point: Any = Decimal("0.25"), count: str = "FULL", target: Any = 100
) -> dict[str, Any]:
    return {
        "kind": "slope",
        "text": "签订率",
        "numerator": "已签订人数",
        "denominator": "应签订人数",
        "target": target,
        "points": points,
        "per_point": per_point,
        "count": count,
    }


def bands(*rows: list[Any]) -> dict[str, Any]:
    return {
        "kind": "bands",
        "text": "工资之比",
        "numerator": "企业",
        "denominator": "当地",
        "bands": list(rows),
    }


def raw_set(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A one-dimension set around `items`; pass_score 90 of 100 scaled to the items' total."""
    total = sum((Decimal(str(found["max_score"])) for found in items), Decimal(0))
    return deepcopy(
        {
            "meta": {
                "code": "T 1",
                "version": "v1",
                "title": "测试标准",
                "status": "OFFICIAL",
                "total_score": total,
                "applies_to": ["ENTERPRISE"],
                "effective_from": "2020-09-20",
            },
            "thresholds": {"pass_score": total * Decimal("0.9")},
            "dimensions": [{"code": "D01", "name": "项目", "max_score": total, "indicators": list(items)}],
            **more,
        }
    )


def make(*items: dict[str, Any], **more: Any) -> IndicatorSetDefinition:
    return parse_indicator_set(raw_set(*items, **more))


FULL_ENTRIES: dict[type, Any] = {
    CheckPart: lambda part: True,
    SlopePart: lambda part: [100, 100],
    PointsPart: lambda part: part.points,
    BandsPart: lambda part: [part.bands.rows[0][0], 100],
    CountPart: lambda part: int(max(part.bands.rows, key=lambda row: row[1])[0]),
}


def full_answers(definition: IndicatorSetDefinition) -> dict[str, Any]:
    """Answers that earn every point of a set."""
    return {
        "layer": "SELF",
        "answers": {
            found.code: [FULL_ENTRIES[type(part)](part) for part in found.parts_by_hand]
            for found in definition.indicators
        },
        "surveys": {survey.code: 100 for survey in definition.surveys},
    }
