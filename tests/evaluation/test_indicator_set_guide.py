"""docs/indicator-sets.md says what is so: its file loads, its answers score, its lists name everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evaluation.rules.indicator_sets import read_indicator_set
from evaluation.rules.kinds import PART_KINDS
from evaluation.rules.scoring import score
from evaluation.rules.yaml_text import read_yaml

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "indicator-sets.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.S)


def test_the_example_loads_and_scores() -> None:
    definition = read_indicator_set(BLOCKS[0])
    found = score(definition, read_yaml(BLOCKS[1])).to_json()
    assert found["total"] == "3.50"  # 1.50 + 1.00 + 2.00 + 1.00 − 2.00
    assert found["applicable_max"] == "11.00"
    assert found["qualification"] == "BELOW"


@pytest.mark.parametrize("kind", sorted(PART_KINDS))
def test_every_kind_is_in_the_guide(kind: str) -> None:
    assert f"| `{kind}` | {PART_KINDS[kind].kind_label} |" in GUIDE


def test_every_refusal_is_in_the_guide() -> None:
    codes = set()
    for path in (ROOT / "evaluation" / "rules").rglob("*.py"):
        # The guide is of standards; the rooms of the spot checks read other files.
        other = "spot_checks" in path.parts or "rectifications" in path.parts
        if not other and "workbook" not in path.name and "self_assessment" not in path.name:
            codes |= set(
                re.findall(
                    r'(?:report|add|refuse|Problem)\(\s*"([A-Z_]{4,})"', path.read_text(encoding="utf-8")
                )
            )
    assert len(codes) > 30
    assert {code for code in codes if code not in GUIDE} == set()
