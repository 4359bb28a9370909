"""期限提醒 by hand: send today's, or show what any day would tell."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reporting.services.reminder_digests import digests_of, send_digests
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel import clock


class Command(BaseCommand):
    help = "发送今天的期限提醒；加 --dry-run 只列出内容，可用 --day 看任意一天。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", default="", help="日期，形如 2026-11-27；不写就是今天")
        parser.add_argument("--dry-run", action="store_true", help="只列出，不发送")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        today = clock.shanghai_date(now)
        try:
            day = date.fromisoformat(options["day"]) if options["day"] else today
        except ValueError:
            raise CommandError(f"“{options['day']}”不是日期，请写成 2026-11-27 的形式。") from None
        if options["dry_run"]:
            self._show(day)
            return
        if day != today:
            raise CommandError(
                f"只能发送今天（{today}）的提醒：剩余天数是按当天算的。要看 {day} 会提醒什么，请加 --dry-run。"
            )
        self.stdout.write(f"{day}：已提醒 {send_digests(now=now)} 人。今天已提醒过的不再提醒。")

    def _show(self, day: date) -> None:
        digests = digests_of(day)
        names = dict(User.objects.filter(pk__in=list(digests)).values_list("pk", "full_name"))
        for pk, digest in sorted(digests.items()):
            self.stdout.write(f"{names[pk]}：{digest.title}")
            for line in digest.body.splitlines():
                self.stdout.write(f"  {line}")
        self.stdout.write(f"{day}：将提醒 {len(digests)} 人（未发送）。")
