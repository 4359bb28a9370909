"""The life of an import batch: staged, mapped, checked, confirmed or cancelled. Nothing is written before confirm."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from cultivation.enums import ImportSource, ImportState
from cultivation.models import ImportBatch, ImportReport
from cultivation.rules.imports_errors import CellDoubt
from cultivation.rules.imports_fields import DISTRICT, IGNORED, KindSpec
from cultivation.rules.imports_rows import LEFT_OUT, SheetCheck, column_key
from cultivation.services.imports_examine import (
    digest_of,
    examine,
    locate_tables,
    missing_by_sheet,
    read_sheets,
)
from cultivation.services.imports_kinds import Examination, ImportAdapter, ImportTask
from cultivation.services.imports_paste import with_heading
from cultivation.services.imports_registry import adapter_of, require_adapter
from cultivation.services.imports_report import COUNT_FIELDS, store_examination
from cultivation.workflows import IMPORT_WORKFLOW, IMPORTERS, SYSTEM
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.kernel.lengths import require_length
from zaozhuang_portal.kernel.spreadsheets import Sheet
from zaozhuang_portal.kernel.uploads import safe_label

# More rows than this are checked and written by a background job (ux E15).
ROWS_AT_ONCE = 500


def require_importer(actor: Actor | None, organization: Organization, adapter: ImportAdapter) -> str:
    """The role under which this actor may import for the organization. Raises NotAllowed; DomainError for a wrong one."""
    if organization.level not in adapter.levels:
        raise DomainError("请选择要导入到哪个区（市）或高新区。", code="district", field="district")
    adapter.require(actor, organization)
    if actor is None:
        return SYSTEM
    if actor.role not in IMPORTERS:
        raise NotAllowed("您当前的身份不能导入登记数据。")
    if not actor.is_city and (actor.district is None or actor.district.pk != organization.pk):
        raise NotAllowed("只能导入本区（市）的数据。")
    return actor.role


def batch_bytes(batch: ImportBatch) -> bytes:
    with batch.file.open("rb") as handle:
        content: bytes = handle.read()
    return content


def batch_sheets(batch: ImportBatch) -> list[Sheet]:
    return read_sheets(batch_bytes(batch), pasted=batch.source == ImportSource.PASTE)


def stage_import(
    *,
    actor: Actor,
    kind: str,
    organization: Organization,
    data: bytes,
    filename: str,
    now: datetime,
    pasted: bool = False,
    backfilled: bool = False,
    source_document: str = "",
) -> ImportBatch:
    """Keep an upload or a paste. With every column sure the batch is MAPPED at once, else STAGED.

    Pasted cells without a heading row are taken in the order of the template where the kind allows it; the columns are
    then to be confirmed. `backfilled` marks every row 补录; the source is the file's name unless one is given.
    Raises SpreadsheetError or DomainError (no_header) before anything is kept.
    """
    adapter = require_adapter(kind)
    role = require_importer(actor, organization, adapter)
    mapping: dict[str, str] = {}
    if pasted and adapter.without_heading:
        data, mapping = with_heading(adapter.spec, data, by_content=adapter.heading_by_content)
    sheets = read_sheets(data, pasted=pasted)
    tables = locate_tables(adapter.spec, sheets, mapping)
    label = "粘贴的数据" if pasted else _label(filename)
    batch = ImportBatch(
        kind=adapter.spec.key,
        kind_label=adapter.spec.label,
        organization=organization,
        source=ImportSource.PASTE if pasted else ImportSource.FILE,
        label=label,
        sha256=hashlib.sha256(data).hexdigest(),
        mapping=mapping,
        started_by=actor.user,
        started_at=now,
        row_count=_rows_below(sheets, tables),
        **_backfill(adapter, backfilled, source_document, label),
    )
    batch.file.save("import", ContentFile(data), save=False)
    with transaction.atomic():
        batch.save()
        record_audit(
            actor=actor,
            at=now,
            action="上传导入文件",
            kind="ImportBatch",
            object_id=batch.pk,
            label=str(batch),
        )
        sure = not mapping and all(table.layout.is_sure() for table in tables if table.layout)
        if sure and not missing_by_sheet(adapter.spec, tables):
            IMPORT_WORKFLOW.apply(batch, "map", role=role)
    return batch


def _backfill(adapter: ImportAdapter, backfilled: bool, source: str, label: str) -> dict[str, Any]:
    """The two columns of 历史补录. Raises DomainError where a kind is back-filled only, or never."""
    backfilled = backfilled or adapter.must_backfill
    if backfilled and not adapter.may_backfill:
        raise DomainError(f"{adapter.spec.label}不按补录导入。", code="backfill", field="backfilled")
    return {
        "backfilled": backfilled,
        "source_document": require_length("补录来源", source, 160, field="source_document") or label
        if backfilled
        else "",
    }


def _label(filename: str) -> str:
    extension = filename.rpartition(".")[2].lower()
    return safe_label(filename, extension if extension in ("xlsx", "xls", "csv") else "xlsx")


def _rows_below(sheets: list[Sheet], tables: list[SheetCheck]) -> int:
    length = {sheet.name: len(sheet.rows) for sheet in sheets}
    return sum(length[table.name] - table.layout.first_data_row for table in tables if table.layout)


@transaction.atomic
def map_columns(
    *, actor: Actor, batch: ImportBatch, mapping: Mapping[str, str], now: datetime
) -> ImportBatch:
    """Keep the user's choice (`column_key` or heading → field key, "" = not used); each sheet is mapped apart.

    Raises DomainError for a doubtful choice, naming the sheet.
    """
    adapter = adapter_of(batch)
    role = require_importer(actor, batch.organization, adapter)
    _refuse_doubtful(adapter.spec, mapping)
    tables = locate_tables(adapter.spec, batch_sheets(batch), mapping)
    if missing := missing_by_sheet(adapter.spec, tables):
        words = "；".join(f"{where}还没有指定哪一列是{headers}" for where, headers in missing)
        other = "；不要的工作表请勾选“此表不导入”" if missing[0][0] else ""
        raise DomainError(f"{words}，请选择后再继续{other}。", code="missing_column")
    IMPORT_WORKFLOW.apply(batch, "map", role=role, changes={"mapping": dict(mapping)})
    return batch


def _refuse_doubtful(spec: KindSpec, mapping: Mapping[str, str]) -> None:
    """A key that is none, and two columns of one sheet for the same field."""
    columns = spec.by_key
    taken: set[tuple[str, str]] = set()
    for place, key in mapping.items():
        sheet, _, heading = place.rpartition("\t")
        if key == LEFT_OUT and not heading:
            continue
        if key not in columns and key not in (DISTRICT, IGNORED, ""):
            raise DomainError(f"列“{heading}”的对应项无法识别，请重新选择。", code="mapping")
        if key in ("", IGNORED) or mapping.get(column_key(sheet, "")) == LEFT_OUT:
            continue
        if (sheet, key) in taken:
            header = columns[key].header if key in columns else "区（市）"
            where = f"工作表“{sheet}”" if sheet else ""
            raise DomainError(
                f"{where}有两列都对应“{header}”，请只保留一列，另一列选“不导入”。", code="mapping"
            )
        taken.add((sheet, key))


def examine_batch(batch: ImportBatch, *, actor: Actor | None, now: datetime) -> Examination:
    """What is found about the staged file against what is there today. Reads only."""
    task = ImportTask(
        batch.organization, actor, now, batch.code_note, batch.backfilled, batch.source_document
    )
    return examine(adapter=adapter_of(batch), task=task, sheets=batch_sheets(batch), mapping=batch.mapping)


def check_import(*, actor: Actor, batch: ImportBatch, now: datetime) -> ImportBatch:
    """校验: validate and compare, keep what is found for the preview. The register is not touched."""
    require_importer(actor, batch.organization, adapter_of(batch))
    examination = examine_batch(batch, actor=actor, now=now)
    return keep_check(actor=actor, batch=batch, examination=examination, now=now)


@transaction.atomic
def keep_check(*, actor: Actor, batch: ImportBatch, examination: Examination, now: datetime) -> ImportBatch:
    """Store an examination on the batch and move it to CHECKED."""
    role = require_importer(actor, batch.organization, adapter_of(batch))
    report = store_examination(batch, examination)
    counts = {name: getattr(batch, name) for name in COUNT_FIELDS}
    IMPORT_WORKFLOW.apply(batch, "check", role=role, changes={"checked_at": now, **counts})
    batch.report = report
    return batch


class _Stale(Exception):
    def __init__(self, examination: Examination) -> None:
        super().__init__()
        self.examination = examination


def confirm_import(
    *,
    actor: Actor,
    batch: ImportBatch,
    digest: str,
    only_good: bool,
    now: datetime,
    code_note: str = "",
) -> ImportBatch:
    """确认导入: write what the preview showed, in one transaction. `digest` is the one the preview carried.

    `only_good`: leave rows with errors out; otherwise any error refuses the whole. `code_note` is the word for
    wrong check digits, required when there are any. Raises ConflictError when the register has changed since the
    preview; a fresh preview is stored then.
    """
    role = require_importer(actor, batch.organization, adapter_of(batch))
    try:
        with transaction.atomic():
            batch.code_note = require_length("校验位不符的说明", code_note, 100, field="code_note")
            IMPORT_WORKFLOW.apply(
                batch,
                "confirm",
                role=role,
                changes={"confirmed_at": now, "confirmed_by": actor.user, "code_note": batch.code_note},
            )
            examination = examine_batch(batch, actor=actor, now=now)
            _refuse_unready(examination, only_good, batch.code_note)
            if not digest == batch.digest == digest_of(examination):
                raise _Stale(examination)
            _write(actor=actor, batch=batch, examination=examination, now=now)
    except (_Stale, DomainError) as problem:
        batch.refresh_from_db()
        if isinstance(problem, DomainError):
            raise
        keep_check(actor=actor, batch=batch, examination=problem.examination, now=now)
        raise ConflictError(
            "登记数据在校验后有变化，已按最新数据重新校验。请核对新的预览后再确认。"
        ) from None
    return batch


def _refuse_unready(examination: Examination, only_good: bool, code_note: str) -> None:
    if examination.errors and not only_good:
        raise DomainError(
            f"还有 {examination.error_rows} 行有错误，未导入任何内容。请下载标注后的表格改好再导入，或选择只导入无错误的行。",
            code="errors_left",
        )
    doubtful = examination.plan.unconfirmed_codes
    if doubtful and not code_note:
        raise DomainError(
            f"有 {doubtful} 行统一社会信用代码的校验位不符，请先核对营业执照，并写明说明（如“已核对营业执照”）。",
            code="code_note",
            field="code_note",
        )


def _write(*, actor: Actor | None, batch: ImportBatch, examination: Examination, now: datetime) -> None:
    """Write the plan and everything that belongs to it. In the caller's transaction; `batch` is CONFIRMED."""
    report = store_examination(batch, examination)
    report.undo_log = examination.adapter.write(examination)
    report.save(update_fields=["undo_log"])
    ImportBatch.objects.filter(pk=batch.pk).update(**{name: getattr(batch, name) for name in COUNT_FIELDS})
    record_audit(
        actor=actor,
        at=now,
        action="导入",
        kind="ImportBatch",
        object_id=batch.pk,
        label=str(batch),
        changes={
            "created": [0, batch.created_count],
            "updated": [0, batch.changed_count],
            "unchanged": [0, batch.unchanged_count],
            "errors": [0, batch.error_row_count],
            "sha256": ["", batch.sha256],
        },
    )


