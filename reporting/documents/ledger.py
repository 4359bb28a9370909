"""培育对象台账, 打印版 (ux P7–P10): the enrolled subjects of one district and year as a sheet to print and sign."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from reporting.documents.text import clean_text
from reporting.rules.annual_annexes import ENTRY_LABELS, indicator_note
from reporting.rules.annual_facts import chinese_date
from reporting.rules.cutoffs import cutoff_words
from reporting.rules.figures import KIND_LABELS, ReportFigures, SubjectRow
from zaozhuang_portal.kernel.spreadsheets.printed import PrintedColumn, PrintedLedger, write_printed_ledger

COLUMNS = (
    PrintedColumn("序号", 6, "center"),
    PrintedColumn("名称", 30),
    PrintedColumn("统一社会信用代码", 22),
    PrintedColumn("类别", 11, "center"),
    PrintedColumn("乡镇（街道）", 13),
    PrintedColumn("所属行业", 20),
    PrintedColumn("经济类型", 13),
    PrintedColumn("规模", 8, "center"),
    PrintedColumn("职工人数", 10, "count", total=True),
    PrintedColumn("新增/延续", 9, "center"),
    PrintedColumn("联系人", 10),
    PrintedColumn("联系电话", 15),
    PrintedColumn("评价进度", 14, "center"),
    PrintedColumn("自评得分", 9, "score"),
    PrintedColumn("核验得分", 9, "score"),
    PrintedColumn("评价结果", 11, "center"),
    PrintedColumn("备注", 10),
)


def _score(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _cells(number: int, row: SubjectRow) -> list[object]:
    cells: list[object] = [
        number,
        row["name"],
        row["credit_code"],
        KIND_LABELS[row["kind"]],
        row["township"],
        row["industry"],
        row["ownership"],
        row["size_class"],
        row["employee_count"],
        ENTRY_LABELS[row["entry"]],
        row["contact_name"],
        row["contact_phone"],
        row["assessment_status"],
        _score(row["self_score"]),
        _score(row["verified_score"]),
        row["qualification"],
        "补录" if row["backfilled"] else "",
    ]
    return [clean_text(cell) if isinstance(cell, str) else cell for cell in cells]


def render_ledger(
    figures: ReportFigures, *, filled_on: date, prepared_by: str, reviewed_by: str, provenance: str = ""
) -> bytes:
    """The .xlsx. Blank is unknown; the note names the standard and that it is a reconstruction."""
    return write_printed_ledger(
        PrintedLedger(
            sheet_name="培育对象台账",
            title=f"{figures['district_name']}{figures['year']}年度重点培育对象台账",
            filled_by=f"填报单位：{figures['signatory']}",
            filled_on=f"填报日期：{chinese_date(filled_on.isoformat())}　单位：家、个、人、分",
            columns=COLUMNS,
            rows=[_cells(number, row) for number, row in enumerate(figures["subjects"], start=1)],
            signatures=(f"填报人：{prepared_by}", f"审核人：{reviewed_by}", "联系电话："),
            note=f"注：{cutoff_words(figures)}；空白为未填报。{indicator_note(figures)}{provenance}",
        )
    )
