"""draw_spot_check (design §9) and the record: read again by the command and by the script that shares no code with it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.management.draw_inputs import read_share_options
from evaluation.rules.spot_checks.draw import Candidate, Draw, DrawError, Shares, draw
from evaluation.rules.spot_checks.records import (
    population_csv,
    read_population,
    record_files,
    redraw_line,
    share_options,
)
from tests.evaluation.spot_checks.test_draw import SEED, populations, seeds
from tests.evaluation.test_indicator_set_commands import run

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "static" / "spot_checks" / "redraw.py"
ROWS = "id,name,stratum,weight\n913704000000000196,园区,S,1\n91370402999999998R,企业,S,2\n9,丙,T,\n"
FIRST = "078d2a96a4fbfb7455d842bd39c1b3cc83689355ac9aa30f95cdc6cfdf51f561"

percents = st.integers(0, 800).map(lambda eighths: Fraction(eighths, 8))
shares = st.builds(
    Shares,
    percents,
    st.integers(0, 4),
    st.dictionaries(st.just("370481/ENTERPRISE/A"), percents),
    st.dictionaries(st.just(""), st.integers(0, 9)),
)


@pytest.fixture
def population(tmp_path: Path) -> Path:
    path = tmp_path / "population.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def as_json(*arguments: Any) -> dict[str, Any]:
    status, out, err = run("draw_spot_check", *arguments, "--json")
    assert (status, err) == (0, "")
    return dict(json.loads(out))


def refusals(*arguments: Any) -> list[tuple[str, str]]:
    """Codes and messages under --json; in words the same messages stand on standard error alone."""
    status, out, err = run("draw_spot_check", *arguments, "--json")
    assert (status, err) == (1, "")
    found = json.loads(out)
    assert list(found) == ["errors"]
    status, out, err = run("draw_spot_check", *arguments)
    assert (status, out) == (1, "")
    assert err.rstrip("\n") == "\n".join(error["message"] for error in found["errors"])
    return [(error["code"], error["message"]) for error in found["errors"]]


def redraw(*arguments: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-X", "utf8", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def as_printed(drawn: Draw) -> list[str]:
    """What the script prints for the same result."""
    return [
        f"名录指纹\t{drawn.population_sha256}",
        f"种子\t{drawn.seed}",
        *(
            f"{one.id}\t{one.stratum}\t{one.position}\t{'抽中' if one.drawn else '候补'}\t{one.ticket}"
            for one in drawn.order
        ),
    ]


def test_one_object_with_the_keys_of_the_design(population: Path) -> None:
    found = as_json("--population", population, "--seed", "12345 67890 12345 67890")
    assert list(found) == ["population_sha256", "seed", "strata", "order"]
    assert found["seed"] == SEED
    assert found["strata"] == [
        {"stratum": "S", "size": 2, "drawn": 1},
        {"stratum": "T", "size": 1, "drawn": 1},
    ]
    assert found["order"][0] == {
        "id": "91370402999999998R",
        "name": "企业",
        "stratum": "S",
        "ticket": FIRST,
        "position": 1,
        "drawn": True,
    }
    assert [one["ticket"] for one in found["order"]] == sorted(one["ticket"] for one in found["order"])


def test_in_words(population: Path) -> None:
    status, out, _ = run("draw_spot_check", "--population", population, "--seed", SEED)
    assert status == 0
    assert "层 S：2 户，抽取 1 户" in out
    assert f"1 抽中 {FIRST} 91370402999999998R 企业" in out
    assert "2 候补" in out


def test_rates_and_minimums_by_stratum(population: Path) -> None:
    def drawn(*arguments: str) -> list[int]:
        found = as_json("--population", population, "--seed", SEED, *arguments)
        return [one["drawn"] for one in found["strata"]]

    assert drawn("--rate", "50.5") == [2, 1]
    assert drawn("--rate", "0", "--minimum", "0") == [0, 0]
    assert drawn("--rate", "S=50.5", "--minimum", "0", "T=1") == [2, 1]
    assert drawn("--rate", "S=100", "--rate", "T=0", "--minimum", "T=0") == [2, 0]


def test_bom_row_order_names_columns_and_line_ends_do_not_matter(population: Path, tmp_path: Path) -> None:
    before = as_json("--population", population, "--seed", SEED)
    other = tmp_path / "other.csv"
    other.write_bytes(
        '\ufeffweight,stratum,id,name\r\n,T,9,"改, 名"\r\n\r\n2,S,91370402999999998R,x\r\n1,S,913704000000000196,\r\n'.encode()
    )
    after = as_json("--population", other, "--seed", SEED)
    assert [one | {"name": ""} for one in after.pop("order")] == [
        one | {"name": ""} for one in before.pop("order")
    ]
    assert after == before


def test_weight_may_be_absent(tmp_path: Path) -> None:
    path = tmp_path / "population.csv"
    path.write_text("id,name,stratum\na,甲,S\n", encoding="utf-8")
    with_weight = tmp_path / "with.csv"
    with_weight.write_text("id,name,stratum,weight\na,甲,S,1\n", encoding="utf-8")
    assert as_json("--population", path, "--seed", SEED) == as_json(
        "--population", with_weight, "--seed", SEED
    )


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        (b"", "BAD_HEADER", "空的"),
        ("id,name\na,甲\n".encode(), "BAD_HEADER", "缺少列 stratum"),
        ("a,甲,S,1\n".encode(), "BAD_HEADER", "缺少列 id"),
        (b"id,name,stratum,id\n", "BAD_HEADER", "id 重复"),
        ("id,name,stratum,weights\na,甲,S,2\n".encode(), "BAD_HEADER", "‘weights’"),
        (b"id,name,stratum\n", "EMPTY_POPULATION", "空的"),
        ("id,name,stratum\na,甲,S\nb,乙\n".encode(), "RAGGED_ROW", "第 3 行有 2 列"),
        ('id,name,stratum\n"a",甲,S\nb,"乙\n二",S,1\n'.encode(), "RAGGED_ROW", "第 3 行有 4 列"),
        ("id,name,stratum\na,甲,S\nb,乙厂,S\n".encode("gbk"), "BAD_ENCODING", "第 2 行"),
        (b"id,name,stratum\na,\xff,S\n", "BAD_ENCODING", "第 2 行"),
        ("id,name,stratum\na,甲,S\nb,\"乙,S\n".encode(), "BAD_ROW", "第 3 行"),
        ("id,name,stratum,weight\na,甲,S,0\n".encode(), "BAD_WEIGHT", "第 2 行"),
        ("id,name,stratum,weight\na,甲,S,1.5\n".encode(), "BAD_WEIGHT", "‘1.5’"),
        ("id,name,stratum\n,甲,S\n".encode(), "EMPTY_ID", "第 2 行"),
        ("id,name,stratum\n\na,甲,S\n\na,乙,S\n".encode(), "DUPLICATE_ID", "第 5 行"),
        ("id,name,stratum\n a,甲,S\n".encode(), "BAD_ID", "第 2 行"),
        (b"id,name,stratum\na,b\0,S\nb\0,x,S\n", "BAD_ID", "第 3 行"),
    ],
)  # fmt: skip
def test_files_refused(tmp_path: Path, source: bytes, code: str, words: str) -> None:
    path = tmp_path / "population.csv"
    path.write_bytes(source)
    found = refusals("--population", path, "--seed", SEED)
    assert {one for one, _ in found} == {code}
    assert any(words in message for _, message in found)


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (["--seed", "123"], ["SEED_TOO_SHORT"]),
        (["--seed", SEED + "x"], ["BAD_SEED"]),
        (["--seed", "\udcff" * 20], ["BAD_SEED"]),  # bytes of the command line that are no UTF-8
        ([], ["MISSING"]),
        (["--seed", SEED, "--rate", "X=10"], ["UNKNOWN_STRATUM"]),
        (["--seed", SEED, "--minimum", "X=1"], ["UNKNOWN_STRATUM"]),
        (["--seed", SEED, "--rate", "ten", "S=12,5"], ["BAD_RATE", "BAD_RATE"]),
        (["--seed", SEED, "--minimum", "1.5"], ["BAD_MINIMUM"]),
        (["--seed", SEED, "--rate", "S=1", "--rate", "S=2"], ["GIVEN_TWICE"]),
        (["--seed", "1", "--rate", "10%", "--minimum", "-1"], ["SEED_TOO_SHORT", "BAD_RATE", "BAD_MINIMUM"]),
    ],
)
def test_arguments_refused(population: Path, arguments: list[str], codes: list[str]) -> None:
    assert [code for code, _ in refusals("--population", population, *arguments)] == codes


@pytest.mark.parametrize("wrong", ["missing.csv", "."])
def test_files_that_cannot_be_read(tmp_path: Path, wrong: str) -> None:
    [(code, message)] = refusals("--population", tmp_path / wrong, "--seed", SEED)
    assert code == "FILE"
    assert "无法读取文件" in message


def test_no_database_is_read(population: Path) -> None:
    environment = os.environ | {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "PORTAL_NO_BOOTSTRAP": "1",
    }
    command = [
        sys.executable,
        "manage.py",
        "draw_spot_check",
        "--population",
        str(population),
        "--seed",
        SEED,
    ]
    done = subprocess.run(
        [*command, "--json"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["order"][0]["ticket"] == FIRST


@given(populations)
def test_population_csv_is_read_back(rows: list[Candidate]) -> None:
    text = population_csv(rows)
    assert text == population_csv(reversed(rows))
    assert sorted(read_population(text.encode()), key=lambda one: one.id) == sorted(
        rows, key=lambda one: one.id
    )


@given(shares)
def test_shares_are_read_back(given_shares: Shares) -> None:
    assert read_share_options(*share_options(given_shares)) == given_shares


def test_a_stratum_may_hold_an_equals_sign_or_nothing() -> None:
    assert read_share_options(["5", "a=b=12.5", "=1"], []).rates == {"a=b": 12.5, "": 1}
    with pytest.raises(DrawError, match="写了两次"):
        read_share_options(["5", "6"], [])


# --- the script ---


def test_the_script_is_short_alone_and_served() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 40
    imported = {
        name.strip()
        for line in source.splitlines()
        if line.startswith(("import ", "from "))
        for name in line.split(" import ")[0].removeprefix("import ").removeprefix("from ").split(",")
    }
    assert imported <= sys.stdlib_module_names
    assert finders.find("spot_checks/redraw.py") == str(SCRIPT)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(populations, seeds, shares)
def test_the_script_and_the_command_give_the_same(
    tmp_path: Path, rows: list[Candidate], seed: str, given_shares: Shares
) -> None:
    known = {one.stratum for one in rows}
    own = Shares(
        given_shares.rate,
        given_shares.minimum,
        {code: rate for code, rate in given_shares.rates.items() if code in known},
        {code: number for code, number in given_shares.minimums.items() if code in known},
    )
    for name, text in record_files(rows, seed, own).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    line = shlex.split(redraw_line(seed, own, population=str(tmp_path / "population.csv")))
    line[-1] = str(tmp_path / "draw.json")
    done = redraw(*line[2:])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == as_printed(draw(rows, seed, own))


@pytest.fixture
def record(tmp_path: Path) -> Path:
    rows = [Candidate(f"id{number}", f"企业{number}", "S", number % 9 + 1) for number in range(30)]
    for name, text in record_files(rows, SEED, Shares(minimum=3)).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return tmp_path


def redraw_record(record: Path, *, seed: str = SEED) -> subprocess.CompletedProcess[str]:
    return redraw(
        record / "population.csv", "--seed", seed, "--minimum", "3", "--published", record / "draw.json"
    )


def test_the_script_finds_nothing_in_a_true_record(record: Path) -> None:
    done = redraw_record(record)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [("id7,", "id77,"), ("企业7,S,8", "企业7,T,8"), ("企业7,S,8", "企业7,S,7"), ("id7,企业7,S,8\r\n", "")],
)
def test_the_script_says_that_the_population_was_changed(record: Path, before: str, after: str) -> None:
    path = record / "population.csv"
    text = path.read_bytes().decode()
    assert before in text
    path.write_bytes(text.replace(before, after).encode())
    done = redraw_record(record)
    assert done.returncode == 1
    assert "与公布的不同：名录指纹" in done.stderr


def test_the_script_says_that_the_seed_or_the_order_was_changed(record: Path) -> None:
    done = redraw_record(record, seed=SEED[::-1])
    assert done.returncode == 1
    assert f"与公布的不同：种子\t{SEED}" in done.stderr
    path = record / "draw.json"
    published = json.loads(path.read_text(encoding="utf-8"))
    published["order"][-1]["drawn"] = True
    path.write_text(json.dumps(published), encoding="utf-8")
    done = redraw_record(record)
    assert done.returncode == 1
    assert done.stderr.count("与公布的不同") == 1
    assert published["order"][-1]["id"] in done.stderr


@pytest.mark.parametrize(
    ("rows", "arguments"),
    [
        ("id,name,stratum\na,,S\n", ["--seed", "123"]),
        ("id,name,stratum\na,,S\n", ["--seed", SEED + "x"]),
        ("id,name,stratum\na,,S\n", ["--seed", SEED, "--rate", "X=1"]),
        ("id,name,stratum\na,,S\na,,S\n", ["--seed", SEED]),
        ("id,name,stratum\n,,S\n", ["--seed", SEED]),
        ("id,name,stratum,weight\na,,S,0\n", ["--seed", SEED]),
        ("id,name,stratum,weight\na,,S,10\n", ["--seed", SEED]),
    ],
)
def test_the_script_refuses_what_the_command_refuses(tmp_path: Path, rows: str, arguments: list[str]) -> None:
    path = tmp_path / "population.csv"
    path.write_text(rows, encoding="utf-8")
    assert refusals("--population", path, *arguments)
    done = redraw(path, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert "不能复算" in done.stderr


# --- the record ---


def test_the_record_prints_all_that_is_needed(record: Path) -> None:
    text = (record / "record.txt").read_text(encoding="utf-8")
    published = json.loads((record / "draw.json").read_text(encoding="utf-8"))
    assert published["population_sha256"] in text
    assert all(f"{one['ticket']}\t{one['id']}\t" in text for one in published["order"])
    checked, again = (line.partition("\t")[2] for line in text.splitlines()[-2:])
    done = subprocess.run(["sh", "-c", checked], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == published["order"][0]["ticket"]
    words = shlex.split(again)
    assert words[:3] == ["python3", "redraw.py", "population.csv"]
    assert SEED in words


def test_order_csv_lists_by_stratum_and_position() -> None:
    rows = [Candidate("b", "乙", "T"), Candidate("a", "甲", "S"), Candidate("c", "丙", "S")]
    lines = record_files(rows, SEED, Shares())["order.csv"].splitlines()
    assert lines[0] == "\ufeffstratum,position,drawn,ticket,id,name"
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["S", "1", "抽中"],
        ["S", "2", "候补"],
        ["T", "1", "抽中"],
    ]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@x"])
def test_a_name_is_no_formula_in_a_spreadsheet_and_changes_nothing(name: str) -> None:
    before, after = (record_files([Candidate("a", one, "S")], SEED, Shares()) for one in ("甲", name))
    for file in ("population.csv", "order.csv"):
        assert f"'{name}" in after[file]
        assert f",{name}" not in after[file]
    found = draw(read_population(after["population.csv"].encode()), SEED)
    assert found.population_sha256 == json.loads(before["draw.json"])["population_sha256"]
