"""The PDF as it comes out of WeasyPrint: text, fonts, geometry of GB/T 9704-2012, size, and nothing fetched."""

from __future__ import annotations

import ast
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from reporting.documents import assets
from reporting.documents.lines import CELL, INDENT, MEASURE, NO_END, NO_START, SPACING, set_lines, width_of
from reporting.documents.pdf import render_html, render_pdf
from reporting.documents.text import clean_text, content_text
from reporting.rules.annual_report import compose_report
from reporting.rules.narrative import GAPS
from tests.reporting.pdf_reading import all_text, lines_of, needs_pango, read_pdf, squeezed
from tests.reporting.sample_figures import RARE_NAMES, full_figures, sample_figures, subject

POINT = 72 / 25.4  # points in a millimetre
LEFT, RIGHT = 28 * POINT, (210 - 26) * POINT
HOSTILE = "<img src=file:///etc/passwd><link rel=attachment href=file:///etc/passwd>{{ x }}<b>"

pytestmark = needs_pango


@pytest.fixture(scope="module")
def content() -> Any:
    """A dozen pages; the overview fills whole pages with characters of full width."""
    narrative = dict.fromkeys(GAPS, "和谐劳动关系培育" * 60)
    narrative["overview"] = "和谐劳动关系培育" * 200
    narrative["measures_area"] = f"{RARE_NAMES}公司\u2011甲。" + "镕堃公司协商" * 200
    narrative["problems"] = ""
    rows = [subject(f"滕州市第{number}机械制造有限公司") for number in range(1, 31)]
    return compose_report(sample_figures(subjects=rows), narrative, date="2026-11-25")


@pytest.fixture(scope="module")
def pdf(content: Any) -> bytes:
    return render_pdf(content, draft=False)


@pytest.fixture
def reader(pdf: bytes) -> Iterator[PdfReader]:
    yield read_pdf(pdf)


def test_every_string_comes_out_again(content: Any, pdf: bytes) -> None:
    text = all_text(pdf)
    for line in content_text(content).splitlines():
        # Long paragraphs are interrupted by page numbers; their beginnings are not.
        assert squeezed(clean_text(line))[:18] in text or line == content.as_of_text, line
    for char in RARE_NAMES:
        assert char in text
    assert "公司-甲" in text


def test_fonts_are_embedded_and_subset(reader: PdfReader) -> None:
    names: dict[str, bool] = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = descendant["/FontDescriptor"].get_object()
            names[str(descendant["/BaseFont"])] = "/FontFile3" in descriptor or "/FontFile2" in descriptor
    assert all(names.values())
    assert all(name[7:8] == "+" for name in names), names
    families = {name[8:] for name in names}
    assert families == {"GW-Fang", "GW-Hei", "GW-Kai", "GW-SongBold", "GW-Song", "GW-Fallback"}


def test_a_dozen_pages_stay_small(pdf: bytes, reader: PdfReader) -> None:
    assert len(reader.pages) >= 12
    assert len(pdf) <= 400_000


def test_paper_is_a4_and_the_wide_annex_lies_across(reader: PdfReader) -> None:
    sizes = [
        (round(page.mediabox.width / POINT), round(page.mediabox.height / POINT)) for page in reader.pages
    ]
    assert set(sizes) == {(210, 297), (297, 210)}
    assert sizes[0] == (210, 297)


@pytest.mark.parametrize("number", [1, 2])
def test_a_full_page_has_22_lines_of_28_characters(reader: PdfReader, number: int) -> None:
    page = reader.pages[number]
    body = [line for line in lines_of(page) if 35 * POINT < line[0] < (297 - 37) * POINT]
    assert len(body) == 22
    assert {len(text) for _, _, text in body} == {28}
    assert {round(x, 1) for _, x, _ in body} == {round(LEFT, 1)}
    pitches = [upper[0] - lower[0] for upper, lower in itertools.pairwise(body)]
    assert all(abs(pitch - 225 * POINT / 22) < 0.15 for pitch in pitches), pitches


def test_rare_characters_do_not_stretch_the_lines(reader: PdfReader) -> None:
    counts = [
        len([line for line in lines_of(page) if 35 * POINT < line[0] < (297 - 37) * POINT])
        for page in reader.pages
        if page.extract_text().count("镕堃公司协商") > 80
    ]
    assert counts
    assert set(counts) == {22}


def _body_lines(pdf: bytes, marker: str) -> list[tuple[float, float, str]]:
    return [
        line
        for page in read_pdf(pdf).pages
        for line in lines_of(page)
        if marker in line[2] and line[0] > 35 * POINT
    ]


