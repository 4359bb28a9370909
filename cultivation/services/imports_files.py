"""Files an import gives out: the template, and the user's own workbook marked with what became of each row."""

from __future__ import annotations

from cultivation.models import ImportBatch
from cultivation.rules.imports_fields import FIELDS, KIND_LABELS, TEMPLATE_VERSION, ImportKind
from cultivation.rules.imports_values import OWNERSHIP_LABELS, SIZE_LABELS
from cultivation.rules.industries import all_industries
from cultivation.services.imports import batch_bytes, read_sheets
from cultivation.services.imports_report import read_findings
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.spreadsheets.marked import RowMark, mark_workbook
from zaozhuang_portal.kernel.spreadsheets.templates import TemplateColumn, build_template

_NOTES = (
    "第 1 行是列名，请不要改动；第 2 行是示例，导入时自动忽略，可以保留。",
    "一行一条，从第 3 行起填写。合计行、空行会自动跳过。",
    "日期可写 2026-11-05、2026.11.5、20261105；数字可带千分位逗号。",
    "企业以统一社会信用代码识别，园区以名称识别，行业试点以名称和年度识别：同一对象再次导入只更新有变化的列，空白格不改动原有内容。",
    "导入前先校验并预览，确认后才写入；导入后 24 小时内可撤销本批。",
)
_OUTCOME_WORDS = {"N": "新增", "C": "更新", "U": "不变", "S": "已跳过"}


def make_template(kind: ImportKind, organization: Organization | None = None) -> bytes:
    """The template of one kind; with a district its townships are the drop-down, otherwise those of the whole city."""
    places = Organization.objects.filter(level__in=[Level.TOWNSHIP, Level.PARK], is_active=True)
    places = (
        places.filter(parent=organization) if organization else places.filter(parent__level=Level.DISTRICT)
    )
    names = tuple(dict.fromkeys(places.order_by("sort_order", "code").values_list("name", flat=True)))
    choices = {
        "township": names,
        "industry_code": tuple(item.label for item in all_industries() if item.parent),
        "ownership": OWNERSHIP_LABELS,
        "size_class": SIZE_LABELS,
    }
    columns = [
        TemplateColumn(
            header=column.header,
            help=column.help,
            example=column.example,
            kind=column.kind
            if column.kind in ("integer", "decimal", "date")
            else "integer"
            if column.kind == "year"
            else "text",
            choices=choices.get(column.key, ()),
            required=column.required,
            width=column.width,
            strict=column.key in ("ownership", "size_class"),
        )
        for column in FIELDS[kind]
    ]
    label = KIND_LABELS[kind]
    return build_template(columns, sheet_name=label, version=TEMPLATE_VERSION, notes=_NOTES)


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
    for finding in read_findings(batch.report, "errors"):
        texts, columns = wrong.setdefault((finding.sheet, finding.row), ([], []))
        texts.append(finding.message)
        if finding.column_index >= 0:
            columns.append(finding.column_index)
    for (name, row), (texts, columns) in wrong.items():
        marks.setdefault(name, {})[row] = RowMark("未导入：" + "；".join(texts), True, tuple(columns))
    for finding in read_findings(batch.report, "warnings"):
        mark = marks.get(finding.sheet, {}).get(finding.row)
        if mark and not mark.is_error:
            marks[finding.sheet][finding.row] = RowMark(f"{mark.text}（请核对：{finding.what}）")
    headers = {name: sheet["header"] for name, sheet in outcomes.items()}
    return mark_workbook(data, sheets, marks, header_rows=headers, errors_only=errors_only)


def _word(letter: str) -> str:
    return _OUTCOME_WORDS[letter[0]] + (f"（{letter[1:]}）" if letter[1:] else "")
