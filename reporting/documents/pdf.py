"""The report on paper: GB/T 9704-2012 through WeasyPrint, which is imported only when a PDF is made."""

from __future__ import annotations

import threading
from typing import Any

from django.template.loader import render_to_string

from reporting.documents.assets import bundled_fetcher, bundled_url
from reporting.documents.fonts import font_files
from reporting.documents.lines import set_lines
from reporting.documents.probe import require_pdf_libraries
from reporting.documents.text import clean_content
from reporting.rules.report_content import ReportContent, Table

# Rows of a table that stays on one page where it stands in an annex.
SHORT = 8
TEMPLATE = "reporting/documents/annual_report.html"
# Pango's font maps are not built from two threads at once; the embedded worker is a thread of the web process.
RENDERING = threading.Lock()


def _table_data(table: Table) -> dict[str, Any]:
    total = sum(column.weight for column in table.columns)
    shares = [round(column.weight * 100 / total, 3) for column in table.columns]
    aligns = [column.align for column in table.columns]
    return {
        "caption": table.caption,
        "widths": [f"{share}%" for share in shares],
        "heads": [column.title for column in table.columns],
        "rows": [list(zip(row, aligns, strict=True)) for row in table.rows],
        "empty_text": table.empty_text,
        "span": len(table.columns),
        "classes": [name for name, on in (("short", len(table.rows) <= SHORT), ("dense", table.dense)) if on],
    }


def template_context(content: ReportContent, *, draft: bool) -> dict[str, Any]:
    """What the template shows; plain data, cleaned, escaped by the template."""
    content = clean_content(content)
    return {
        "content": content,
        "draft": draft,
        "fonts": [(family, bundled_url(family)) for family in font_files()],
        "sections": [
            {
                "level": section.level,
                "heading": section.heading,
                "drafted": [set_lines(text) for text in section.drafted],
                "narrative": [set_lines(text) for text in section.narrative_paragraphs],
                "table": _table_data(section.table) if section.table else None,
            }
            for section in content.sections
        ],
        "annexes": [
            {
                "label": f"附件{number}" if len(content.annexes) > 1 else "附件",
                "number": number,
                "title": annex.title,
                "landscape": annex.landscape,
                "note": annex.note,
                "tables": [_table_data(table) for table in annex.tables],
            }
            for number, annex in enumerate(content.annexes, start=1)
        ],
    }


def render_html(content: ReportContent, *, draft: bool) -> str:
    """The HTML that WeasyPrint lays out; it loads nothing but the bundled fonts."""
    return render_to_string(TEMPLATE, template_context(content, draft=draft))


def render_pdf(content: ReportContent, *, draft: bool) -> bytes:
    """PDF of the report, fonts embedded and subset. `draft` prints 草稿 on each page: not yet submitted.

    Raises DomainError `pdf_libraries_missing` where Pango is not installed.
    """
    require_pdf_libraries()
    html = render_html(content, draft=draft)
    with RENDERING:
        return html_to_pdf(html)


def html_to_pdf(html: str) -> bytes:
    """Lay out `html` with the bundled fonts and nothing else from outside."""
    from weasyprint import HTML

    pdf: bytes = HTML(string=html, url_fetcher=bundled_fetcher()).write_pdf()
    return pdf
