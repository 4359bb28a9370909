"""`make_report annual`: the same files as the report page, from the shell; writes no rows (design §9)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cultivation.models import CampaignYear
from reporting.services.annual_reports import check_cutoff
from reporting.services.report_documents import FORMATS, latest_source, render_document
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.parsing import ParseError, parse_date


class Command(BaseCommand):
    help = "生成年度报告文件：取最近报送的快照；尚未报送的按现有数据生成并标明“草稿”。不写数据库。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=["annual"], help="报告种类：annual 年度报告")
        parser.add_argument("--year", type=int, required=True, help="年度，2023—2027")
        parser.add_argument("--district", required=True, help="区（市）代码，如 370481；高新区为 3704GX")
        parser.add_argument("--format", choices=list(FORMATS), required=True)
        parser.add_argument("--output", required=True, help="输出文件")
        parser.add_argument("--as-of", help="数据截至日，如 2026-11-20；只用于尚未报送的年度")

    def handle(self, *args: Any, **options: Any) -> None:
        year = CampaignYear.objects.filter(pk=options["year"]).first()
        if year is None:
            raise CommandError(
                f"没有{options['year']}年度。可用年度：2023—2027；如尚未载入，请先运行 manage.py setup。"
            )
        district = Organization.objects.districts().filter(code=options["district"]).first()
        if district is None:
            known = "、".join(f"{d.code} {d.name}" for d in Organization.objects.districts())
            raise CommandError(
                f"没有代码为“{options['district']}”的区（市）。可用代码：{known or '无，请先运行 manage.py setup'}。"
            )
        now = clock.now()
        try:
            as_of = parse_date(options["as_of"] or "") or clock.shanghai_date(now)
            check_cutoff(year=year, as_of=as_of, now=now)
            source = latest_source(year=year, organization=district, as_of=as_of, now=now)
            content = render_document(source, options["format"])
        except ParseError as error:
            raise CommandError(f"--as-of：{error}") from None
        except DomainError as error:
            raise CommandError(error.message) from None
        _write(Path(options["output"]), content)
        state = "草稿，尚未报送" if source.draft else "已报送的快照"
        if options["as_of"] and source.figures["as_of"] != as_of.isoformat():
            self.stdout.write(
                "该年度报告已报送，文件取报送时的快照；--as-of 只用于尚未报送的年度，没有采用。"
            )
        self.stdout.write(
            f"已生成 {options['output']}（{len(content):,} 字节，{state}，数据截至 {source.figures['as_of']}）。"
        )


def _write(path: Path, content: bytes) -> None:
    """Under a temporary name, then renamed: a reader never sees half a file, and none is left behind."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise CommandError(
            f"不能写入 {path}：{error.strerror}。请检查文件夹是否存在、是否有写权限、磁盘是否已满。"
        ) from None
