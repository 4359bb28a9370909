"""`break_glass`: an administrator's account from the server, when nobody is left to approve. Audited."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from zaozhuang_portal.accounts.services.break_glass import administrator_roles, break_glass
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


class Command(BaseCommand):
    help = "应急启用：没有第二名管理员可以批准时，在服务器上启用或新开一个管理员账号，给出一次性链接。记入审计日志。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="管理员用户名")
        parser.add_argument("--reason", required=True, help="理由，至少5个字，记入审计日志")
        parser.add_argument("--role", default="", choices=["", *administrator_roles()], help="新开账号的角色")
        parser.add_argument("--name", default="", help="新开账号的姓名")
        parser.add_argument("--base-url", default="http://127.0.0.1:8000", help="门户网址，用于一次性链接")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            activation = break_glass(
                at=clock.now(),
                username=options["username"],
                reason=options["reason"],
                role=options["role"],
                full_name=options["name"],
            )
        except DomainError as error:
            raise CommandError(error.message) from None
        path = reverse("accounts:activate_link", args=[activation.user.pk, activation.issued.code])
        self.stdout.write(
            f"“{activation.user.username}”的一次性链接（72小时内有效，只显示这一次，已记入审计日志）："
        )
        self.stdout.write(f"  {options['base_url'].rstrip('/')}{path}")
