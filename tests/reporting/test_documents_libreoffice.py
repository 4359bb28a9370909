"""The Word draft as another word processor lays it out: three papers opened by LibreOffice beside their PDFs (ux §4.1)."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PageObject, PdfReader

from reporting.documents.docx import render_docx
from reporting.documents.pdf import render_pdf
from reporting.documents.text import clean_content
from reporting.rules.annual_report import compose_report
from reporting.rules.narrative import GAPS
from reporting.rules.report_content import ReportContent
from tests.reporting.pdf_reading import all_text, lines_of, needs_pango, read_pdf, squeezed
from tests.reporting.sample_figures import RARE_NAMES, full_figures, sample_figures, subject
from tests.servers import missing

POINT = 72 / 25.4  # points in a millimetre
LEFT, RIGHT, INDENT = 28 * POINT, (210 - 26) * POINT, 31.5
PHRASE = "和谐劳动关系培育"
MINUTE = 60


def written_report() -> ReportContent:
    """A filed report: thirty subjects, every section written, some of it in characters of full width only."""
    narrative = {**dict.fromkeys(GAPS, f"{RARE_NAMES}公司。"), "overview": PHRASE * 60, "plans": PHRASE * 60}
    rows = [subject(f"滕州市第{number}机械制造有限公司", self_score="100.00") for number in range(1, 31)]
    return compose_report(full_figures(subjects=rows), narrative, date="2026-11-25")


def draft_with_gaps() -> ReportContent:
    return compose_report(full_figures(), {"problems": PHRASE * 30}, date="2026-11-25")


def report_of_before() -> ReportContent:
    """Another district, a year before the ledgers."""
    figures = sample_figures(
        year=2023, district_name="枣庄高新技术产业开发区", signatory="枣庄高新区协调劳动关系三方机构"
    )
    return compose_report(figures, dict.fromkeys(GAPS, PHRASE * 40), date="2023-11-25")


@dataclass
class Paper:
    content: ReportContent
    opened: PdfReader
    text: str


REPORTS = {"written": written_report, "draft": draft_with_gaps, "before": report_of_before}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Paper]:
    """All three in one process of LibreOffice with a profile of its own: its start costs more than the work."""
    office = shutil.which("soffice")
    if office is None:
        missing("LibreOffice（libreoffice-writer-nogui）")
        raise AssertionError  # pragma: no cover  # missing() has skipped or failed
    folder = tmp_path_factory.mktemp("office")
    contents = {name: clean_content(make()) for name, make in REPORTS.items()}
    for name, content in contents.items():
        (folder / f"{name}.docx").write_bytes(render_docx(content, draft=name == "draft"))
    subprocess.run(
        [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
        + [f"{name}.docx" for name in contents],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=3 * MINUTE,
    )
    return {name: _paper(content, folder / f"{name}.pdf") for name, content in contents.items()}


def _paper(content: ReportContent, path: Path) -> Paper:
    pdf = path.read_bytes()
    return Paper(content, read_pdf(pdf), all_text(pdf))


def upright(paper: Paper) -> list[PageObject]:
    """The pages of the text itself: those before the first annex."""
    pages = list(paper.opened.pages)
    first = next(at for at, page in enumerate(pages) if squeezed(page.extract_text()).find("附件1") >= 0)
    return pages[:first]


def unquoted(text: str) -> str:
    """Quotation marks come from another font, and pypdf reads them before the words between them."""
    return re.sub("[“”]", "", squeezed(text))


def body_lines(page: PageObject) -> list[tuple[float, float, str]]:
    return [line for line in lines_of(page) if 35 * POINT < line[0] < (297 - 36) * POINT]


@pytest.fixture(params=list(REPORTS))
def paper(request: pytest.FixtureRequest, papers: dict[str, Paper]) -> Paper:
    return papers[request.param]


@needs_pango
def test_as_many_pages_as_the_pdf(paper: Paper) -> None:
    printed = len(read_pdf(render_pdf(paper.content, draft=False)).pages)
    assert abs(len(paper.opened.pages) - printed) <= 0.15 * printed


def test_a_full_line_has_28_characters_and_reaches_the_margin(paper: Paper) -> None:
    wide = [
        text.strip()
        for page in upright(paper)
        for _, x, text in body_lines(page)
        if set(text.strip()) <= set(PHRASE) and abs(x - LEFT) < 1
    ]
    assert Counter(len(text) for text in wide).most_common(1)[0][0] == 28
    assert max(map(len, wide)) == 28


def test_paragraphs_begin_two_characters_in(paper: Paper) -> None:
    starts = [
        unquoted(text)[:6]
        for section in paper.content.sections
        for text in (section.heading, *section.paragraphs)
    ]
    lines = [(x, unquoted(text)) for page in upright(paper) for _, x, text in body_lines(page)]
    for start in starts:
        found = [x for x, text in lines if text.startswith(start)]
        assert any(abs(x - LEFT - INDENT) < 1 for x in found), (start, found)


def test_lines_stand_22_to_the_page(paper: Paper) -> None:
    for page in upright(paper):
        plain = [y for y, _, text in body_lines(page) if set(text.strip()) <= set(PHRASE)]
        near = [upper - lower for upper, lower in pairwise(plain) if upper - lower < 40]
        assert all(abs(pitch - 225 * POINT / 22) < 0.2 for pitch in near), near


def test_the_words_are_the_same(paper: Paper) -> None:
    """The text from title to date exactly, without page numbers; of the annexes every cell, note and title."""
    content = paper.content
    opened = unquoted("".join(text for page in upright(paper) for _, _, text in lines_of(page)))
    opened = re.sub(r"—\d+—", "", opened).replace("草稿（尚未报送）", "")
    for text in [content.title, f"{content.addressee}：", *_paragraphs(content), content.closing]:
        assert unquoted(text) in opened, text
    said = "".join([content.title, f"{content.addressee}：", *_paragraphs(content), content.closing])
    annexes = "".join(f"{number}.{annex.title}" for number, annex in enumerate(content.annexes, start=1))
    tables = [section.table for section in content.sections if section.table]
    cells = "".join(
        "".join(
            [table.caption, *(column.title for column in table.columns), *(c for r in table.rows for c in r)]
        )
        for table in tables
    )
    everything = f"{said}{cells}附件：{annexes}{content.signatory}{content.date_text}"
    assert Counter(opened) == Counter(unquoted(everything)), "nothing more and nothing less"


def _paragraphs(content: ReportContent) -> list[str]:
    return [text for section in content.sections for text in (section.heading, *section.paragraphs)]


def test_tables_are_whole(paper: Paper) -> None:
    """Every cell is there in one piece, inside the type area, under the head of its column on each page."""
    text = unquoted(paper.text)
    for annex in paper.content.annexes:
        for table in annex.tables:
            for cell in [column.title for column in table.columns] + [c for row in table.rows for c in row]:
                assert unquoted(cell) in text, cell
    for page in paper.opened.pages[len(upright(paper)) :]:
        wide = page.mediabox.width > page.mediabox.height
        left, right = (35, 297 - 37) if wide else (28, 210 - 26)
        for _, x, words in lines_of(page):
            assert left * POINT - 2 < x < right * POINT, words


def test_numbers_are_not_broken(paper: Paper) -> None:
    """「100.0／0」: a number of a table stands on one line."""
    pieces = [line for page in paper.opened.pages for line in page.extract_text().splitlines()]
    cells = {
        cell
        for annex in paper.content.annexes
        for table in annex.tables
        for row in table.rows
        for cell in row
    }
    whole = [cell for cell in cells if re.fullmatch(r"[-\d.%]{3,}|[0-9A-Z]{18}", cell)]
    assert len(whole) >= 8
    assert not [cell for cell in whole if not any(cell in piece for piece in pieces)]
    assert not [piece for piece in pieces if re.fullmatch(r"\d+\.\d?", piece.strip())]
