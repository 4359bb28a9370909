"""整改通知书 and the one-page 整改台账单页 as PDF: A4, the bundled fonts, the facts that the page shows."""

from __future__ import annotations

from django.template.loader import render_to_string

from evaluation.selectors.rectifications.pages import RectificationPage
from evaluation.selectors.rectifications.words import order_sections
from reporting.documents.assets import bundled_url
from reporting.documents.fonts import font_files
from reporting.documents.pdf import RENDERING, html_to_pdf
from reporting.documents.probe import require_pdf_libraries
from reporting.documents.text import clean_text
from zaozhuang_portal.kernel.clock import SHANGHAI
from zaozhuang_portal.kernel.lengths import shortened

OFFICE = "枣庄市协调劳动关系三方委员会办公室"
# Sizes of type (pt) of the single page, and characters of a row when even the smallest does not hold it: it says so.
SIZES = (11.0, 10.0, 9.0, 8.0, 7.0)
SHORTENED = (600, 400, 300, 200, 150, 100, 60, 30)
Lines = list[tuple[str, str]]


def _html(name: str, **context: object) -> str:
    fonts = [(family, bundled_url(family)) for family in font_files()]
    return render_to_string(f"reporting/documents/{name}.html", {"fonts": fonts, "office": OFFICE, **context})


def _clean(rows: Lines) -> Lines:
    return [(label, clean_text(words)) for label, words in rows if words]


def render_order(page: RectificationPage) -> bytes:
    """整改通知书 with its receipt slip, signed already or to be signed. Raises DomainError without Pango."""
    require_pdf_libraries()
    record = page.record
    html = _html(
        "rectification_order",
        record=record,
        unit=clean_text(record.unit),
        receipt=page.receipt,
        sections=_clean(order_sections(record)),
    )
    with RENDERING:
        return html_to_pdf(html)


def sheet_rows(page: RectificationPage) -> Lines:
    """The line of the ledger as label and words, in the order in which it happened."""
    record, finding, receipt = page.record, page.record.finding, page.receipt
    rows = [("文号", record.number or "待下达"), *order_sections(record)]
    nature = finding.get_severity_display()
    rows.insert(4, ("性质、来源", f"{nature}，{finding.get_source_display()}，{finding.found_on}发现"))
    if receipt is not None and receipt.received_at is not None:
        on = receipt.received_at.astimezone(SHANGHAI).date()
        rows.append(("签收", f"{receipt.receiver_name}，{on}"))
    for number, one in enumerate(page.measures, 1):
        done = f"{one.done_on}完成：{one.result}" if one.done_on else "未完成"
        proof = f"（佐证属{one.evidence_of}）" if one.evidence_of else ""
        rows.append((f"措施{number}", f"{one.words}（{one.person}，{one.due_on}前）。{done}{proof}"))
    for asked in page.extensions:
        words = (
            f"{asked.reason}。{asked.get_state_display()}{'：' + asked.decision if asked.decision else ''}"
        )
        rows.append((f"申请延期至{asked.until}", words))
    if page.objection is not None:
        raised = page.objection
        answer = f"{raised.get_state_display()}{'：' + raised.decision if raised.decision else ''}"
        rows.append(("异议", f"{raised.get_ground_display()}：{raised.words}。{answer}"))
    rows += [
        (f"复查{number}", f"{one}，{one.checked_by}，{one.checked_on}，{one.way}：{one.words}")
        for number, one in enumerate(page.rechecks, 1)
    ]
    rows.append(("现状", page.words))
    return rows


def _fits(rows: Lines, size: float) -> bool:
    """Whether a page holds these rows in this size of type, by count of characters and lines (type area 174 × 265 mm)."""
    em = size * 0.3528
    line = (174 - 4) / em - 8
    lines = sum(
        sum(max(1, -(-len(part) // int(line))) for part in words.split("\n")) + 0.45 for _, words in rows
    )
    return lines * em * 1.45 < 265 - 32


def sheet_layout(rows: Lines) -> tuple[Lines, float, bool]:
    """The rows, the largest size that holds them, and whether they had to be shortened for the smallest."""
    for size in SIZES:
        if _fits(rows, size):
            return rows, size, False
    for most in SHORTENED:
        short = [(label, shortened(words, most)) for label, words in rows]
        if _fits(short, SIZES[-1]):
            break
    return short, SIZES[-1], True


def render_sheet(page: RectificationPage, as_of: str) -> bytes:
    """台账单页: one page; smaller type when it is full, then shortened with a note. Raises DomainError without Pango."""
    require_pdf_libraries()
    rows, size, cut = sheet_layout(_clean(sheet_rows(page)))
    html = _html(
        "rectification_sheet", rows=rows, size=size, cut=cut, unit=clean_text(page.record.unit), as_of=as_of
    )
    with RENDERING:
        return html_to_pdf(html)
