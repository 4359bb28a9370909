"""统计指标: a sheet saved at once, jumps asked about, ratios derived, totals as sums of numerators and denominators."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.ledgers.display import cell
from cultivation.ledgers.figures import PERIOD_FIGURES
from cultivation.models import PeriodFigure
from cultivation.rules.figure_quantities import HOME
from cultivation.rules.period_figures import FIGURES, Amounts, ratio_percent
from cultivation.selectors.period_figures import figure_sheet, figure_table, figure_totals
from cultivation.services.grids import GridConflict
from cultivation.services.imports import import_file
from cultivation.services.ledgers import NeedsConfirmation, RecordRefused, create_record
from cultivation.services.period_figures import save_period_figures
from tests.cultivation.import_samples import workbook
from tests.factories import login, make_actor, make_organization, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def year() -> None:
    make_year()


@pytest.fixture
def district() -> Organization:
    return make_organization(Level.DISTRICT)


@pytest.fixture
def office(district: Organization) -> Actor:
    return make_actor(Role.DISTRICT_OFFICE, district)


def save(actor: Actor, district: Organization, cells: dict[str, int | None], **options: object) -> int:
    typed = {key: None if value is None else Decimal(value) for key, value in cells.items()}
    options = {"year": 2026, "period": "Q2", "shown": {}} | options
    return save_period_figures(actor=actor, organization=district, typed=typed, now=clock.now(), **options)


def test_a_sheet_is_written_changed_and_emptied(district: Organization, office: Actor) -> None:
    cells = {"CONTRACT_RATE:n": 97, "CONTRACT_RATE:d": 100, "ARREARS_CASES:n": 0, "MEDIATORS:n": None}
    assert save(office, district, cells, source="人社统计报表") == 2
    row = PeriodFigure.objects.get(code="CONTRACT_RATE")
    assert (row.numerator, row.denominator, row.source, row.year_id, row.period) == (
        97,
        100,
        "人社统计报表",
        2026,
        "Q2",
    )
    assert cell(PERIOD_FIGURES.by_key["ratio"], row) == "97.00%"
    shown = {"CONTRACT_RATE:n": Decimal(97), "CONTRACT_RATE:d": Decimal(100), "ARREARS_CASES:n": Decimal(0)}
    save(office, district, {"CONTRACT_RATE:n": 98, "ARREARS_CASES:n": None}, shown=shown)
    assert {(row.code, row.numerator) for row in PeriodFigure.objects.live()} == {
        ("CONTRACT_RATE", Decimal(98))
    }
    with pytest.raises(GridConflict):
        save(office, district, {"CONTRACT_RATE:n": 50}, shown=shown)


def test_half_a_ratio_and_more_than_the_whole_are_refused_together(
    district: Organization, office: Actor
) -> None:
    with pytest.raises(RecordRefused) as refused:
        save(
            office, district, {"CONTRACT_RATE:n": 97, "UNION_RATE:n": 9, "UNION_RATE:d": 8, "MEDIATORS:n": 3}
        )
    assert [slip.field for slip in refused.value.slips] == ["CONTRACT_RATE", "UNION_RATE"]
    assert not PeriodFigure.objects.exists()


def test_a_jump_against_the_last_period_is_asked_about(district: Organization, office: Actor) -> None:
    save(office, district, {"CONTRACT_RATE:n": 97, "CONTRACT_RATE:d": 100, "MEDIATORS:n": 40}, period="Q1")
    now = {"CONTRACT_RATE:n": 60, "CONTRACT_RATE:d": 100, "MEDIATORS:n": 42}
    with pytest.raises(NeedsConfirmation) as asked:
        save(office, district, now)
    (slip,) = asked.value.slips
    assert "由上期 97.00% 变为 60.00%" in slip.message
    save(office, district, now, confirm_warnings=True)
    line = next(
        line
        for line in figure_sheet(organization=district.pk, year=2026, period="Q2")
        if line.figure.code == "CONTRACT_RATE"
    )
    assert (line.ratio, line.ratio_before) == (Decimal("60.00"), Decimal("97.00"))


def test_the_last_quarter_of_the_year_before_stands_beside_the_first(
    district: Organization, office: Actor
) -> None:
    save(office, district, {"MEDIATORS:n": 40}, year=2025, period="Q4", source_document="2025年报表")
    save(office, district, {"MEDIATORS:n": 41}, period="Q1")
    lines = figure_sheet(organization=district.pk, year=2026, period="Q1")
    assert next(line.before for line in lines if line.figure.code == "MEDIATORS") == Amounts(
        Decimal(40), None
    )
    assert PeriodFigure.objects.get(year_id=2025).backfilled


def test_only_ones_own_district(district: Organization, office: Actor) -> None:
    with pytest.raises(NotAllowed):
        save(office, make_organization(Level.DISTRICT), {"MEDIATORS:n": 4})
    with pytest.raises(NotAllowed):
        save(make_actor(Role.LEADER, district), district, {"MEDIATORS:n": 4})
    save(make_actor(Role.CITY_OFFICE), district, {"MEDIATORS:n": 4})
    assert PeriodFigure.objects.get().organization == district


def test_city_totals_are_sums_and_name_who_did_not_report(district: Organization, office: Actor) -> None:
    other = make_organization(Level.DISTRICT, name="丙区")
    save(office, district, {"CONTRACT_RATE:n": 1, "CONTRACT_RATE:d": 2, "ARREARS_CASES:n": 3})
    save(make_actor(Role.CITY_OFFICE), other, {"CONTRACT_RATE:n": 98, "CONTRACT_RATE:d": 98})
    table = figure_table(make_actor(Role.CITY_OFFICE), year=2026, period="Q2")
    rows = {row.figure.code: row for row in table.rows}
    assert rows["CONTRACT_RATE"].total.ratio == Decimal("99.00"), "not the average of 50 and 100"
    assert (
        rows["ARREARS_CASES"].total.amounts == Amounts(Decimal(3)) and "丙区" in rows["ARREARS_CASES"].missing
    )
    assert ratio_percent(figure_totals(year=2026, period="Q2")["CONTRACT_RATE"]) == Decimal("99.00")
    own = figure_table(office, year=2026, period="Q2")
    assert [entry.pk for entry in own.districts] == [district.pk]


# --- pages --------------------------------------------------------------------------------------------------------------


def test_the_sheet_in_the_browser(client: Client, district: Organization, office: Actor) -> None:
    save(office, district, {"MEDIATORS:n": 40}, period="Q1")
    login(client, office)
    url = reverse("cultivation:figure_entry") + "?year=2026&period=Q2"
    page = client.get(url).content.decode()
    assert all(f'name="g-{code}:n"' in page for code in FIGURES)
    assert 'name="g-MEDIATORS:d"' not in page
    bad = client.post(url, {"shown": "{}", "g-CONTRACT_RATE:n": "很多", "g-MEDIATORS:n": "90"})
    assert bad.status_code == 422 and 'value="很多"' in bad.content.decode()
    half = client.post(url, {"shown": "{}", "g-CONTRACT_RATE:n": "5", "g-MEDIATORS:n": "41"})
    assert half.status_code == 422 and "缺“应签订劳动合同职工数”" in half.content.decode()
    asked = client.post(url, {"shown": "{}", "g-MEDIATORS:n": "90"})
    assert asked.status_code == 422 and "由上期 40 变为 90" in asked.content.decode()
    assert client.post(url, {"shown": "{}", "g-MEDIATORS:n": "90", "confirm": "1"}).status_code == 302
    assert PeriodFigure.objects.get(period="Q2").numerator == 90


def test_statements_stay_the_same(client: Client) -> None:
    login(client, make_actor(Role.CITY_OFFICE))
    counts = []
    for _ in range(2):
        for _ in range(2):
            place = make_organization(Level.DISTRICT)
            save(make_actor(Role.CITY_OFFICE), place, {"MEDIATORS:n": 4, "ARREARS_CASES:n": 1})
        url = reverse("cultivation:figure_table") + "?year=2026&period=Q2"
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 4, counts


# --- quantities that several figures share ------------------------------------------------------------------------------

UNION_SHEET = {"UNION_RATE:n": 80, "UNION_RATE:d": 100, "COLLECTIVE_FIRMS:n": 60, "CONGRESS_RATE:n": 40}


def stored_pairs() -> dict[str, tuple[Decimal, Decimal | None]]:
    return {row.code: (row.numerator, row.denominator) for row in PeriodFigure.objects.live()}


def test_a_shared_quantity_is_entered_once_and_kept_with_every_figure(
    district: Organization, office: Actor
) -> None:
    assert save(office, district, UNION_SHEET) == 3
    assert stored_pairs() == {
        "UNION_RATE": (80, 100),
        "COLLECTIVE_FIRMS": (60, 80),
        "CONGRESS_RATE": (40, 80),
    }
    save(office, district, {"UNION_RATE:n": 90}, shown={"UNION_RATE:n": Decimal(80)})
    assert stored_pairs() == {
        "UNION_RATE": (90, 100),
        "COLLECTIVE_FIRMS": (60, 90),
        "CONGRESS_RATE": (40, 90),
    }
    with pytest.raises(RecordRefused) as refused:
        save(office, district, {"UNION_RATE:n": 50}, shown={"UNION_RATE:n": Decimal(90)})
    assert [slip.field for slip in refused.value.slips] == ["COLLECTIVE_FIRMS"]


def test_two_values_of_one_quantity_are_refused_naming_both(district: Organization, office: Actor) -> None:
    with pytest.raises(RecordRefused, match="“建会率”中是 80，在“厂务公开建制率”中是 70"):
        save(office, district, UNION_SHEET | {"OPENNESS_RATE:n": 10, "OPENNESS_RATE:d": 70})
    save(office, district, UNION_SHEET)
    values = {"organization": district, "year": 2026, "period": "Q2", "code": "OPENNESS_RATE"}
    with pytest.raises(DomainError, match=r"已建工会企业数.*厂务公开建制率"):
        create_record(
            actor=office,
            ledger=PERIOD_FIGURES,
            values=values | {"numerator": Decimal(10), "denominator": Decimal(70)},
            now=clock.now(),
        )
    assert "OPENNESS_RATE" not in stored_pairs()
    agreeing = values | {"numerator": Decimal(10), "denominator": Decimal(80)}
    create_record(actor=office, ledger=PERIOD_FIGURES, values=agreeing, now=clock.now())


def test_a_shared_quantity_alone_and_a_part_above_its_whole_are_refused(
    district: Organization, office: Actor
) -> None:
    with pytest.raises(RecordRefused, match="缺“应建工会企业数”"):
        save(office, district, {"UNION_RATE:n": 80})
    disputes = {"DISPUTES_ACCEPTED:n": 90, "DISPUTES_CLOSED:n": 50, "DISPUTES_CLOSED:d": 80}
    with pytest.raises(RecordRefused, match="受理案件数”90 大于“应结案件数"):
        save(office, district, disputes)
    save(office, district, disputes | {"DISPUTES_CLOSED:d": 95, "DISPUTES_SETTLED:n": 30})
    assert stored_pairs()["DISPUTES_SETTLED"] == (30, 50)


def test_the_sheet_asks_for_each_quantity_once(client: Client, district: Organization, office: Actor) -> None:
    login(client, office)
    save(office, district, UNION_SHEET)
    url = reverse("cultivation:figure_entry") + "?year=2026&period=Q2"
    page = client.get(url).content.decode()
    assert [page.count(f'name="g-{home}"') for home in set(HOME.values())] == [1] * len(set(HOME.values()))
    assert not any(f'name="g-{cell}"' in page for cell, home in HOME.items() if cell != home)
    assert "同“建会率”中所填" in page
    odd = client.post(url, {"shown": '{"no:n": "5"}', "g-MEDIATORS:n": "4"})
    assert odd.status_code == 302


def test_a_new_row_in_the_ledger_that_disagrees_is_answered_on_the_form(
    client: Client, district: Organization, office: Actor
) -> None:
    save(office, district, UNION_SHEET)
    login(client, office)
    url = reverse("cultivation:ledger_create", args=["period-figures"])
    values = {"year": "2026", "period": "Q2", "code": "OPENNESS_RATE", "numerator": "10", "denominator": "70"}
    answer = client.post(url, values)
    assert answer.status_code == 422 and "同一个数须一致" in answer.content.decode()


def test_the_city_s_total_stands_before_the_districts(client: Client, district: Organization) -> None:
    login(client, make_actor(Role.CITY_OFFICE))
    page = client.get(reverse("cultivation:figure_table") + "?year=2026&period=Q2").content.decode()
    head = page[page.index("<thead>") : page.index("</thead>")]
    assert 0 < head.index("合计") < head.index(district.name)


def test_an_import_whose_lines_disagree_writes_nothing(district: Organization, office: Actor) -> None:
    """The file's lines are judged together with what is stored for the same district and period."""
    save(office, district, UNION_SHEET)
    header = ["年度", "期间", "指标", "数值（分子）", "分母"]
    fine = ["2026", "第二季度", FIGURES["MEDIATORS"].label, 4, ""]
    odd = ["2026", "第二季度", FIGURES["OPENNESS_RATE"].label, 10, 70]

    def bring(*lines: list[object]) -> None:
        import_file(
            actor=office,
            kind="period-figures",
            organization=district,
            data=workbook(header, *lines),
            filename="指标.xlsx",
            now=clock.now(),
        )

    before = stored_pairs()
    with pytest.raises(DomainError, match=r"已建工会企业数.*厂务公开建制率"):
        bring(fine, odd)
    assert stored_pairs() == before
    bring(fine, [*odd[:4], 80])
    assert stored_pairs() == before | {"MEDIATORS": (4, None), "OPENNESS_RATE": (10, 80)}


def test_the_sheet_says_all_wrong_numbers_at_once(
    client: Client, district: Organization, office: Actor
) -> None:
    login(client, office)
    url = reverse("cultivation:figure_entry") + "?year=2026&period=Q2"
    typed = {
        "g-CONTRACT_RATE:n": "40000",
        "g-CONTRACT_RATE:d": "27320",
        "g-UNION_RATE:n": "85",
        "g-UNION_RATE:d": "5",
    }
    answer = client.post(url, {"shown": "{}", **typed})
    page = answer.content.decode()
    assert answer.status_code == 422 and not PeriodFigure.objects.exists()
    summary = page[page.index("data-error-summary") :].partition("</div>")[0]
    assert "27320" in summary and "已建工会企业数" in summary
    assert page.count('aria-invalid="true"') == 2 and all(
        f'value="{text}"' in page for text in typed.values()
    )