def test_the_type_area_is_225_mm_and_lines_fill_it_whatever_characters_they_hold(reader: PdfReader) -> None:
    checked = 0
    for page in reader.pages:
        body = [line for line in lines_of(page) if 35 * POINT < line[0] < (297 - 37) * POINT]
        if page.mediabox.height > page.mediabox.width and len(body) == 22:
            # From baseline to baseline over 21 pitches; a line of another height shows at once.
            assert abs(body[0][0] - body[-1][0] - 21 * 225 * POINT / 22) < 0.25
            # The last baseline stands as far above the foot of 35 mm as on a page without rare characters.
            assert abs(body[-1][0] - 35 * POINT - 8.4) < 0.3
            checked += "镕堃" in page.extract_text()
    assert checked


def test_lines_with_numbers_end_flush_and_never_begin_with_a_comma() -> None:
    sentence = "某市2026年新增企业14家、园区1个，占92.5%，比2025年高3个百分点，职工12345人，"
    narrative = {**dict.fromkeys(GAPS, ""), "overview": sentence * 12 + "x" * 90 + "终"}
    pdf = render_pdf(compose_report(sample_figures(), narrative, date="2026-11-25"), draft=False)
    body = _body_lines(pdf, "")
    assert not [text for _, _, text in body if text.lstrip()[:1] in set("，、。；％")]
    assert squeezed(sentence) in all_text(pdf)
    assert "x" * 90 in all_text(pdf)
    assert max(text.count("x") for _, _, text in body) < 70


def test_no_blank_stands_before_a_mark_and_figures_keep_the_spacing_of_the_words() -> None:
    sentence = "参与率70.0%。自评平均得分96.13分，共511人、9件；占100.0%。"
    narrative = {**dict.fromkeys(GAPS, ""), "overview": sentence * 20}
    pdf = render_pdf(compose_report(sample_figures(), narrative, date="2026-11-25"), draft=False)
    body = [text for _, _, text in _body_lines(pdf, "") if set(text.strip()) <= set(sentence)]
    assert len(body) > 15
    assert sentence * 20 in "".join(text.strip() for text in body), "no blank, whatever the line"


def filled(line: Any) -> float:
    """Points from the first to the last character of a line, spaced as it will be printed."""
    return sum(width_of(char) - SPACING + line.spacing for char in line.text)


ANY_TEXT = st.text(alphabet="和谐劳动关系，。、（）“”【】0123456789.%—abcDB/ 喆赟", max_size=200)


@given(ANY_TEXT)
def test_lines_are_flush_and_broken_as_chinese_is(text: str) -> None:
    lines = set_lines(text)
    assert "".join(line.text for line in lines) == text
    for number, line in enumerate(lines):
        room = MEASURE - (0 if number else INDENT)
        if line is not lines[-1]:
            assert line.text and abs(filled(line) - line.spacing - room + SPACING) < 0.2
        else:
            assert filled(line) <= room + 0.1


@given(st.text(alphabet="和谐劳动关系，。、（）“”0123456789.%", max_size=200))
def test_no_line_begins_or_ends_with_a_mark_that_may_not(text: str) -> None:
    text = re.sub(r"[，。、）”.%]{2,}|[（“]{2,}|[（“][，。、）”.%]|\d{20,}", "劳", text)
    lines = set_lines(text)
    assert not [line.text for line in lines[1:] if line.text[0] in NO_START]
    assert not [line.text for line in lines[:-1] if line.text[-1] in NO_END]
    for before, after in itertools.pairwise(lines):
        assert not (before.text[-1].isdigit() and after.text[0].isdigit()), "a number stays whole"


def test_28_characters_fill_a_line_and_a_gap_stays_marked() -> None:
    lines = set_lines("和谐劳动关系培育" * 20)
    assert [len(line.text) for line in lines[:3]] == [26, 28, 28]
    assert abs(lines[1].spacing + 0.21) < 0.01 and 28 * CELL <= MEASURE
    marked = set_lines("和谐" * 14 + "【待补充：某处】" + "终")
    assert (
        "".join(piece.text for line in marked for piece in line.pieces if piece.is_gap) == "【待补充：某处】"
    )


def test_page_numbers_odd_right_even_left(reader: PdfReader) -> None:
    for number, page in enumerate(reader.pages, start=1):
        label = f"— {number} —"
        y, x, _ = next(line for line in lines_of(page) if line[2].strip() == label)
        if page.mediabox.width > page.mediabox.height:
            # The bound page is this one turned left: its foot is the left edge.
            assert x < 35 * POINT
            continue
        assert 35 * POINT - 26 < y < 35 * POINT - 14
        if number % 2:
            assert x > page.mediabox.width / 2
            assert x + 14 * 2 + 14 < RIGHT
        else:
            assert abs(x - (LEFT + 14)) < 0.5


