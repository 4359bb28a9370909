"""check_data [--district CODE] [--json]: the standing data checks from the shell (design §9)."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cultivation.rules.data_checks import Severity
from cultivation.selectors.data_checks import CheckResult, Scope, run_checks
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock

_MOST_SHOWN = 20


class Command(BaseCommand):
    help = "数据核查：运行全部检查项；没有“必须处理”的问题时退出状态为 0。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--district", metavar="CODE", help="只查一个区（市），如 370481；高新区为 3704GX")
        parser.add_argument("--json", action="store_true", help="标准输出只打印一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        district = self._district(options["district"], as_json=options["json"])
        day = clock.shanghai_date(clock.now())
        results = run_checks(Scope(district=district), day=day)
        grave = sum(len(r.doubts) for r in results if r.check.severity is Severity.MUST)
        if options["json"]:
            self.stdout.write(json.dumps(self._as_json(results, district, grave), ensure_ascii=False))
            if grave:
                raise SystemExit(1)
            return
        self._print(results)
        if grave:
            raise CommandError(f"有 {grave} 条必须处理的问题，请登录平台“数据核查”逐条处理。")

    def _district(self, code: str | None, *, as_json: bool) -> Organization | None:
        if code is None:
            return None
        district = Organization.objects.districts().filter(code=code).first()
        if district is not None:
            return district
        known = "、".join(f"{item.code} {item.name}" for item in Organization.objects.districts())
        message = f"没有代码为“{code}”的区（市）。可用：{known or '（尚未载入，请先运行 manage.py setup）'}。"
        if as_json:
            errors = [{"code": "unknown_district", "message": message}]
            self.stdout.write(json.dumps({"errors": errors}, ensure_ascii=False))
            raise SystemExit(1)
        raise CommandError(message)

    def _as_json(
        self, results: list[CheckResult], district: Organization | None, grave: int
    ) -> dict[str, Any]:
        return {
            "district": district.code if district else None,
            "must": grave,
            "checks": [
                {
                    "code": result.check.code,
                    "severity": result.check.severity.value,
                    "title": result.check.title,
                    "count": len(result.doubts),
                    "capped": result.capped,
                    "doubts": [
                        {
                            "label": doubt.label,
                            "detail": doubt.detail,
                            "district": doubt.place,
                            "url": result.check.mends[0].url(doubt) if result.check.mends else "",
                        }
                        for doubt in result.doubts
                    ],
                }
                for result in results
            ],
        }

    def _print(self, results: list[CheckResult]) -> None:
        for result in results:
            if not result.doubts:
                continue
            check = result.check
            self.stdout.write(f"【{check.severity.label}】{check.title}：{result.count} 条")
            for doubt in result.doubts[:_MOST_SHOWN]:
                url = check.mends[0].url(doubt) if check.mends else ""
                self.stdout.write(f"  {doubt.place} {doubt.label}：{doubt.detail}  {url}")
            if len(result.doubts) > _MOST_SHOWN:
                rest = len(result.doubts) - _MOST_SHOWN
                self.stdout.write(f"  ……另有 {rest} 条，加 --json 可看全部。")
        clean = sum(not result.doubts for result in results)
        self.stdout.write(f"共 {len(results)} 项检查，{clean} 项没有发现问题。")
