"""import_register KIND FILE --district CODE: the import of the browser, from the shell (design §9)."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError

from cultivation.rules.imports_fields import KindSpec
from cultivation.services.imports import ImportOutcome, import_file
from cultivation.services.imports_files import make_template
from cultivation.services.imports_registry import all_kinds, find_adapter
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

_MOST_SHOWN = 50


class Command(BaseCommand):
    help = "导入企业（enterprises）、工业园区（parks）、行业试点（pilots）或一本台账（如 visits）；--template 只生成模板。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", metavar="KIND", help="enterprises | parks | pilots | 台账代号，如 visits")
        parser.add_argument("file", metavar="FILE", nargs="?", help="要导入的 .xlsx、.xls 或 .csv 文件")
        parser.add_argument("--district", metavar="CODE", help="区（市）代码，如 370481；高新区为 3704GX")
        parser.add_argument("--template", metavar="FILE", help="生成导入模板到该文件，不导入")
        parser.add_argument(
            "--backfill", metavar="SOURCE", help="按历史补录导入，SOURCE 为补录来源（文件名或文号）"
        )
        parser.add_argument("--dry-run", action="store_true", help="只校验，不写入")
        parser.add_argument("--all-or-nothing", action="store_true", help="有任何错误就一行也不写入")
        parser.add_argument("--json", action="store_true", help="标准输出只打印一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json: bool = options["json"]
        try:
            spec = self._kind(options["kind"])
            district = self._district(options["district"])
            if options["template"]:
                self._write_template(spec, district, Path(options["template"]))
                return
            outcome = self._import(spec, district, options)
        except DomainError as refusal:
            self._refuse(refusal)
        self._report(spec, outcome, options)
        if outcome.errors:
            if self.as_json:
                raise SystemExit(1)
            raise CommandError(self._summary_of_errors(outcome, options))

    def _kind(self, text: str) -> KindSpec:
        adapter = find_adapter(text)
        if adapter is None:
            known = "、".join(f"{spec.key}（{spec.label}）" for spec in all_kinds())
            raise DomainError(f"不认识的类别“{text}”，请用 {known}。", code="unknown_kind")
        return adapter.spec

    def _district(self, code: str | None) -> Organization | None:
        if code is None:
            return None
        district = Organization.objects.districts().filter(code=code).first()
        if district is None:
            known = "、".join(f"{item.code} {item.name}" for item in Organization.objects.districts())
            raise DomainError(
                f"没有代码为“{code}”的区（市）。可用：{known or '（尚未载入，请先运行 manage.py setup）'}。",
                code="unknown_district",
            )
        return district

    def _write_template(self, spec: KindSpec, district: Organization | None, path: Path) -> None:
        content = make_template(spec.key, district)
        try:
            path.write_bytes(content)
        except OSError as error:
            raise DomainError(f"模板写不到“{path}”：{_why(error)}", code="not_writable") from None
        if self.as_json:
            self.stdout.write(json.dumps({"template": str(path)}, ensure_ascii=False))
        else:
            self.stdout.write(f"已生成{spec.label}导入模板：{path}")

    def _import(
        self, spec: KindSpec, district: Organization | None, options: dict[str, Any]
    ) -> ImportOutcome:
        if not options["file"]:
            raise DomainError("没有指定要导入的文件，请在类别后写文件名。", code="no_file")
        if district is None:
            raise DomainError(
                "没有指定区（市），请加 --district 代码，如 --district 370481。", code="no_district"
            )
        path = Path(options["file"])
        try:
            data = path.read_bytes()
        except OSError as error:
            raise DomainError(f"读不了文件“{path}”：{_why(error)}", code="unreadable") from None
        return import_file(
            actor=None,
            kind=spec.key,
            organization=district,
            data=data,
            filename=path.name,
            now=clock.now(),
            backfilled=bool(options["backfill"]),
            source_document=options["backfill"] or "",
            all_or_nothing=options["all_or_nothing"],
            dry_run=options["dry_run"],
        )

    def _report(self, spec: KindSpec, outcome: ImportOutcome, options: dict[str, Any]) -> None:
        for heading, header in outcome.guessed:
            self.stderr.write(f"注意：列“{heading}”按“{header}”导入，请确认。")
        for warning in outcome.warnings[:_MOST_SHOWN]:
            self.stderr.write(f"请核对：{warning.message}")
        if self.as_json:
            self.stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False))
            return
        unit = spec.unit
        verb = "试算（未写入）" if options["dry_run"] else "导入"
        self.stdout.write(
            f"{verb}{spec.label}：新增 {outcome.created} {unit}，更新 {outcome.updated} {unit}，"
            f"不变 {outcome.unchanged} {unit}，错误 {len(outcome.errors)} 处。"
        )

    def _summary_of_errors(self, outcome: ImportOutcome, options: dict[str, Any]) -> str:
        lines = [error.message for error in outcome.errors[:_MOST_SHOWN]]
        if len(outcome.errors) > _MOST_SHOWN:
            lines.append(f"……另有 {len(outcome.errors) - _MOST_SHOWN} 处错误，加 --json 可看全部。")
        rows = len({(error.sheet, error.row) for error in outcome.errors})
        if options["all_or_nothing"]:
            lines.append(f"有 {rows} 行错误，一行也没有写入。请改好后重新导入。")
        else:
            lines.append(f"有 {rows} 行错误没有导入，其余行不受影响。请改好这些行后重新导入同一文件。")
        return "\n".join(lines)

    def _refuse(self, refusal: DomainError) -> NoReturn:
        if self.as_json:
            self.stdout.write(
                json.dumps(
                    {"errors": [{"code": refusal.code, "message": refusal.message}]}, ensure_ascii=False
                )
            )
            raise SystemExit(1)
        raise CommandError(refusal.message)


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "文件或文件夹不存在，请核对路径。"
    if isinstance(error, PermissionError):
        return "没有权限，请换一个位置或调整权限。"
    if isinstance(error, IsADirectoryError):
        return "这是一个文件夹，请写出文件名。"
    return f"系统返回“{error.strerror}”，请核对磁盘和路径。"
