"""`make_report annual`: the three files from the shell, what it says when it cannot, and that it writes no rows."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.checks.registry import registry
from django.core.management import CommandError, call_command
from docx import Document
from openpyxl import load_workbook

from cultivation.services.enrollments import choose_subjects, confirm_enrollments
from reporting.checks import check_pdf_libraries
from reporting.documents import probe
from reporting.models import AnnualReport
from reporting.rules.narrative import GAPS
from reporting.services.annual_reports import open_report, save_narrative
from tests import templates
from tests.factories import make_actor, make_organization, make_subject, make_year
from tests.reporting.moves import move_report
from tests.reporting.pdf_reading import all_text, needs_pango
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
CODE = "370481"
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def district(db: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """滕州市 with two confirmed enterprises of 2026, one without a known number of staff."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    district = make_organization(Level.DISTRICT, name="滕州市", code=CODE)
    enroll(district, "山东喆昇机械有限公司", employee_count=320)
    enroll(district, "=1+1", employee_count=None)
    return district


def enroll(district: Any, name: str, **fields: Any) -> None:
    office = make_actor(Role.DISTRICT_OFFICE, district)
    subject = make_subject(district, name=name, **fields)
    rows = choose_subjects(actor=office, year=make_year(2026), subjects=[subject], now=NOW)
    confirm_enrollments(actor=office, enrollments=rows, reason="测试增补对象", now=NOW)


def file_report(district: Any) -> AnnualReport:
    """Written by one, reviewed and filed by another."""
    member, office = make_actor(Role.DISTRICT_MEMBER, district), make_actor(Role.DISTRICT_OFFICE, district)
    report = open_report(actor=member, year=make_year(2026), organization=district, now=NOW)
    for key in GAPS:
        save_narrative(
            actor=member, report=report, key=key, text=f"已写好：{key}。", expected_revision=0, now=NOW
        )
    for actor, action in ((member, "send_for_review"), (office, "approve"), (office, "submit")):
        report = move_report(actor=actor, report=report, action=action, now=NOW)
    return report


def make(extension: str, output: Path, **options: Any) -> tuple[bytes, str]:
    """The file's bytes and what the command said."""
    said = io.StringIO()
    values = {"year": 2026, "district": CODE, "format": extension, "output": str(output)} | options
    call_command("make_report", "annual", stdout=said, **values)
    return output.read_bytes(), said.getvalue()


def word_text(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    header = [paragraph.text for paragraph in document.sections[0].header.paragraphs]
    return "\n".join([*header, *(paragraph.text for paragraph in document.paragraphs), *cells])


def counts_of_rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@needs_pango
def test_pdf(district: Any, tmp_path: Path) -> None:
    content, said = make("pdf", tmp_path / "r.pdf")
    text = all_text(content)
    assert "关于滕州市2026年度和谐劳动关系创建活动开展情况的报告" in text
    assert "山东喆昇机械有限公司" in text
    assert "草稿" in text
    assert "草稿，尚未报送" in said
    assert f"{len(content):,} 字节" in said


def test_word_draft_and_ledger(district: Any, tmp_path: Path) -> None:
    text = word_text(make("docx", tmp_path / "r.docx")[0])
    assert "草稿（尚未报送）" in text
    assert "本年度共确认重点培育对象2个，均为新增的企业。" in text
    assert f"【待补充：{GAPS['plans']}】" in text
    sheet = load_workbook(io.BytesIO(make("xlsx", tmp_path / "r.xlsx")[0])).active
    names = {row[1].value: row[8].value for row in sheet.iter_rows(min_row=4, max_row=5)}
    assert names == {"山东喆昇机械有限公司": 320, "=1+1": None}


@pytest.mark.parametrize("filed", [False, True])
@pytest.mark.parametrize("extension", ["docx", "xlsx"])
def test_writes_no_rows(district: Any, tmp_path: Path, filed: bool, extension: str) -> None:
    if filed:
        file_report(district)
    before = counts_of_rows()
    make(extension, tmp_path / "r")
    assert counts_of_rows() == before


def test_as_of_is_the_day_the_figures_name(district: Any, tmp_path: Path) -> None:
    content, said = make("docx", tmp_path / "r.docx", as_of="2026年11月20日")
    assert "数据截至2026年11月20日" in word_text(content)
    assert "数据截至 2026-11-20" in said


@pytest.mark.parametrize("extension", ["docx", "xlsx", pytest.param("pdf", marks=needs_pango)])
def test_a_filed_report_stays_what_was_filed(district: Any, tmp_path: Path, extension: str) -> None:
    file_report(district)
    read = {"docx": word_text, "pdf": all_text, "xlsx": ledger_cells}[extension]
    filed, said = make(extension, tmp_path / "filed")
    enroll(district, "后来才确认的企业有限公司")
    later, _ = make(extension, tmp_path / "later", as_of="2026-11-24")
    assert read(later) == read(filed)
    assert "草稿" not in str(read(filed))
    assert "后来才确认" not in str(read(later))
    assert "已报送的快照" in said


def ledger_cells(content: bytes) -> list[Any]:
    return list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))


