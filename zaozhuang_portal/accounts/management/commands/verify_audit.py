"""verify_audit: recompute the hash chain of the audit log. Exit 1 when it was tampered with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from zaozhuang_portal.accounts.selectors.audit import verify_chain
from zaozhuang_portal.accounts.services.seals import ANCHORS


class Command(BaseCommand):
    help = "校验审计日志的哈希链：发现改动、删除、调换和截断。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchors", help="库外留存的封存清单（默认数据目录下的 audit_anchors.jsonl）")
        parser.add_argument("--head", help="另行保存的最后一批哈希，用于核对末尾")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        anchors = Path(options["anchors"]) if options["anchors"] else settings.DATA_DIR / ANCHORS
        if options["anchors"] and not anchors.is_file():
            raise CommandError(f"找不到封存清单 {anchors}，请核对 --anchors 的路径。")
        report = verify_chain(anchors=anchors)
        if options["head"] and options["head"] != report.head:
            report.problems.append("最后一批的哈希与 --head 不一致：日志末尾被截断，或此后又有封存。")
        if options["json"]:
            self.stdout.write(json.dumps(vars(report), ensure_ascii=False))
        else:
            self.stdout.write(f"封存 {report.seals} 批 {report.sealed} 条，待封存 {report.unsealed} 条。")
            self.stdout.write(f"最后一批哈希：{report.head or '无'}")
        if report.problems:
            if options["json"]:
                raise SystemExit(1)
            raise CommandError("审计日志校验未通过：\n" + "\n".join(report.problems))
        if not options["json"]:
            self.stdout.write("校验通过：审计日志完整。")
