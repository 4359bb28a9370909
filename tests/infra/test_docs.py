"""The documents say what is there: every clause, name, file, test and link in them is looked up."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted(
    [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "THIRD_PARTY_NOTICES.md")]
    + list((ROOT / "docs").rglob("*.md"))
)
CLAUSES = ROOT / "docs" / "clauses.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
CODE = ("zaozhuang_portal", "cultivation", "evaluation", "reporting")
SET_FILES = sorted((ROOT / "evaluation" / "data").glob("*.yaml"))
STATES = ("built", "partly", "open", "frame")
SOURCE_FOLDERS = (*CODE, "tests", "templates", "static", "docs", "bench", "deploy", "tools", "requirements")


def rows(path: Path) -> list[list[str]]:
    """The body rows of all tables of a document."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("|") and not re.fullmatch(r"[|:\- ]+", line):
            found.append([cell.strip() for cell in line.strip()[1:-1].split("|")])
    return found


def clause_rows() -> list[list[str]]:
    return [row for row in rows(CLAUSES) if re.fullmatch(r"C\d{3}", row[0])]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@cache
def code_text() -> str:
    """All Python and YAML of the portal, without migrations."""
    return "\n".join(
        path.read_text(encoding="utf-8")
        for app in CODE
        for pattern in ("*.py", "*.yaml")
        for path in sorted((ROOT / app).rglob(pattern))
        if "migrations" not in path.parts
    )


def is_path(name: str) -> bool:
    return name.split("/")[0] in SOURCE_FOLDERS and "/" in name and not re.search(r"[ <>*{…]", name)


def missing(reference: str) -> str:
    """Why `tests/x.py::test_y` or `folder/file.py` is not there; blank when it is."""
    path, _, test = reference.partition("::")
    target = ROOT / path
    if not target.exists():
        return f"{path} does not exist"
    if test and not re.search(
        rf"^ *def {re.escape(test)}\(", target.read_text(encoding="utf-8"), re.MULTILINE
    ):
        return f"{path} has no {test}"
    return ""


def test_every_clause_stands_once():
    numbers = [row[0] for row in clause_rows()]
    assert numbers == [f"C{number:03}" for number in range(1, 120)]


def test_clause_rows_are_whole():
    problems = []
    for number, _, duty, where, test, state in clause_rows():
        paths = [name for name in quoted(where) if is_path(name)]
        tests = [name for name in quoted(test) if name.startswith("tests/")]
        if not duty or state not in STATES:
            problems.append(f"{number}: duty or state")
        if state in {"built", "partly"} and not tests:
            problems.append(f"{number}: {state} without a test")
        if state == "partly" and "Open: " not in where:
            problems.append(f"{number}: partly, but what is open?")
        if state == "open" and (tests or not where.startswith("open, planned")):
            problems.append(f"{number}: open, but …")
        if state == "built" and not (paths or "as C" in where or "`" in where):
            problems.append(f"{number}: built without a place")
    assert not problems


def test_the_counts_of_clauses_are_right():
    said = {row[0]: int(row[2]) for row in rows(CLAUSES) if row[0] in STATES}
    assert said == dict(Counter(row[-1] for row in clause_rows()))


def test_indicators_named_beside_clauses_exist():
    known = set()
    for path in SET_FILES:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        known |= {veto["code"] for veto in content["vetoes"]}
        for dimension in content["dimensions"]:
            known |= {dimension["code"], *(indicator["code"] for indicator in dimension["indicators"])}
    named = {
        code for row in clause_rows() for code in re.findall(r"\b(?:[DP]\d\d(?:-\d\d)?|P?V\d\d)\b", row[3])
    }
    assert len(named) > 40
    assert not named - known


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_tests_named_exist(path: Path):
    names = [name for name in quoted(path.read_text(encoding="utf-8")) if is_path(name)]
    assert not [reason for name in names if (reason := missing(name))]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        there = target.exists() and target.is_relative_to(ROOT)
        if not there or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def anchors(path: Path) -> set[str]:
    """Heading anchors as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_document_names_this_machine(path: Path):
    text = path.read_text(encoding="utf-8")
    for word in (str(ROOT) + "/", "/home/", "/root/", "/Users/"):
        assert word not in text


def test_built_names_of_the_glossary_stand_in_the_code():
    gone, seen = [], 0
    for row in rows(GLOSSARY):
        if row[-1] != "built":
            continue
        for name in quoted(" ".join(row[1:])):
            seen += 1
            is_class = re.fullmatch(r"(?:[A-Z][a-z]+)+", name)
            pattern = rf"^class {name}\b" if is_class else rf"\b{re.escape(name)}\b"
            if not re.search(pattern, code_text(), re.MULTILINE):
                gone.append(name)
    assert seen > 100
    assert not gone


def test_open_names_of_the_glossary_are_still_free():
    """A reserved class that has been built must be marked so. A pure helper of the rules is not the record."""
    models = "\n".join(
        path.read_text(encoding="utf-8")
        for app in CODE
        for path in sorted((ROOT / app).rglob("*.py"))
        if "models" in path.parts
    )
    assert "class SpotCheckRound(" in models  # a room of models is read too
    reserved = [name for row in rows(GLOSSARY) if row[-1] == "open" for name in quoted(row[1])]
    built = [name for name in reserved if re.search(rf"^class {name}\(", models, re.MULTILINE)]
    assert reserved  # fewer with every name that is built
    assert not built


def test_one_term_has_one_row():
    terms = [row[0] for row in rows(GLOSSARY) if row[-1] in {"built", "open"}]
    assert len(terms) == len(set(terms))


def test_the_changelog_has_its_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = re.search(
        r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert version
    assert re.search(rf"^## \[{re.escape(version[1])}\]", text, re.MULTILINE)
    assert re.search(r"^## \[Unreleased\]", text, re.MULTILINE)


def test_decisions_are_numbered_once():
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")]
    assert numbers and len(numbers) == len(set(numbers))


def test_every_document_is_on_the_map():
    listed = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    unlisted = [
        str(path.relative_to(ROOT / "docs"))
        for path in (ROOT / "docs").rglob("*.md")
        if path.name != "README.md" and f"({path.relative_to(ROOT / 'docs')})" not in listed
    ]
    assert not unlisted


def test_commands_of_the_readme_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert {"demo", "test", "setup", "make_report"} <= named
    assert not named - set(get_commands()) - {"test"}


def test_demo_sign_ins_stand_in_the_readme():
    from reporting.demo.accounts import DEMO_PASSWORD, DEMO_SIGN_INS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert DEMO_PASSWORD in text
    assert not [entry.username for entry in DEMO_SIGN_INS if f"`{entry.username}`" not in text]


def test_pictures_are_small():
    pictures = list((ROOT / "docs" / "pictures").glob("*"))
    assert pictures
    assert not [p.name for p in pictures if p.suffix != ".png" or p.stat().st_size > 200_000]


def test_the_reconstruction_is_said():
    for name in ("README.md", "docs/clauses.md", "docs/indicator-sets.md"):
        assert "重构稿，待官方文本核定" in (ROOT / name).read_text(encoding="utf-8"), name
