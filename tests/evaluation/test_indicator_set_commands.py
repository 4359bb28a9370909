"""The shell handles: exit status, one JSON object, Chinese refusals, and no database for a trial calculation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from evaluation.models import IndicatorSet
from evaluation.models.indicator_sets import IndicatorSetState
from evaluation.rules.yaml_text import read_yaml
from tests.evaluation.indicator_set_samples import SHIPPED

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = """
layer: SELF
answers:
  D02-02: [true, [96, 100], true]
  D03-04: {not_applicable: 无在岗职工工资口径}
deductions: {X02: -2}
surveys: {S01: 86.5}
"""


def run(*arguments: Any) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    status = 0
    try:
        call_command(*(str(found) for found in arguments), stdout=out, stderr=err)
    except SystemExit as left:
        status = int(left.code or 0)
    return status, out.getvalue(), err.getvalue()


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.yaml"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


def test_score_prints_one_object(answers: Path) -> None:
    status, out, err = run("score", "--set", SHIPPED["4077"], "--answers", answers, "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert found["total"] == "0.00"  # 1.5 + 0.5 from the survey − 2
    assert found["applicable_max"] == "97.00"
    assert found["qualification"] == "INCOMPLETE"
    assert len(found["lines"]) == 46


def test_score_in_words(answers: Path) -> None:
    status, out, _ = run("score", "--set", SHIPPED["4077"], "--answers", answers)
    assert status == 0
    for words in (
        "重构稿，待官方文本核定",
        "1.00 + (1.00 − 4×0.25 = 0.00) + 0.50 = 1.50",
        "未评全",
        "失分清单",
    ):
        assert words in out


def test_score_refuses_in_json_and_in_words(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("answers: {D02-02: [true, [5, 0], 1], Z9: []}", encoding="utf-8")
    status, out, err = run("score", "--set", SHIPPED["4077"], "--answers", path, "--json")
    assert (status, err) == (1, "")
    assert [set(error) for error in json.loads(out)["errors"]] == [{"code", "message"}] * 3
    assert [error["code"] for error in json.loads(out)["errors"]] == [
        "ZERO_DENOMINATOR",
        "WRONG_TYPE",
        "UNKNOWN_CODE",
    ]
    status, out, err = run("score", "--set", SHIPPED["4077"], "--answers", path)
    assert (status, out) == (1, "")
    assert "D02-02" in err
    assert "Z9" in err


@pytest.mark.parametrize("wrong", ["missing.yaml", "."])
def test_score_says_which_file_is_missing(answers: Path, tmp_path: Path, wrong: str) -> None:
    for arguments in (
        ("--set", tmp_path / wrong, "--answers", answers),
        ("--set", SHIPPED["4077"], "--answers", tmp_path / wrong),
    ):
        status, out, err = run("score", *arguments)
        assert (status, out) == (1, "")
        assert "无法读取文件" in err


def test_score_needs_no_database(answers: Path) -> None:
    """In a process of its own, with a database that does not answer."""
    environment = os.environ | {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "PORTAL_NO_BOOTSTRAP": "1",
    }
    command = [
        sys.executable,
        "manage.py",
        "score",
        "--set",
        str(SHIPPED["4077"]),
        "--answers",
        str(answers),
        "--json",
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["scored_max"] == "3.50"


@pytest.mark.django_db
def test_load_keeps_a_draft_then_publishes(tmp_path: Path) -> None:
    status, out, _ = run("load_indicator_set", SHIPPED["4077"], "--check", "--json")
    assert (status, json.loads(out)["result"], IndicatorSet.objects.count()) == (0, "checked", 0)
    status, out, _ = run("load_indicator_set", SHIPPED["4077"], "--json")
    assert (status, json.loads(out)["result"], json.loads(out)["state"]) == (0, "created", "DRAFT")
    status, out, _ = run("load_indicator_set", SHIPPED["4077"], "--publish", "--json")
    assert (status, json.loads(out)["result"], json.loads(out)["state"]) == (0, "unchanged", "PUBLISHED")
    status, out, _ = run("load_indicator_set", SHIPPED["4077"], "--publish")
    assert (status, "未改动" in out) == (0, True)
    assert IndicatorSet.objects.get().state == IndicatorSetState.PUBLISHED


@pytest.mark.django_db
def test_load_refuses_changed_content_under_a_published_number(tmp_path: Path) -> None:
    run("load_indicator_set", SHIPPED["4076"], "--publish")
    changed = tmp_path / "changed.yaml"
    changed.write_text(
        SHIPPED["4076"].read_text(encoding="utf-8").replace("有领导机构", "有机构", 1), encoding="utf-8"
    )
    for mode in ([], ["--publish"], ["--check"]):
        status, out, _ = run("load_indicator_set", changed, "--json", *mode)
        assert status == 1
        assert [error["code"] for error in json.loads(out)["errors"]] == ["published"]
    changed.write_text(changed.read_text(encoding="utf-8").replace("2020-r1", "2020-r2"), encoding="utf-8")
    status, out, _ = run("load_indicator_set", changed, "--json")
    assert status == 0
    assert any("P01-01" in change and "有机构" in change for change in json.loads(out)["changes"])


@pytest.mark.django_db
def test_load_refuses_a_wrong_file_with_every_problem(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        SHIPPED["4076"].read_text(encoding="utf-8").replace("max_score: 14", "max_score: 15"),
        encoding="utf-8",
    )
    status, out, _ = run("load_indicator_set", wrong, "--json", "--check")
    assert status == 1
    assert [error["code"] for error in json.loads(out)["errors"]] == ["SUM_DIFFERS", "SUM_DIFFERS"]
    status, out, err = run("load_indicator_set", wrong)
    assert (status, out) == (1, "")
    assert "P01" in err
    assert not IndicatorSet.objects.exists()


@pytest.mark.django_db
def test_the_exported_workbook_is_the_same_set(tmp_path: Path) -> None:
    run("load_indicator_set", SHIPPED["4077"], "--publish")
    workbook = tmp_path / "set.xlsx"
    assert run("load_indicator_set", SHIPPED["4077"], "--export", workbook)[0] == 0
    status, out, _ = run("load_indicator_set", workbook, "--json")
    assert (status, json.loads(out)["result"]) == (0, "unchanged")


def test_the_answers_of_the_guide_read_as_yaml() -> None:
    assert read_yaml(ANSWERS)["surveys"]["S01"].as_tuple().digits == (8, 6, 5)
