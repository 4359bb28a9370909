"""The two shipped sets, the stored form and the YAML reader."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import yaml

from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.indicator_set_json import content_hash, from_json, to_canonical_json
from evaluation.rules.indicator_sets import parse_indicator_set, read_indicator_set
from evaluation.rules.problems import IndicatorSetError
from evaluation.rules.scoring import score
from evaluation.rules.yaml_text import YamlError, read_yaml
from tests.evaluation.indicator_set_samples import SHIPPED, full_answers, raw_set, shipped

SETS = {"4077": (46, 12, 4, 1), "4076": (25, 8, 0, 0)}


@pytest.fixture(params=sorted(SHIPPED))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_shipped_sets_are_whole(name: str) -> None:
    definition = shipped(name)
    counts = tuple(
        len(found)
        for found in (definition.indicators, definition.vetoes, definition.deductions, definition.surveys)
    )
    assert counts == SETS[name]
    assert sum(found.max_score for found in definition.dimensions) == definition.total_score == 100
    assert definition.status == "RECONSTRUCTION"
    assert all(
        found.text and found.provenance.grade and found.provenance.basis for found in definition.indicators
    )
    assert all(found.evidence for found in definition.indicators)


def test_shipped_sets_differ_where_the_notice_does() -> None:
    enterprises, parks = shipped("4077"), shipped("4076")
    assert (enterprises.applies_to, enterprises.pass_score, enterprises.requires_adoption) == (
        ("ENTERPRISE",),
        90,
        True,
    )
    assert (parks.applies_to, parks.pass_score, parks.requires_adoption) == (
        ("INDUSTRIAL_PARK", "TOWNSHIP"),
        85,
        False,
    )
    mechanism = parks.indicator("P01-01")
    assert mechanism is not None
    assert mechanism.name_for("TOWNSHIP") == "乡镇（街道）党（工）委领导机制"
    assert mechanism.name_for("INDUSTRIAL_PARK") == mechanism.name


def test_full_answers_give_all_points(name: str) -> None:
    definition = shipped(name)
    found = score(definition, full_answers(definition))
    assert (str(found.total), str(found.scaled_total), found.qualification) == ("100.00", "100.00", "PASSED")


def test_not_applicable_items_of_the_enterprise_set() -> None:
    policies = {found.code: found.not_applicable for found in shipped("4077").indicators}
    full = {code for code, policy in policies.items() if policy == "FULL"}
    assert full == {"D02-05", "D02-06", "D03-01", "D06-02", "D10-04", "D11-03"}
    assert {code for code, policy in policies.items() if policy == "EXCLUDE"} == {"D03-04"}


@pytest.mark.parametrize(
    ("entries", "total"),
    [([True, 2], "2.00"), ([True, 0], "1.50"), ([False, 0], "0.00")],
)
def test_alternatives_of_the_park_list_keep_their_points(entries: list[Any], total: str) -> None:
    """市级和谐企业 2 户以上 2 分；正在创建 3 户以上 1.5 分；均无 0 分."""
    definition = shipped("4076")
    answers = full_answers(definition)
    answers["answers"]["P08-03"] = entries
    assert (
        str(next(line.score for line in score(definition, answers).lines if line.code == "P08-03")) == total
    )


def test_every_rule_speaks(name: str) -> None:
    for indicator in shipped(name).indicators:
        for part in indicator.parts:
            assert part.text in part.in_words()
            assert "分" in part.in_words()


def test_stored_form_round_trips(name: str) -> None:
    definition = shipped(name)
    stored = json.loads(json.dumps(to_canonical_json(definition), ensure_ascii=False))
    assert from_json(stored) == definition
    assert content_hash(from_json(stored)) == content_hash(definition)
    assert '"1.5"' in json.dumps(stored)
    assert not any(isinstance(value, float) for value in _leaves(stored))


def test_a_store_that_reorders_keys_changes_nothing(name: str) -> None:
    """PostgreSQL keeps the keys of a JSON column in an order of its own."""

    def reordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: reordered(value[key]) for key in sorted(value, key=lambda key: (len(key), key))}
        return [reordered(child) for child in value] if isinstance(value, list) else value

    assert from_json(reordered(to_canonical_json(shipped(name)))) == shipped(name)


def test_the_same_content_written_differently_has_one_fingerprint() -> None:
    one = raw_set(
        {
            "code": "A1",
            "name": "甲",
            "max_score": Decimal("2.50"),
            "rule": [{"kind": "check", "points": Decimal("2.5")}],
        }
    )
    other = raw_set(
        {
            "code": "A1",
            "name": "甲",
            "max_score": Decimal("2.5"),
            "rule": [{"points": Decimal("2.500"), "kind": "check"}],
        }
    )
    assert content_hash(parse_indicator_set(one)) == content_hash(parse_indicator_set(other))
    other["dimensions"][0]["indicators"][0]["name"] = "乙"
    assert content_hash(parse_indicator_set(one)) != content_hash(parse_indicator_set(other))


def test_a_file_written_by_another_tool_reads_the_same(name: str) -> None:
    """Dumped by plain PyYAML with aliases and block style."""
    raw = yaml.safe_load(SHIPPED[name].read_text(encoding="utf-8"))
    raw["meta"]["effective_from"] = raw["meta"]["effective_from"].isoformat()
    again = read_indicator_set(yaml.safe_dump(raw, allow_unicode=True, sort_keys=True))
    assert content_hash(again) == content_hash(shipped(name))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("96.5", Decimal("96.5")),
        ("0.1", Decimal("0.1")),
        ("100", 100),
        ("-2", -2),
        ("1e2", Decimal("100")),
        ("2.50", Decimal("2.50")),
        ("007", "007"),
        ("0x10", "0x10"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("", None),
        ("2020-09-20", "2020-09-20"),
        (".nan", ".nan"),
        ("-", [None]),
    ],
)
def test_plain_scalars(text: str, value: Any) -> None:
    assert read_yaml(text) == value
    assert type(read_yaml(text)) is type(value)


def test_a_number_is_never_a_float() -> None:
    assert str(read_yaml("[0.30000000000000004, 12345678901234567.25]")[0]) == "0.30000000000000004"


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        ("a: [1", "YAML", "第"),
        ("a: 1\na: 2", "YAML", "重复"),
        ("a: !!python/object:os.system {}", "YAML", "第 1 行"),
        ("a: " + "9" * 40, "YAML", "数字过长"),
        ("a: \x00", "YAML", "字符"),
        ("名称: 标准".encode("gb18030"), "ENCODING", "UTF-8"),
        (b" " * (2 * 1024 * 1024 + 1), "FILE_TOO_LARGE", "2 MB"),
        ("[" * 5000, "YAML", "请"),
    ],
)
def test_unreadable_files_say_why(source: bytes | str, code: str, words: str) -> None:
    with pytest.raises(YamlError) as refused:
        read_yaml(source)
    assert refused.value.problem.code == code
    assert words in refused.value.problem.message
    with pytest.raises(IndicatorSetError):
        read_indicator_set(source)


def test_a_byte_order_mark_is_no_error() -> None:
    assert read_yaml("a: 1".encode("utf-8-sig")) == {"a": 1}


def test_definitions_are_frozen() -> None:
    definition: IndicatorSetDefinition = shipped("4076")
    with pytest.raises(AttributeError):
        definition.pass_score = Decimal(1)  # type: ignore[misc]


def _leaves(value: Any) -> Any:
    if isinstance(value, dict):
        for child in value.values():
            yield from _leaves(child)
    elif isinstance(value, list):
        for child in value:
            yield from _leaves(child)
    else:
        yield value
