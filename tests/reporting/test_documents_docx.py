"""The Word draft opened again: styles, fonts, grid, sections, tables, page numbers, marked gaps (ux P1-P6)."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.oxml.ns import qn

from reporting.documents.docx import render_docx
from reporting.documents.text import clean_text, content_text
from reporting.rules.annual_report import compose_report, content_gaps
from reporting.rules.narrative import GAPS
from tests.reporting.sample_figures import RARE_NAMES, sample_figures, subject

HOSTILE = '<w:p>&"\x07\u202e=1+1'


@pytest.fixture
def content() -> Any:
    narrative = {"overview": f"{RARE_NAMES}公司。\n第二段。", "plans": "一【待补充：乙】二"}
    return compose_report(sample_figures(), narrative, date="2026-11-25")


@pytest.fixture
def document(content: Any) -> Any:
    return Document(io.BytesIO(render_docx(content, draft=False)))


def texts_of(document: Any) -> list[str]:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


def test_word_says_what_the_report_says(content: Any, document: Any) -> None:
    text = "".join(texts_of(document)).replace("\n", "")
    for line in content_text(content).splitlines():
        assert clean_text(line) in text or line == content.as_of_text, line


def test_headings_are_headings(content: Any, document: Any) -> None:
    headings = {p.text: p.style.name for p in document.paragraphs if p.style.name.startswith("Heading")}
    assert headings == {section.heading: f"Heading {section.level}" for section in content.sections}


def test_fonts_are_named_for_chinese_too(document: Any) -> None:
    faces = {
        name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Normal", "Heading 1", "Heading 2", "报告标题")
    }
    assert faces == {"Normal": "仿宋", "Heading 1": "黑体", "Heading 2": "楷体", "报告标题": "方正小标宋简体"}
    assert document.styles["Normal"].font.size.pt == 16


def test_body_indents_two_characters(document: Any) -> None:
    indent = document.styles["正文仿宋"].element.pPr.find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "200"
    assert indent.get(qn("w:firstLine")) == "630", "for readers that know only twips"


def test_paper_and_grid(document: Any) -> None:
    first = document.sections[0]
    assert [round(side.mm) for side in (first.page_width, first.page_height)] == [210, 297]
    margins = (first.top_margin, first.right_margin, first.bottom_margin, first.left_margin)
    assert [round(side.mm) for side in margins] == [37, 26, 35, 28]
    grid = first._sectPr.find(qn("w:docGrid"))
    assert [grid.get(qn(f"w:{name}")) for name in ("type", "linePitch", "charSpace")] == [
        "lines",  # a grid of characters takes two cells for each in LibreOffice
        "579",
        None,
    ]
    pitch = document.styles["正文仿宋"].element.rPr.find(qn("w:spacing"))
    assert pitch.get(qn("w:val")) == "-5", "28 characters of 16 pt less a quarter fill 156 mm"
    orientations = [section.orientation for section in document.sections]
    assert orientations == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT, WD_ORIENT.PORTRAIT]


def test_page_numbers_odd_right_even_left(document: Any) -> None:
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        paragraph = footer.paragraphs[0]
        assert paragraph.alignment == side
        assert [e.text for e in paragraph._p.iter(qn("w:instrText"))] == ["PAGE"]
        assert paragraph.text.startswith("— ")
        assert paragraph.runs[0].font.size.pt == 14


def test_gaps_are_highlighted_and_nothing_else(content: Any, document: Any) -> None:
    marked = [
        run.text
        for paragraph in document.paragraphs
        for run in paragraph.runs
        if run.font.highlight_color == WD_COLOR_INDEX.YELLOW
    ]
    assert marked == content_gaps(content)
    assert "【待补充：乙】" in marked
    assert len(marked) == len(GAPS) - 1


def test_the_grid_of_a_table_and_its_cells_say_the_same_widths(document: Any) -> None:
    for table in document.tables:
        grid = [column.width for column in table.columns]
        for row in table.rows:
            if len({id(cell._tc) for cell in row.cells}) == len(grid):
                assert [cell.width for cell in row.cells] == grid


def test_tables_are_tables_with_repeated_heads(document: Any) -> None:
    wide = document.tables[1]
    assert [cell.text for cell in wide.rows[0].cells][:3] == ["序号", "名称", "统一社会信用代码"]
    assert wide.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert len(wide.rows) == 7
    assert document.styles["表格文字"].paragraph_format.line_spacing.pt == 14


@pytest.mark.parametrize(
    ("signatory", "name_right", "date_right"), [("滕州市协调劳动关系三方机构", 2, 6), ("三方机构", 7, 2)]
)
def test_date_begins_two_characters_right_of_the_name(
    signatory: str, name_right: int, date_right: int
) -> None:
    content = compose_report(sample_figures(signatory=signatory), {}, date="2026-11-25")
    document = Document(io.BytesIO(render_docx(content, draft=False)))
    indents = {p.text: p.paragraph_format.right_indent for p in document.paragraphs}
    assert round(indents[signatory].pt / 16, 1) == name_right
    assert round(indents["2026年11月25日"].pt / 16, 1) == date_right


def test_no_red_head_no_box_no_macro_no_font(content: Any) -> None:
    with zipfile.ZipFile(io.BytesIO(render_docx(content, draft=False))) as archive:
        names = archive.namelist()
        body = archive.read("word/document.xml").decode()
    assert not [name for name in names if "vba" in name or name.startswith("word/fonts/")]
    assert "FF0000" not in body
    assert "txbxContent" not in body
    assert "w:sdt" not in body


def test_draft_says_so(content: Any, document: Any) -> None:
    assert "草稿" not in document.sections[0].header.paragraphs[0].text
    draft = Document(io.BytesIO(render_docx(content, draft=True)))
    assert "草稿" in draft.sections[0].header.paragraphs[0].text
    assert "草稿" in draft.sections[0].even_page_header.paragraphs[0].text


def test_hostile_text_stays_text() -> None:
    figures = sample_figures(subjects=[subject(HOSTILE)])
    content = compose_report(figures, dict.fromkeys(GAPS, HOSTILE), date="2026-11-25")
    texts = texts_of(Document(io.BytesIO(render_docx(content, draft=True))))
    assert '<w:p>&"=1+1' in texts
