"""The editable Word draft (代拟稿): GB/T 9704-2012 layout by styles, fonts named and not embedded (ux P3–P6)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section as WordSection
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from reporting.documents.text import clean_content
from reporting.rules.narrative import split_gaps
from reporting.rules.report_content import Annex, ReportContent, Table

# Names only: the reader's own machine has them. 仿宋 rather than 仿宋_GB2312, which lacks name characters (P5).
FANG, HEI, KAI, TITLE_FACE, SONG = "仿宋", "黑体", "楷体", "方正小标宋简体", "宋体"
BODY_SIZE, TITLE_SIZE, NUMBER_SIZE, TABLE_SIZE, DENSE_SIZE = Pt(16), Pt(22), Pt(14), Pt(10.5), Pt(9)
LINE = Pt(28.95)
# 22 lines × 28 characters in 225 × 156 mm: 579 twentieths of a point a line, and 16 pt − 5/20 pt a character, which
# the styles say: under a grid of characters LibreOffice gives a 16 pt character two cells of 15.79 pt.
GRID_LINE_PITCH, CHARACTER_SPACING = 579, -5
CHARACTER = BODY_SIZE.pt + CHARACTER_SPACING / 20
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}


def render_docx(content: ReportContent, *, draft: bool) -> bytes:
    """The .docx: real styles, tables and sections; gaps highlighted; `draft` says 草稿 in the header."""
    content = clean_content(content)
    document = Document()
    _styles(document)
    _paper(document.sections[0])
    document.settings.odd_and_even_pages_header_footer = True
    if draft:
        _draft_mark(document.sections[0])
    _page_numbers(document.sections[0])
    if content.provenance:
        document.add_paragraph(style="主送").add_run(content.provenance).font.size = Pt(10.5)
    document.add_paragraph("\n".join(content.title_lines), style="报告标题")
    document.add_paragraph("", style="正文仿宋")
    document.add_paragraph(f"{content.addressee}：", style="主送")
    for section in content.sections:
        document.add_paragraph(section.heading, style=f"Heading {section.level}")
        for text in section.drafted:
            _body(document, text)
        if section.table is not None:
            _caption(document, section.table.caption, WD_ALIGN_PARAGRAPH.CENTER)
            _table(document, section.table)
        for text in section.narrative_paragraphs:
            _body(document, text)
    document.add_paragraph(content.closing, style="正文仿宋")
    _annex_list(document, content)
    document.add_paragraph("", style="正文仿宋")
    _signature(document, content)
    for number, annex in enumerate(content.annexes, start=1):
        _annex(document, annex, number if len(content.annexes) > 1 else 0)
    target = BytesIO()
    document.save(target)
    return target.getvalue()


# --- styles and paper -----------------------------------------------------------------------------------------------


def _face(style: ParagraphStyle, name: str, size: Pt, *, bold: bool = False) -> None:
    """Set the font for Chinese and Latin: python-docx alone sets only the Latin names."""
    style.font.name = name
    style.font.size = size
    style.font.bold = bold
    style.font.italic = False
    style.font.color.rgb = None
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(attribute), name)
    for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(attribute), None)
    color = style.element.rPr.find(qn("w:color"))
    if color is not None:
        style.element.rPr.remove(color)


def _indent(style: ParagraphStyle, *, first: int = 0, right: int = 0, left: int = 0) -> None:
    """Indents counted in characters, as the standard gives them, and in twips for readers that know only these."""
    indent = style.element.get_or_add_pPr().get_or_add_ind()
    for name, count in (("firstLine", first), ("right", right), ("left", left)):
        if count:
            indent.set(qn(f"w:{name}Chars"), str(count * 100))
            indent.set(qn(f"w:{name}"), str(round(count * CHARACTER * 20)))


def _pitch(style: ParagraphStyle) -> None:
    """28 characters to the line: 16 pt less a quarter of a point each."""
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), str(CHARACTER_SPACING))
    properties = style.element.get_or_add_rPr()
    properties.insert_element_before(
        spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:highlight", "w:u", "w:lang"
    )


def _property(style: ParagraphStyle, name: str, value: str = "0") -> None:
    """A paragraph property python-docx knows no name for, in the place the schema gives it."""
    element = OxmlElement(f"w:{name}")
    element.set(qn("w:val"), value)
    later = (
        "w:autoSpaceDE",
        "w:autoSpaceDN",
        "w:adjustRightInd",
        "w:snapToGrid",
        "w:spacing",
        "w:ind",
        "w:jc",
    )
    at = later.index(f"w:{name}") + 1
    style.element.get_or_add_pPr().insert_element_before(element, *later[at:], "w:outlineLvl", "w:rPr")


def _spacing(style: ParagraphStyle, line: Pt = LINE) -> None:
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    style.paragraph_format.line_spacing = line
    style.paragraph_format.widow_control = False


def _styles(document: WordDocument) -> None:
    styles = document.styles
    _face(styles["Normal"], FANG, BODY_SIZE)
    _spacing(styles["Normal"])
    for name in ("autoSpaceDE", "autoSpaceDN"):  # no quarter of a blank between 汉字 and figures: one spacing
        _property(styles["Normal"], name)

    def made(name: str, face: str, size: Pt) -> ParagraphStyle:
        style: ParagraphStyle = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        _face(style, face, size)
        _spacing(style)
        return style

    title = made("报告标题", TITLE_FACE, TITLE_SIZE)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.line_spacing = Pt(34)
    body = made("正文仿宋", FANG, BODY_SIZE)
    _indent(body, first=2)
    body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    _pitch(body)
    _pitch(made("主送", FANG, BODY_SIZE))
    made("附件标识", HEI, BODY_SIZE)
    annex_title = made("附件标题", TITLE_FACE, Pt(18))
    annex_title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption = made("表题", HEI, NUMBER_SIZE)
    caption.paragraph_format.keep_with_next = True
    table = made("表格文字", FANG, TABLE_SIZE)
    _spacing(table, Pt(14))
    dense = made("表格小字", FANG, DENSE_SIZE)
    _spacing(dense, Pt(11.5))
    for style in (
        annex_title,
        table,
        dense,
        caption,
    ):  # else each line of a cell takes whole lines of the page's grid
        _property(style, "snapToGrid")
    for level, face in ((1, HEI), (2, KAI)):
        heading = styles[f"Heading {level}"]
        _face(heading, face, BODY_SIZE)
        _spacing(heading)
        heading.paragraph_format.keep_with_next = True
        _indent(heading, first=2)
        _pitch(heading)


def _paper(section: WordSection, *, landscape: bool = False) -> None:
    """A4; head 37, binding 28, right 26, foot 35 mm. Landscape turns the margins with the sheet."""
    if landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
            Mm(28),
            Mm(26),
            Mm(35),
            Mm(37),
        )
    else:
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
            Mm(37),
            Mm(35),
            Mm(28),
            Mm(26),
        )
    section.footer_distance = Mm(25)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(GRID_LINE_PITCH))
    grid.attrib.pop(qn("w:charSpace"), None)


def _page_numbers(section: WordSection) -> None:
    """— 1 — in 14 pt, odd pages right, even pages left, one character in."""
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        if side == WD_ALIGN_PARAGRAPH.RIGHT:
            paragraph.paragraph_format.right_indent = NUMBER_SIZE
        else:
            paragraph.paragraph_format.left_indent = NUMBER_SIZE
        for text in ("— ", None, " —"):
            run = paragraph.add_run(text or "")
            run.font.name, run.font.size = SONG, NUMBER_SIZE
            run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), SONG)
            if text is None:
                for kind, instruction in (("begin", ""), ("", "PAGE"), ("end", "")):
                    run._element.append(_field(kind, instruction))


def _field(kind: str, instruction: str) -> Any:
    if instruction:
        element = OxmlElement("w:instrText")
        element.set(qn("xml:space"), "preserve")
        element.text = instruction
        return element
    element = OxmlElement("w:fldChar")
    element.set(qn("w:fldCharType"), kind)
    return element


def _draft_mark(section: WordSection) -> None:
    for header in (section.header, section.even_page_header):
        paragraph = header.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.add_run("草稿（尚未报送）").font.size = Pt(10.5)


# --- body -----------------------------------------------------------------------------------------------------------


def _body(document: WordDocument, text: str) -> None:
    paragraph = document.add_paragraph(style="正文仿宋")
    for piece, is_gap in split_gaps(text):
        run = paragraph.add_run(piece)
        if is_gap:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _right(document: WordDocument, text: str, *, characters: float) -> None:
    paragraph = document.add_paragraph(text, style="主送")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.paragraph_format.right_indent = Pt(16 * characters)


def _width(text: str) -> float:
    """Width in characters: ASCII takes half of one."""
    return sum(0.5 if char.isascii() else 1 for char in text)


def _signature(document: WordDocument, content: ReportContent) -> None:
    """Without a seal: the name two characters from the right, the date's first character two right of its first.

    A date that would reach further than the name stands two from the right, and the name moves left.
    """
    room = _width(content.signatory) - 2 - _width(content.date_text)
    _right(document, content.signatory, characters=2 + max(-room, 0))
    _right(document, content.date_text, characters=2 + max(room, 0))


def _annex_list(document: WordDocument, content: ReportContent) -> None:
    """附件说明: one blank line below the text, indented two characters, no closing punctuation."""
    if not content.annexes:
        return
    document.add_paragraph("", style="正文仿宋")
    several = len(content.annexes) > 1
    for number, annex in enumerate(content.annexes, start=1):
        name = f"{number}. {annex.title}" if several else annex.title
        paragraph = document.add_paragraph(f"附件：{name}" if number == 1 else name, style="主送")
        # A long title goes on under its own beginning: two characters, 「附件：」 of three, the number of one and a half.
        numbered = 1.5 if several else 0
        paragraph.paragraph_format.left_indent = Pt((5 + numbered) * CHARACTER)
        paragraph.paragraph_format.first_line_indent = Pt(-(numbered + (3 if number == 1 else 0)) * CHARACTER)


def _annex(document: WordDocument, annex: Annex, number: int) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    _paper(section, landscape=annex.landscape)
    document.add_paragraph(f"附件{number or ''}", style="附件标识")
    document.add_paragraph(annex.title, style="附件标题")
    if annex.note:
        document.add_paragraph(annex.note, style="表格文字")
    for table in annex.tables:
        _caption(document, table.caption, WD_ALIGN_PARAGRAPH.LEFT)
        _table(document, table, width=Mm(225) if annex.landscape else Mm(156))


def _caption(document: WordDocument, text: str, align: WD_ALIGN_PARAGRAPH) -> None:
    if text:
        paragraph = document.add_paragraph(text, style="表题")
        paragraph.alignment = align


def _table(document: WordDocument, table: Table, width: Any = None) -> None:
    annex = width is not None
    width, style = width or Mm(156), "表格小字" if table.dense else "表格文字"
    grid = document.add_table(rows=1, cols=len(table.columns))
    grid.style = "Table Grid"
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    _margins(grid, dense=table.dense)
    total = sum(column.weight for column in table.columns)
    for made, column in zip(grid.columns, table.columns, strict=True):
        made.width = int(width * column.weight / total)  # the grid of the table and its cells say the same
    for column, cell in zip(table.columns, grid.rows[0].cells, strict=True):
        _cell(cell.paragraphs[0], column.title, "center", style, bold=True, small=annex)
    _repeat_head(grid.rows[0])
    if not table.rows:
        cells = grid.add_row().cells
        merged = cells[0].merge(cells[-1])
        _cell(merged.paragraphs[0], table.empty_text, "center", style)
    for row in table.rows:
        for column, cell, text in zip(table.columns, grid.add_row().cells, row, strict=True):
            _cell(cell.paragraphs[0], text, column.align, style)
    for row in grid.rows:
        _keep_whole(row)
        for column, cell in zip(table.columns, row.cells, strict=True):
            cell.width = int(width * column.weight / total)


def _margins(grid: Any, *, dense: bool) -> None:
    """A millimetre at the sides and two points above and below, as on the printed paper; Word's own 1.9 mm break numbers."""
    margins, above = OxmlElement("w:tblCellMar"), 16 if dense else 40
    for side, twips in (("top", above), ("left", 57), ("bottom", above), ("right", 57)):
        element = OxmlElement(f"w:{side}")
        element.set(qn("w:w"), str(twips))
        element.set(qn("w:type"), "dxa")
        margins.append(element)
    grid._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def _cell(
    paragraph: Paragraph, text: str, align: str, style: str, *, bold: bool = False, small: bool = False
) -> None:
    paragraph.style = style
    paragraph.alignment = _ALIGN[align]
    run = paragraph.add_run(text)
    run.bold = bold
    if small:
        run.font.size = DENSE_SIZE


def _repeat_head(row: Any) -> None:
    element = OxmlElement("w:tblHeader")
    element.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(element)


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
