"""迎检资料包 as a background job: a catalogue and the unit's own records and files, a folder for each line."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cultivation.selectors.ledger_exports import export_rows, export_slots
from cultivation.services.ledger_exports import is_keeper
from evaluation.models import SpotCheck
from evaluation.rules.spot_checks.packs import MAX_BYTES, MAX_FILES, folder_name, free_path, safe_name
from evaluation.selectors.spot_checks.packs import PackLine, Sheet, pack_lines, packable_check
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.spreadsheets.export import ExportColumn, write_data_workbook
from zaozhuang_portal.operations.models import Attachment, Job
from zaozhuang_portal.operations.registry import JobContext, JobKind, JobResult
from zaozhuang_portal.operations.services.jobs import request_job

PACK_KIND = "evaluation.check_pack"
CATALOGUE = (
    ExportColumn("序号", "integer", width=6),
    ExportColumn("编号", width=12),
    ExportColumn("检查事项", width=36),
    ExportColumn("应备材料", width=40),
    ExportColumn("系统中的记录", width=36),
    ExportColumn("文件", meaning="资料包中的位置", width=60),
    ExportColumn("缺项", width=30),
)


def request_pack(*, actor: Actor, check: SpotCheck, now: datetime) -> Job:
    """Ask for the pack of a check. Raises DomainError when the actor may not have it."""
    return request_job(
        actor=actor,
        kind=PACK_KIND,
        title=f"迎检资料包·{check.name}",
        parameters={"check": check.pk},
        now=now,
        organization=check.organization,
    )


def _check(actor: Actor, parameters: Mapping[str, Any]) -> SpotCheck:
    check = packable_check(actor, int(parameters.get("check", 0)))
    if check is None:
        raise DomainError("您现在的身份看不到这次检查，不能生成或下载资料包。", code="not_visible")
    return check


def _allow(actor: Actor, parameters: Mapping[str, Any]) -> None:
    _check(actor, parameters)


class _Pack:
    """The archive being written, what it holds so far, and the rows of its catalogue."""

    def __init__(self, archive: zipfile.ZipFile, folder: Path, actor: Actor, made_at: datetime) -> None:
        self.archive, self.folder, self.actor = archive, folder, actor
        moment = made_at.astimezone(clock.SHANGHAI)
        self.moment = (moment.year, moment.month, moment.day, moment.hour, moment.minute, 0)
        self.taken: set[str] = set()
        self.bytes = self.files = self.left_out = 0
        self.rows: list[list[Any]] = []

    def add_line(self, number: int, line: PackLine) -> None:
        folder = folder_name(number, line.code, line.title)
        paths, gaps = [], list(line.gaps)
        for sheet in line.sheets:
            paths.append(self._sheet(folder, sheet))
        for attachment in line.files:
            path, gap = self._file(folder, attachment)
            paths += [path] if path else []
            gaps += [gap] if gap else []
        head = [number, line.code, line.title, "、".join(line.papers), "；".join(line.records)]
        for index, path in enumerate(paths or [""]):
            first = index == 0
            self.rows.append(
                [
                    *(head if first else [number, line.code, "", "", ""]),
                    path,
                    "；".join(gaps) if first else "",
                ]
            )

    def _path(self, folder: str, name: str) -> str:
        path = free_path(folder, name, self.taken)
        self.taken.add(path.lower())
        return path

    def _info(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, date_time=self.moment)
        info.compress_type = zipfile.ZIP_DEFLATED
        return info

    def _sheet(self, folder: str, sheet: Sheet) -> str:
        path = self._path(folder, f"{sheet.ledger.noun}台账.xlsx")
        slots = export_slots(sheet.ledger, keeper=is_keeper(self.actor, sheet.ledger))
        target = self.folder / "sheet.xlsx"
        rows = export_rows(self.actor, sheet.ledger, sheet.filters, slots)
        write_data_workbook(target, [slot.column for slot in slots], rows)
        self._copy(path, target)
        return path

    def _copy(self, path: str, source: Path) -> None:
        with source.open("rb") as handle, self.archive.open(self._info(path), "w") as member:
            shutil.copyfileobj(handle, member)

    def _file(self, folder: str, attachment: Attachment) -> tuple[str, str]:
        """(path, gap): a file that is too much, or gone from the store, is named instead of put in."""
        if self.files >= MAX_FILES or self.bytes + attachment.size > MAX_BYTES:
            self.left_out += 1
            return "", f"“{attachment.label}”超出资料包大小，未装入，请在系统中下载"
        try:
            handle = attachment.file.open("rb")
        except (OSError, ValueError):
            return "", f"“{attachment.label}”暂时读不到，未装入"
        path = self._path(folder, attachment.label)
        with handle, self.archive.open(self._info(path), "w") as member:
            shutil.copyfileobj(handle, member)
        self.files += 1
        self.bytes += attachment.size
        return path, ""

    def add_catalogue(self, notes: list[tuple[str, str]]) -> None:
        target = self.folder / "catalogue.xlsx"
        write_data_workbook(target, list(CATALOGUE), self.rows, notes=notes)
        self._copy("目录.xlsx", target)


def _run(context: JobContext) -> JobResult:
    """Lines one by one, then the catalogue; only what the requester may read goes in."""
    check = _check(context.actor, context.job.parameters)
    context.progress("正在清点", 0)
    lines = pack_lines(context.actor, check)
    if not lines:
        raise DomainError(
            "没有适用的检查表或评价标准，不能生成资料包。请联系市三方委员会办公室。", code="empty"
        )
    now = context.job.requested_at
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "pack.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            pack = _Pack(archive, folder, context.actor, now)
            for number, line in enumerate(lines, 1):
                context.check_cancelled()
                context.progress("正在装入", number - 1, len(lines))
                pack.add_line(number, line)
            gaps = sum(bool(line.gaps) for line in lines)
            moment = now.astimezone(clock.SHANGHAI)
            pack.add_catalogue(
                [
                    ("被检查单位", check.name),
                    ("批次", check.round.title),
                    ("数据截至", f"{moment:%Y-%m-%d %H:%M}"),
                    ("有缺项的事项", f"{gaps} 项"),
                    ("大小限制", f"文件合计不超过 {MAX_BYTES // 1024 // 1024} MB、{MAX_FILES} 个"),
                ]
            )
        context.write_file(safe_name(f"迎检资料包_{check.name}_{moment:%Y%m%d}.zip"), path)

    def commit() -> Mapping[str, Any]:
        record_audit(
            actor=context.actor,
            at=clock.now(),
            action="生成迎检资料包",
            kind="SpotCheck",
            object_id=check.pk,
            label=str(check),
            changes={"files": [0, pack.files]},
        )
        return {"files": pack.files, "gaps": gaps, "left_out": pack.left_out}

    left = f"{pack.left_out} 个文件超出大小未装入，已在目录中列明。" if pack.left_out else ""
    return JobResult(
        f"共 {len(lines)} 项、{pack.files} 个文件，{gaps} 项有缺项（见目录）。{left}", commit=commit
    )


CHECK_PACK_JOB = JobKind(key=PACK_KIND, title="迎检资料包", run=_run, allow=_allow)