def test_an_unfiled_report_follows_the_register(district: Any, tmp_path: Path) -> None:
    open_report(
        actor=make_actor(Role.DISTRICT_MEMBER, district),
        year=make_year(2026),
        organization=district,
        now=NOW,
    )
    enroll(district, "后来才确认的企业有限公司")
    assert "后来才确认的企业有限公司" in word_text(make("docx", tmp_path / "r.docx")[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"district": "999999"}, "没有代码为“999999”的区（市）。可用代码：370481 滕州市"),
        ({"year": 1999}, "没有1999年度。可用年度：2023—2027"),
        ({"as_of": "昨天"}, "--as-of：‘昨天’"),
        ({"as_of": "2030-01-01"}, "在今天（2026-11-25）之后"),
        ({"as_of": "2022-01-01"}, "早于2026年度统计期（2025-12-01 起）"),
    ],
)
def test_what_it_cannot_do_it_says(
    district: Any, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(CommandError, match=message) as refusal:
        make("docx", tmp_path / "r.docx", **options)
    assert refusal.value.returncode == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("output", ["no/such/folder/r.docx", "taken", "file/r.docx"])
def test_where_it_cannot_write_it_says_so_and_leaves_nothing(
    district: Any, tmp_path: Path, output: str
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "file").write_text("x")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(CommandError, match=r"不能写入.*请检查文件夹"):
        make("docx", tmp_path / output)
    assert sorted(tmp_path.rglob("*")) == before


def test_without_pango_only_the_pdf_is_refused(
    district: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise OSError(f"cannot load library {name!r}")

    monkeypatch.setattr(probe.ctypes, "CDLL", missing)
    with pytest.raises(CommandError, match=r"apt-get install -y libpango-1\.0-0"):
        make("pdf", tmp_path / "r.pdf")
    assert not list(tmp_path.iterdir())
    assert make("docx", tmp_path / "r.docx")[0].startswith(b"PK")
    assert make("xlsx", tmp_path / "r.xlsx")[0].startswith(b"PK")


def test_exit_status_and_chinese_words_in_the_shell(tmp_path: Path) -> None:
    """A database without a year: refused with what to run, status 1, nothing on standard output."""
    environment = os.environ | {"PORTAL_DATA_DIR": str(tmp_path / "data"), "PORTAL_NO_BOOTSTRAP": "1"}
    environment.pop("DATABASE_URL", None)
    run = [sys.executable, "manage.py"]
    templates.migrated_sqlite(tmp_path / "data" / "portal.sqlite3")
    result = subprocess.run(
        [
            *run,
            *("make_report", "annual", "--year", "2026", "--district", CODE),
            *("--format", "docx", "--output", str(tmp_path / "r.docx")),
        ],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert "没有2026年度" in result.stderr
    assert "manage.py setup" in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "r.docx").exists()


def test_the_check_for_pango_runs_with_every_command() -> None:
    assert check_pdf_libraries in registry.registered_checks


def test_a_rendering_does_not_narrate() -> None:
    names = ("weasyprint", "weasyprint.progress", "fontTools.subset")
    assert not [name for name in names if logging.getLogger(name).isEnabledFor(logging.INFO)]
