"""`manage.py demo`: from a fresh machine to the demo city in a browser, by one command."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.runtime import embedded
from zaozhuang_portal.runtime.ports import FIRST_PORT, choose_port
from zaozhuang_portal.runtime.web import OneProcessServer

HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "启动演示门户：建库、装入演示城市、启动网页与后台任务，打印网址和各角色的登录名。"
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=int, default=FIRST_PORT, help="首选端口，默认 8000；被占用时用下一个空闲端口"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._refuse_other_settings()
        try:
            embedded.refuse_second_process()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        self.stdout.write("正在准备数据库……")
        call_command("migrate", verbosity=0)
        self._load_demo_city()
        port = choose_port(HOST, options["port"])
        if port is None:
            raise CommandError(f"从 {options['port']} 起的 100 个端口都被占用，请用 --port 指定别的端口。")
        if port != options["port"]:
            self.stdout.write(f"端口 {options['port']} 已被占用，改用 {port}。")
        connections.close_all()  # the web process is forked from this one
        OneProcessServer(f"{HOST}:{port}", lambda: self._announce(port)).run()

    def _refuse_other_settings(self) -> None:
        if settings.REDIS_URL or settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
            raise CommandError(
                "演示只使用内置的 SQLite：请去掉环境变量（或 .env 中）的 DATABASE_URL 和 REDIS_URL 后再运行。"
                "正式部署请用 docker compose up，见 docs/operations.md。"
            )

    def _load_demo_city(self) -> None:
        """Only into an empty database: a second start changes nothing the visitor did."""
        if User.objects.exists():
            self.stdout.write("沿用已有的演示数据。")
            return
        if "seed_demo" in get_commands():
            self.stdout.write("正在装入演示城市（约需一分钟）……")
            call_command("seed_demo", stdout=self.stdout)

    def _announce(self, port: int) -> None:
        self.stdout.write(f"\n{settings.PORTAL_NAME}（演示）已启动：http://{HOST}:{port}\n")
        for sign_in in demo_sign_ins():
            self.stdout.write(f"  {sign_in}")
        self.stdout.write("\n按 Ctrl+C 停止。再次运行同一命令会保留数据。")
        self.stdout.flush()


def demo_sign_ins() -> list[str]:
    """One printable line per demo account."""
    if not importlib.util.find_spec("reporting.demo"):
        return []
    accounts = importlib.import_module("reporting.demo.accounts")
    return [
        f"{entry.role_label}：登录名 {entry.username}　密码 {entry.password}"
        for entry in accounts.DEMO_SIGN_INS
    ]
