"""`seed_demo`: the demo city into an empty database (design §9). Refused under production settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from reporting.demo.accounts import DEMO_SIGN_INS
from reporting.demo.city import STAGES, build_city
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel import clock


class Command(BaseCommand):
    help = "向空数据库装入演示城市（人名、企业名和信用代码均为虚构）。生产设置下拒绝运行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stage", choices=STAGES, default=STAGES[-1], help="做到哪一步，默认 reported")
        parser.add_argument("--enterprises", type=int, default=210, help="企业总数，默认 210，至少 105")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("当前是生产设置，不装入演示数据。首次启用请运行 manage.py setup。")
        if options["enterprises"] < 105:
            raise CommandError("--enterprises 至少 105（每个区（市）15 家），才能选出各年度的培育对象。")
        if User.objects.exists():
            raise CommandError("数据库中已有用户，演示城市只装入空数据库。请换一个数据库或先清空。")
        with transaction.atomic():
            build_city(
                stage=options["stage"],
                enterprises=options["enterprises"],
                now=clock.now(),
                say=lambda text: self.stdout.write(f"  {text}"),
            )
        self.stdout.write(f"演示城市已装入，{len(DEMO_SIGN_INS)} 个登录名见 manage.py demo 的输出。")
