"""Files an import gives out: the template, and the user's own workbook marked with what became of each row."""

from __future__ import annotations

from cultivation.models import ImportBatch
from cultivation.rules.imports_fields import TEMPLATE_VERSION
from cultivation.services.imports import batch_bytes
from cultivation.services.imports_examine import read_sheets
from cultivation.services.imports_registry import require_adapter
from cultivation.services.imports_report import read_doubts
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.spreadsheets.marked import RowMark, mark_workbook
from zaozhuang_portal.kernel.spreadsheets.templates import build_template

_OUTCOME_WORDS = {"N": "新增", "C": "更新", "U": "不变", "S": "已跳过"}


def make_template(kind: str, organization: Organization | None = None) -> bytes:
    """The template of one kind; with a district its townships are the drop-down, otherwise those of the whole city."""
    adapter = require_adapter(kind)
    return build_template(
        adapter.template_columns(organization),
        sheet_name=adapter.spec.label,
        version=TEMPLATE_VERSION,
        notes=adapter.template_notes,
    )


def make_marked_workbook(batch: ImportBatch, *, errors_only: bool = False) -> bytes:
    """The staged workbook with a last column 导入结果 and the wrong cells filled (ux E13)."""
    data = batch_bytes(batch)
    sheets = read_sheets(data, pasted=batch.source == "PASTE")
    outcomes = batch.report.outcomes
    marks: dict[str, dict[int, RowMark]] = {
        name: {int(row): RowMark(_word(letter)) for row, letter in sheet["rows"].items()}
        for name, sheet in outcomes.items()
    }
    wrong: dict[tuple[str, int], tuple[list[str], list[int]]] = {}
    for doubt in read_doubts(batch.report, "errors"):
        texts, columns = wrong.setdefault((doubt.sheet, doubt.row), ([], []))
        texts.append(doubt.message)
        if doubt.column_index >= 0:
            columns.append(doubt.column_index)
    for (name, row), (texts, columns) in wrong.items():
        marks.setdefault(name, {})[row] = RowMark("未导入：" + "；".join(texts), True, tuple(columns))
    for doubt in read_doubts(batch.report, "warnings"):
        mark = marks.get(doubt.sheet, {}).get(doubt.row)
        if mark and not mark.is_error:
            marks[doubt.sheet][doubt.row] = RowMark(f"{mark.text}（请核对：{doubt.what}）")
    headers = {name: sheet["header"] for name, sheet in outcomes.items()}
    return mark_workbook(data, sheets, marks, header_rows=headers, errors_only=errors_only)


def _word(letter: str) -> str:
    return _OUTCOME_WORDS[letter[0]] + (f"（{letter[1:]}）" if letter[1:] else "")
