"""`close_year YYYY --reason TEXT --user LOGIN`: what the page 年度封存与更正 does (design §9)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cultivation.models import CampaignYear
from reporting.services.year_closing import close_year
from zaozhuang_portal.accounts.actors import Actor, list_capacities
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


class Command(BaseCommand):
    help = "封存年度：各区（市）报告均已接收后，由市三方委员会办公室封存；此后只能经同意的更正修改。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int, help="年度，2023—2027")
        parser.add_argument("--reason", required=True, help="封存说明，5—200个字")
        parser.add_argument("--user", required=True, help="办理人的登录名，须为市三方委员会办公室人员")

    def handle(self, *args: Any, **options: Any) -> None:
        year = CampaignYear.objects.filter(pk=options["year"]).first()
        if year is None:
            raise CommandError(
                f"没有{options['year']}年度。可用年度：2023—2027；如尚未载入，请先运行 manage.py setup。"
            )
        actor = self._actor(options["user"])
        try:
            closed, left = close_year(actor=actor, year=year, reason=options["reason"], now=clock.now())
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"已封存{closed}。")
        if left:
            self.stdout.write(f"仍可继续办理（无需更正）：{'、'.join(item.words for item in left)}。")

    def _actor(self, login: str) -> Actor:
        user = User.objects.filter(username=login, is_active=True).first()
        if user is None:
            raise CommandError(f"没有登录名为“{login}”的在用账号，请核对 --user。")
        held = next((item for item in list_capacities(user) if item.role == Role.CITY_OFFICE), None)
        if held is None:
            raise CommandError(f"“{user.full_name}”不是市三方委员会办公室人员，不能封存年度。")
        return Actor(user=user, capacity=held)
