"""What reporting adds to 时限预演: districts whose annual report is not filed by that day."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from cultivation.selectors.data_checks import Scope
from cultivation.selectors.rehearsal import OFFICES, DayAtHand, Miss, RehearsalItem, register_rehearsal
from cultivation.selectors.rehearsal.items import districts_without
from reporting.models import AnnualReport


def not_filed(scope: Scope, at: DayAtHand) -> Iterator[Miss]:
    filed = AnnualReport.objects.filed().filter(at.by_then("first_filed_at"), year__in=at.years)
    url = reverse("reporting:report_list")
    for year, _, name in districts_without(scope, at, filed):
        yield Miss("", name, f"{url}?year={year}", "年度书面报告未报送", year=year)


ANNUAL_REPORT = RehearsalItem(
    "ANNUAL_REPORT",
    "未报送年度书面报告的区（市）",
    "每年11月底前书面报送市三方委员会办公室。",
    not_filed,
    milestone="ANNUAL_REPORT",
    clause="三（四）1（C088—C090）",
    opened_by=OFFICES,
)


def register() -> None:
    register_rehearsal(ANNUAL_REPORT)