def test_wide_annex_repeats_its_head(reader: PdfReader) -> None:
    wide = [page.extract_text() for page in reader.pages if page.mediabox.width > page.mediabox.height]
    subjects = [text for text in wide if "结对单位" not in text]
    assert len(subjects) >= 2
    assert all("统一社会信用代码" in text for text in subjects)


def test_outline_follows_the_headings(reader: PdfReader) -> None:
    def titles(items: list[Any]) -> list[str]:
        return [t for item in items for t in (titles(item) if isinstance(item, list) else [item.title])]

    assert "一、总体情况" in titles(reader.outline)


def test_draft_is_marked_and_a_filed_report_is_not(content: Any, pdf: bytes) -> None:
    assert "草稿" not in all_text(pdf)
    draft = read_pdf(render_pdf(content, draft=True))
    assert all("草稿" in page.extract_text() for page in draft.pages)


def test_gaps_are_marked(content: Any) -> None:
    assert f"<mark>【待补充：{GAPS['problems']}】</mark>" in render_html(content, draft=False)


def test_user_text_is_escaped_and_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    fetcher = assets._fetcher_class()
    original = fetcher.fetch

    def record(self: Any, url: str, headers: Any = None) -> Any:
        fetched.append(url)
        return original(self, url, headers)

    monkeypatch.setattr(fetcher, "fetch", record)
    figures = sample_figures(
        district_name=f"滕州{HOSTILE}", signatory=HOSTILE, subjects=[subject(HOSTILE, industry=HOSTILE)]
    )
    figures["targets"][0]["sentence"] = "<style>@import 'http://127.0.0.1:6379/'</style>"
    content = compose_report(figures, dict.fromkeys(GAPS, HOSTILE), date="2026-11-25")
    html = render_html(content, draft=True)
    assert "<img" not in html
    assert "<link" not in html
    pdf = render_pdf(content, draft=True)
    assert fetched
    assert all(url.startswith("bundled:GW-") for url in fetched), fetched
    text = all_text(pdf)
    assert squeezed("<img src=file:///etc/passwd>") in text
    assert "root:" not in text
    assert b"/EmbeddedFile" not in pdf


def test_reporting_starts_without_weasyprint_and_docx() -> None:
    """A failing import prints a banner and takes seconds; only a rendering may pay for it."""
    code = (
        "import django; django.setup(); import sys; import reporting.documents.pdf, reporting.checks;"
        "print([name for name in ('weasyprint', 'docx') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "zaozhuang_portal.settings"},
    )
    assert result.stdout.strip().endswith("[]"), result.stdout


def test_weasyprint_is_never_imported_at_module_level() -> None:
    folder = Path(assets.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert "weasyprint" not in ast.unparse(node), path


def test_annexes_stand_upright_unless_wide_and_the_numbers_fill_two_pages() -> None:
    figures = full_figures()
    figures["kinds"][0]["by_industry"] = [{"label": f"第{at}制造业", "count": 1} for at in range(8)]
    pages = read_pdf(render_pdf(compose_report(figures, {}, date="2026-11-25"), draft=True)).pages
    annexes = [
        (at, match.group())
        for at, page in enumerate(pages)
        if (match := re.search(r"附件\d(?!\.)", squeezed(page.extract_text()))) and at > 3
    ]
    first = {label: at for at, label in reversed(annexes)}
    assert len(pages) - first["附件5"] <= 2
    wide = [at for at, page in enumerate(pages) if page.mediabox.width > page.mediabox.height]
    assert wide == list(range(first["附件1"], first["附件2"])), "the ledger of names and codes alone"


@pytest.mark.parametrize("paragraphs", range(0, 12, 2))
def test_neither_the_signature_nor_a_single_row_stands_alone_on_a_page(paragraphs: int) -> None:
    townships = [{"label": f"第{number}镇", "count": 1} for number in range(22 + paragraphs)]
    figures = sample_figures()
    figures["kinds"][0]["by_township"] = townships  # type: ignore[typeddict-item]  # plain dicts of that shape
    content = compose_report(figures, {"plans": "打算。\n" * paragraphs}, date="2026-11-25")
    pages = [page.extract_text() for page in read_pdf(render_pdf(content, draft=False)).pages]
    signed = next(text for text in pages if "2026年11月25日" in text)
    assert "特此报告。" in signed
    assert "已参与" in pages[-1]
