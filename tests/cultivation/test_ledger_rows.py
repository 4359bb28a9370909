"""A row of a ledger's list can be told from its neighbours: the day or the year, and the unit of a figure."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from cultivation.ledgers.base import ColumnKind, Ledger, all_ledgers
from cultivation.models import PeriodFigure
from cultivation.views.ledger_parts import table_heads
from tests.factories import login, make_actor, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
DAYS = (ColumnKind.DATE, ColumnKind.MONTH)
TELLING = ("期间", "单位", "年度")


def days_shown(ledger: Ledger) -> list[str]:
    return [column.header for column in ledger.list_columns if column.kind in DAYS]


def column_of(page: str, header: str) -> list[str]:
    return re.findall(rf'data-label="{header}"[^>]*>([^<]*)<', page)


@pytest.mark.parametrize("ledger", all_ledgers(), ids=lambda ledger: ledger.slug)
@pytest.mark.parametrize("role", [Role.DISTRICT_OFFICE, Role.CITY_OFFICE])
def test_every_list_tells_a_day_or_the_year(ledger: Ledger, role: str) -> None:
    heads = [head.label for head in table_heads(make_actor(role), ledger)]
    assert "年度" in heads or any(day in heads for day in days_shown(ledger)), heads


def test_figures_of_two_years_and_units_differ_in_the_list(client: Client) -> None:
    clerk = make_actor(Role.DISTRICT_OFFICE)
    for year in (2025, 2026):
        for code in ("CONTRACT_RATE", "COLLECTIVE_CONTRACTS"):
            PeriodFigure.objects.create(
                organization=clerk.organization,
                year=make_year(year),
                period="Q1",
                code=code,
                numerator=90,
                denominator=100 if code == "CONTRACT_RATE" else None,
                created_at=clock.now(),
                updated_at=clock.now(),
            )
    login(client, clerk)
    url = reverse("cultivation:ledger_list", args=["period-figures"])
    pages = [client.get(url, {"year": year}) for year in (2025, 2026)]
    found = {
        cells
        for page in pages
        for cells in zip(*(column_of(page.content.decode(), name) for name in TELLING), strict=True)
    }
    assert found == {("第一季度", unit, str(year)) for unit in ("人", "份") for year in (2025, 2026)}, found
