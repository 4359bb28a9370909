"""`setup`: production's first start without demo data. Idempotent (design §9)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from cultivation.services.campaign import load_campaign_years
from cultivation.services.holidays import seed_holidays
from cultivation.services.policy_seeds import seed_incentives, seed_policy_documents
from cultivation.services.work_item_seeds import seed_work_items
from evaluation.enums import ChecklistState
from evaluation.models import IndicatorSet
from evaluation.rules.spot_checks.checklists import read_checklist
from evaluation.services.spot_checks.checklists import load_checklist, publish_checklist
from zaozhuang_portal.accounts.services.first_start import create_first_administrator
from zaozhuang_portal.accounts.services.organizations import load_organizations
from zaozhuang_portal.kernel import clock

SETS = Path(settings.BASE_DIR) / "evaluation" / "data"


class Command(BaseCommand):
    help = "首次启用：载入单位、年度、时间节点、目标和评价标准，并给出一次性的系统管理员链接。可重复运行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default="http://127.0.0.1:8000", help="门户网址，用于管理员链接")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        load_organizations(at=now)
        load_campaign_years(now=now)
        seed_policy_documents(now=now)
        seed_incentives(now=now)
        seed_holidays(now=now)
        seed_work_items(now=now)
        self.stdout.write(
            "单位、三方机构、年度、时间节点、目标、政策文件、激励措施、节假日安排和通知规定的责任事项已载入。"
        )
        for path in sorted(SETS.glob("*.yaml")):
            call_command("load_indicator_set", str(path), publish=True, stdout=self.stdout)
        for path in sorted((SETS / "checklists").glob("*.yaml")):
            checklist = load_checklist(actor=None, checklist=read_checklist(path.read_bytes()), now=now)
            if checklist.state == ChecklistState.DRAFT:
                publish_checklist(actor=None, checklist=checklist, now=now)
            self.stdout.write(f"{checklist.title} {checklist.version} 已载入（{checklist.source}）。")
        if IndicatorSet.objects.filter(status="RECONSTRUCTION").exists():
            self.stdout.write(
                "注意：内置评价标准为重构稿，待官方文本核定；取得官方文本后请在“评价标准”中载入新版本。"
            )
        activation = create_first_administrator(at=now)
        if activation is None:
            self.stdout.write("系统管理员已启用，未生成新链接。")
            return
        path = reverse("accounts:activate_link", args=[activation.user.pk, activation.issued.code])
        self.stdout.write(
            f"系统管理员“{activation.user.username}”的一次性链接（72小时内有效，只显示这一次）："
        )
        self.stdout.write(f"  {options['base_url'].rstrip('/')}{path}")