@transaction.atomic
def cancel_import(*, actor: Actor, batch: ImportBatch, now: datetime) -> ImportBatch:
    """放弃导入: nothing was written, the staged file goes."""
    role = require_importer(actor, batch.organization, adapter_of(batch))
    IMPORT_WORKFLOW.apply(batch, "cancel", role=role, changes={"cancelled_at": now})
    record_audit(
        actor=actor, at=now, action="放弃导入", kind="ImportBatch", object_id=batch.pk, label=str(batch)
    )
    ImportReport.objects.filter(batch=batch).delete()
    name = str(batch.file.name)
    transaction.on_commit(lambda: batch.file.storage.delete(name), robust=True)
    return batch


@dataclass(frozen=True)
class ImportOutcome:
    """What the shell command reports. With `written` false the counts say what would be done."""

    created: int
    updated: int
    unchanged: int
    errors: list[CellDoubt] = field(default_factory=list)
    warnings: list[CellDoubt] = field(default_factory=list)
    written: bool = False
    guessed: list[tuple[str, str]] = field(default_factory=list)
    batch_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "errors": [error.as_json() for error in self.errors],
        }


def import_file(
    *,
    actor: Actor | None,
    kind: str,
    organization: Organization,
    data: bytes,
    filename: str,
    now: datetime,
    backfilled: bool = False,
    source_document: str = "",
    all_or_nothing: bool = False,
    dry_run: bool = False,
) -> ImportOutcome:
    """Check and write in one go, for the shell. Leaves a CONFIRMED batch (for the undo) when anything changed.

    Without `all_or_nothing` the good rows go in; with it one error keeps everything out. A wrong check digit is
    taken in with a note that it still has to be confirmed. Raises what examine and write_plan raise.
    """
    adapter = require_adapter(kind)
    require_importer(actor, organization, adapter)
    sheets = read_sheets(data)
    label = _label(filename)
    backfill = _backfill(adapter, backfilled, source_document, label)
    task = ImportTask(organization, actor, now, **backfill)
    with transaction.atomic():
        examination = examine(adapter=adapter, task=task, sheets=sheets)
        plan = examination.plan
        refused = bool(all_or_nothing and examination.errors)
        changes = bool(plan.created or plan.changed)
        batch = None
        if changes and not refused and not dry_run:
            batch = ImportBatch(
                kind=adapter.spec.key,
                kind_label=adapter.spec.label,
                organization=organization,
                source=ImportSource.COMMAND,
                label=label,
                **backfill,
                sha256=hashlib.sha256(data).hexdigest(),
                state=ImportState.CONFIRMED,
                started_by=actor.user if actor else None,
                started_at=now,
                checked_at=now,
                confirmed_at=now,
                confirmed_by=actor.user if actor else None,
            )
            batch.file.save("import", ContentFile(data), save=False)
            batch.save()
            _write(actor=actor, batch=batch, examination=examination, now=now)
    return ImportOutcome(
        created=0 if refused else len(plan.created),
        updated=0 if refused else len(plan.changed),
        unchanged=len(plan.unchanged),
        errors=examination.errors,
        warnings=examination.warnings,
        written=batch is not None,
        guessed=_guesses(examination),
        batch_id=batch.pk if batch else None,
    )


def _guesses(examination: Examination) -> list[tuple[str, str]]:
    columns = examination.adapter.spec.by_key
    return [
        (column.heading, columns[column.key].header)
        for sheet in examination.check.sheets
        if sheet.layout and not sheet.layout.is_sure()
        for column in sheet.layout.columns
        if column.certainty == "GUESS" and column.key in columns
    ]
