"""Turn an examination into what is kept on the batch: counts, doubts, samples for the preview, row outcomes."""

from __future__ import annotations

from typing import Any

from cultivation.models import ImportBatch, ImportReport
from cultivation.rules.imports_errors import CellDoubt, group_by_cause
from cultivation.rules.imports_headers import Certainty
from cultivation.rules.imports_plan import ChangedRow
from cultivation.services.imports_examine import digest_of
from cultivation.services.imports_kinds import Examination

SAMPLES = 200
MOST_DOUBTS = 20_000
_SHOWN_KEYS = 8


def store_examination(batch: ImportBatch, examination: Examination) -> ImportReport:
    """Set counts and digest on `batch` (not saved) and write its report."""
    plan = examination.plan
    batch.row_count = examination.row_count
    batch.created_count = len(plan.created)
    batch.changed_count = len(plan.changed)
    batch.unchanged_count = len(plan.unchanged)
    batch.error_row_count = examination.error_rows
    batch.digest = digest_of(examination)
    report, _ = ImportReport.objects.update_or_create(
        batch=batch,
        defaults={
            "doubts": {
                "errors": [_doubt(item) for item in examination.errors[:MOST_DOUBTS]],
                "warnings": [_doubt(item) for item in examination.warnings[:MOST_DOUBTS]],
            },
            "preview": _preview(examination),
            "outcomes": _outcomes(examination),
        },
    )
    return report


COUNT_FIELDS = ("row_count", "created_count", "changed_count", "unchanged_count", "error_row_count", "digest")


def _doubt(item: CellDoubt) -> list[Any]:
    return [item.sheet, item.row, item.column_index, item.column, item.value, item.cause, item.what]


def read_doubts(report: ImportReport, which: str) -> list[CellDoubt]:
    """The stored doubts: `which` is errors or warnings."""
    return [CellDoubt(*item) for item in report.doubts.get(which, [])]


def _preview(examination: Examination) -> dict[str, Any]:
    adapter, plan, context = examination.adapter, examination.plan, examination.context
    columns = adapter.spec.by_key
    keys = [key for key in columns if any(key in new.values for new in plan.created[:SAMPLES])][:_SHOWN_KEYS]
    return {
        "unconfirmed": plan.unconfirmed_codes,
        "headers": [columns[key].header for key in keys],
        "created": [
            [
                new.draft.row,
                *(adapter.show(key, new.values[key], context) if key in new.values else "" for key in keys),
            ]
            for new in plan.created[:SAMPLES]
        ],
        "changed": [
            [item.draft.row, item.id, item.name, _changes(examination, item), adapter.row_address(item.id)]
            for item in plan.changed[:SAMPLES]
        ],
        "unchanged": [
            [draft.row, adapter.shown_name(draft.values, context)] for draft in plan.unchanged[:SAMPLES]
        ],
        "sheets": [
            {
                "name": sheet.name,
                "found": sheet.layout is not None,
                "rows": sheet.data_rows,
                "skipped": _skipped(sheet.skipped),
                "guessed": [
                    [column.heading, columns[column.key].header]
                    for column in (sheet.layout.columns if sheet.layout else [])
                    if column.certainty is Certainty.GUESS and column.key in columns
                ],
            }
            for sheet in examination.check.sheets
        ],
        "groups": [[group.cause, group.count] for group in group_by_cause(examination.errors, most=0)],
    }


def _changes(examination: Examination, item: ChangedRow) -> list[list[str]]:
    """[heading, old, new] of each changed column, in the order of the template."""
    adapter, context = examination.adapter, examination.context
    return [
        [column.header, *(adapter.show(key, value, context) for value in item.changes[key])]
        for key, column in adapter.spec.by_key.items()
        if key in item.changes
    ]


def _skipped(skipped: list[tuple[int, Any]]) -> list[list[Any]]:
    counts: dict[str, int] = {}
    for _, why in skipped:
        counts[why.value] = counts.get(why.value, 0) + 1
    return [[word, count] for word, count in counts.items()]


def _outcomes(examination: Examination) -> dict[str, Any]:
    """{sheet: {"header": heading row, "rows": {row: outcome letter}}}; errors stand in the doubts."""
    sheets: dict[str, dict[str, Any]] = {
        sheet.name: {
            "header": sheet.layout.first_data_row,
            "rows": {str(row): f"S{why.value}" for row, why in sheet.skipped},
        }
        for sheet in examination.check.sheets
        if sheet.layout
    }
    plan = examination.plan
    for new in plan.created:
        sheets[new.draft.sheet]["rows"][str(new.draft.row)] = "N"
    for item in plan.changed:
        sheets[item.draft.sheet]["rows"][str(item.draft.row)] = "C"
    for draft in plan.unchanged:
        sheets[draft.sheet]["rows"][str(draft.row)] = "U"
    return sheets
