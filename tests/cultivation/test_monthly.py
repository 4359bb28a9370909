"""Month grids of advisories, mediations and service points; counts of a year; double counting; no personal numbers."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.ledgers.assistance import ADVISORIES, CULTURE, MEDIATIONS
from cultivation.ledgers.staff import POINT_TALLIES, SERVICE_POINTS
from cultivation.models import EmploymentAdvisory, Mediation, ServicePointTally
from cultivation.selectors.assistance import count_cases
from cultivation.selectors.service_points import points_of_year
from cultivation.services.grids import GridConflict
from cultivation.services.ledgers import NeedsConfirmation, RecordRefused, create_record
from cultivation.services.service_points import save_point_month
from cultivation.services.tallies import save_month_tallies
from tests.cultivation.ledger_factories import make_record
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry, Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db
MONTH = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def year() -> None:
    make_year()


@pytest.fixture
def district() -> Organization:
    return make_organization(Level.DISTRICT)


@pytest.fixture
def office(district: Organization) -> Actor:
    return make_actor(Role.DISTRICT_OFFICE, district)


def save(actor: Actor, organization: Organization, typed: dict[str, int | None], **options: object) -> int:
    options.setdefault("month", MONTH)
    return save_month_tallies(
        actor=actor, ledger=MEDIATIONS, organization=organization, typed=typed, now=clock.now(), **options
    )


def live() -> dict[str, int]:
    return {f"{row.topic}:{row.outcome}": row.count for row in Mediation.objects.live()}


def test_cells_become_rows_are_changed_and_taken_out(district: Organization, office: Actor) -> None:
    assert save(office, district, {"PAY:SETTLED": 5, "INJURY:REFERRED": 2, "OTHER:OPEN": None}, shown={}) == 2
    row = Mediation.objects.get(topic="PAY")
    assert (row.happened_on, row.tally, row.year_id, row.organization, row.township) == (
        MONTH,
        True,
        2026,
        district,
        None,
    )
    shown = {"PAY:SETTLED": 5, "INJURY:REFERRED": 2}
    assert save(office, district, {"PAY:SETTLED": 6, "INJURY:REFERRED": 0}, shown=shown) == 2
    assert live() == {"PAY:SETTLED": 6}
    row.refresh_from_db()
    assert row.version == 2
    assert Mediation.objects.filter(removed_at__isnull=False).count() == 1, "the row is in the bin, not gone"
    actions = list(
        AuditEntry.objects.filter(kind="Mediation").order_by("id").values_list("action", flat=True)
    )
    assert actions == ["登记矛盾纠纷调解", "登记矛盾纠纷调解", "修改矛盾纠纷调解", "删除矛盾纠纷调解"]
    assert save(office, district, {"INJURY:REFERRED": 3}, shown={}) == 1, "what was taken out may come back"


def test_two_people_at_one_cell_and_nothing_is_written(district: Organization, office: Actor) -> None:
    save(office, district, {"PAY:SETTLED": 5}, shown={})
    with pytest.raises(GridConflict) as conflict:
        save(office, district, {"PAY:SETTLED": 7, "OTHER:OPEN": 1}, shown={})
    assert conflict.value.conflicts == {"PAY:SETTLED": 5} and live() == {"PAY:SETTLED": 5}
    save(office, district, {"OTHER:OPEN": 1}, shown={})
    assert live() == {"PAY:SETTLED": 5, "OTHER:OPEN": 1}


def test_a_single_case_of_the_same_month_and_kind_warns_once_and_rolls_back(
    district: Organization, office: Actor
) -> None:
    make_record(
        MEDIATIONS,
        district,
        topic="PAY",
        outcome="SETTLED",
        happened_on=date(2026, 3, 17),
        tally=False,
        count=1,
    )
    with pytest.raises(NeedsConfirmation) as warned:
        save(office, district, {"PAY:SETTLED": 4, "INJURY:SETTLED": 1}, shown={})
    (slip,) = warned.value.slips
    assert "劳动报酬、调解成功" in slip.message and "重复计数" in slip.message
    assert "INJURY:SETTLED" not in live(), "nothing of the page was written"
    save(office, district, {"PAY:SETTLED": 4, "INJURY:SETTLED": 1}, shown={}, confirm_warnings=True)
    counts = count_cases(office, MEDIATIONS, year=2026)
    assert counts.total == 6 and counts.cells["PAY", "SETTLED"] == 5
    assert [item.sentence for item in counts.doubles] == ["既有按月汇总 4 件，又有逐件登记 1 件"]


def test_places_are_counted_apart_and_beside_a_whole_district_warned_of(
    district: Organization, office: Actor
) -> None:
    first, second = (make_organization(Level.TOWNSHIP, parent=district) for _ in range(2))
    save(office, district, {"PAY:SETTLED": 2}, shown={}, township=first)
    save(make_actor(Role.TOWNSHIP_STAFF, second), district, {"PAY:SETTLED": 3}, shown={}, township=second)
    counts = count_cases(office, MEDIATIONS, year=2026)
    assert counts.places == {
        (district.pk, first.pk): {"SETTLED": 2},
        (district.pk, second.pk): {"SETTLED": 3},
    }
    assert counts.doubles == []
    save(office, district, {"PAY:SETTLED": 5}, shown={}, confirm_warnings=True)
    assert len(count_cases(office, MEDIATIONS, year=2026).doubles) == 1


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.LEADER])
def test_who_may_not_enter_a_month(district: Organization, role: str) -> None:
    with pytest.raises(NotAllowed):
        save(make_actor(role, district), district, {"PAY:SETTLED": 2}, shown={})


def test_another_district_another_township_and_an_unknown_cell_are_refused(
    district: Organization, office: Actor
) -> None:
    other = make_organization(Level.DISTRICT)
    with pytest.raises(NotAllowed):
        save(office, other, {"PAY:SETTLED": 2}, shown={})
    with pytest.raises(DomainError, match="不由"):
        save(
            office,
            district,
            {"PAY:SETTLED": 2},
            shown={},
            township=make_organization(Level.TOWNSHIP, parent=other),
        )
    township = make_organization(Level.TOWNSHIP, parent=district)
    with pytest.raises(NotAllowed):
        save(make_actor(Role.TOWNSHIP_STAFF, township), district, {"PAY:SETTLED": 2}, shown={})
    with pytest.raises(DomainError, match="没有“PAY:LOST”"):
        save(office, district, {"PAY:LOST": 2}, shown={})
    assert live() == {}


def test_an_early_month_is_backfilled_with_its_source(district: Organization, office: Actor) -> None:
    month = date(2024, 3, 1)
    with pytest.raises(NeedsConfirmation, match="统计期已于"):
        save(office, district, {"PAY:SETTLED": 2}, shown={}, month=month)
    save(office, district, {"PAY:SETTLED": 2}, shown={}, month=month, source_document="2024年调解台账")
    row = Mediation.objects.get()
    assert (row.backfilled, row.source_document, row.year_id) == (True, "2024年调解台账", 2024)


@pytest.mark.parametrize(
    ("ledger", "values"),
    [
        (ADVISORIES, {"summary": "职工身份证37040219900101123X咨询工资"}),
        (MEDIATIONS, {"summary": "联系电话138 1234 5678"}),
        (MEDIATIONS, {"note": "１３８１２３４５６７８"}),
    ],
)
def test_numbers_of_persons_are_refused_where_they_stand(district, office, ledger, values) -> None:  # type: ignore[no-untyped-def]  # parametrized
    base = {"happened_on": MONTH, "topic": "PAY", "outcome": "OPEN"}
    with pytest.raises(RecordRefused) as refused:
        create_record(actor=office, ledger=ledger, values=base | values, now=clock.now())
    (slip,) = refused.value.slips
    assert slip.field == next(iter(values)) and "不记录劳动者个人信息" in slip.message


def test_what_looks_like_a_workers_name_is_asked_about_once(district: Organization, office: Actor) -> None:
    values = {
        "happened_on": MONTH,
        "topic": "PAY",
        "outcome": "OPEN",
        "summary": "申请人：王小明，要求支付加班费",
    }
    with pytest.raises(NeedsConfirmation, match="像是写了劳动者姓名"):
        create_record(actor=office, ledger=MEDIATIONS, values=values, now=clock.now())
    row = create_record(
        actor=office, ledger=MEDIATIONS, values=values, now=clock.now(), confirm_warnings=True
    )
    assert row.pk


def test_no_column_holds_a_workers_name() -> None:
    for ledger in (ADVISORIES, MEDIATIONS, CULTURE):
        keys = {column.key for column in ledger.columns} | {item.name for item in ledger.model._meta.fields}
        assert not {
            key for key in keys if "worker" in key or "applicant" in key or key in {"name", "person", "phone"}
        }


def test_a_single_row_counts_one_and_a_tally_has_no_firm(district: Organization, office: Actor) -> None:
    base = {"happened_on": date(2026, 3, 9), "topic": "PAY", "outcome": "SETTLED"}
    with pytest.raises(RecordRefused, match="按月汇总"):
        create_record(actor=office, ledger=MEDIATIONS, values=base | {"count": 3}, now=clock.now())
    firm = make_subject(district)
    with pytest.raises(RecordRefused, match="不对应单个企业"):
        create_record(
            actor=office,
            ledger=MEDIATIONS,
            values=base | {"count": 3, "tally": True, "subject": firm},
            now=clock.now(),
        )
    row = create_record(
        actor=office, ledger=MEDIATIONS, values=base | {"count": 3, "tally": True}, now=clock.now()
    )
    assert row.happened_on == MONTH


# --- pages --------------------------------------------------------------------------------------------------------------


def test_the_month_in_the_browser(client: Client, district: Organization, office: Actor) -> None:
    login(client, office)
    url = reverse("cultivation:mediation_month") + "?month=2026-03"
    assert 'name="g-PAY:SETTLED"' in client.get(url).content.decode()
    bad = client.post(url, {"shown": "{}", "g-PAY:SETTLED": "三", "g-OTHER:OPEN": "2"})
    assert bad.status_code == 422 and 'value="三"' in bad.content.decode() and live() == {}
    assert client.post(url, {"shown": "{}", "g-PAY:SETTLED": "３", "g-OTHER:OPEN": "2"}).status_code == 302
    assert live() == {"PAY:SETTLED": 3, "OTHER:OPEN": 2}
    stale = client.post(url, {"shown": "{}", "g-PAY:SETTLED": "9"})
    assert stale.status_code == 409 and "现在是：3" in stale.content.decode()
    shown = json.dumps({"PAY:SETTLED": "3", "OTHER:OPEN": "2"})
    assert client.post(url, {"shown": shown, "g-PAY:SETTLED": "", "g-OTHER:OPEN": "2"}).status_code == 302
    assert live() == {"OTHER:OPEN": 2}
    counts = client.get(reverse("cultivation:mediation_counts") + "?year=2026").content.decode()
    assert "topic=OTHER&amp;outcome=OPEN" in counts


def test_a_warning_in_the_browser_asks_and_the_second_save_stands(
    client: Client, district: Organization, office: Actor
) -> None:
    make_record(
        ADVISORIES,
        district,
        topic="PAY",
        outcome="ANSWERED",
        happened_on=date(2026, 3, 9),
        tally=False,
        count=1,
    )
    login(client, office)
    url = reverse("cultivation:advisory_month") + "?month=2026-03"
    data = {"shown": "{}", "g-PAY:ANSWERED": "8"}
    asked = client.post(url, data)
    assert asked.status_code == 422 and 'name="confirm"' in asked.content.decode()
    assert client.post(url, data | {"confirm": "1"}).status_code == 302
    assert EmploymentAdvisory.objects.live().filter(tally=True).get().count == 8


def test_the_city_chooses_whose_month(client: Client, district: Organization) -> None:
    login(client, make_actor(Role.CITY_OFFICE))
    url = reverse("cultivation:mediation_month")
    assert "请先选择单位" in client.get(url).content.decode()
    assert client.post(f"{url}?month=2026-03&district={district.pk}", {"g-PAY:OPEN": "1"}).status_code == 302
    assert Mediation.objects.get().organization == district
    assert client.get(f"{url}?district=999999").status_code == 404


# --- service points -----------------------------------------------------------------------------------------------------


def a_point(place: Organization, **values: object) -> object:
    values.setdefault("opened_on", date(2025, 1, 10))
    return make_record(SERVICE_POINTS, place, **values)


def test_a_month_of_points_zero_is_reported_and_empty_is_not(district: Organization, office: Actor) -> None:
    first, second = a_point(district), a_point(district)
    cells = {f"{first.pk}:visitors": 120, f"{first.pk}:advisories": 30, f"{second.pk}:visitors": 0}
    options = {"actor": office, "organization": district, "month": MONTH, "now": clock.now()}
    assert save_point_month(**options, typed=cells, shown={}) == 2
    assert {(row.point_id, row.visitors, row.mediations) for row in ServicePointTally.objects.live()} == {
        (first.pk, 120, 0),
        (second.pk, 0, 0),
    }
    shown = {f"{second.pk}:{name}": 0 for name in ("visitors", "advisories", "mediations", "other_services")}
    assert save_point_month(**options, typed=dict.fromkeys(shown), shown=shown) == 1
    silent, busy = points_of_year(office, year=2026)
    assert (silent.point, silent.months) == (second, 0)
    assert (busy.point, busy.months, busy.visitors, busy.advisories) == (first, 1, 120, 30)


def test_only_points_open_in_the_month_and_of_ones_own_place(
    client: Client, district: Organization, office: Actor
) -> None:
    township = make_organization(Level.TOWNSHIP, parent=district)
    own = a_point(district, township=township)
    late = a_point(district, opened_on=date(2026, 4, 1))
    foreign = a_point(make_organization(Level.DISTRICT))
    options = {"organization": district, "month": MONTH, "now": clock.now(), "shown": {}}
    for point in (late, foreign):
        with pytest.raises(NotAllowed):
            save_point_month(actor=office, typed={f"{point.pk}:visitors": 1}, **options)
    staff = make_actor(Role.TOWNSHIP_STAFF, township)
    save_point_month(actor=staff, typed={f"{own.pk}:visitors": 7}, **options)
    assert ServicePointTally.objects.get().township == township
    with pytest.raises(RecordRefused, match="才启用"):
        values = {"point": late, "happened_on": MONTH}
        create_record(actor=office, ledger=POINT_TALLIES, values=values, now=clock.now())
    login(client, office)
    url = reverse("cultivation:point_month") + "?month=2026-03"
    page = client.get(url).content.decode()
    assert f'name="g-{own.pk}:visitors"' in page and f"g-{late.pk}:" not in page
    shown = json.dumps(
        {f"{own.pk}:{name}": "0" for name in ("advisories", "mediations", "other_services")}
        | {f"{own.pk}:visitors": "7"}
    )
    assert client.post(url, {"shown": shown, f"g-{own.pk}:visitors": "9"}).status_code == 302
    assert ServicePointTally.objects.get().visitors == 9


@pytest.mark.parametrize("name", ["mediation_counts", "point_year", "mediation_month", "point_month"])
def test_statements_do_not_grow_with_the_rows(
    client: Client, district: Organization, office: Actor, name: str
) -> None:
    login(client, office)
    url = reverse(f"cultivation:{name}") + "?year=2026&month=2026-03"
    counts = []
    for number in (1, 2):
        for _ in range(number):
            point = a_point(district)
            make_record(POINT_TALLIES, district, point=point, happened_on=MONTH)
            make_record(MEDIATIONS, district, tally=False, count=1)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 5, counts


def test_grids_show_the_totals_of_rows_and_columns(
    client: Client, district: Organization, office: Actor
) -> None:
    """From the server, of what is stored and of what was typed and refused; a script keeps them in step."""
    save(office, district, {"PAY:SETTLED": 3, "PAY:OPEN": 2, "CONTRACT:SETTLED": 4})
    login(client, office)
    page = client.get(reverse("cultivation:mediation_month"), {"month": "2026-03"})
    context = page.context
    rows = {code: total for code, _, total in context["rows"]}
    assert (rows["PAY"], rows["CONTRACT"], context["grand_total"]) == (5, 4, 9)
    outcomes = [code for code, _ in context["outcomes"]]
    assert context["column_totals"][outcomes.index("SETTLED")] == 7
    assert page.content.decode().count('data-sum="row"') == len(context["rows"])
    typed = {"g-PAY:SETTLED": "6", "g-CONTRACT:SETTLED": "许多", "shown": "{}"}
    again = client.post(reverse("cultivation:mediation_month") + "?month=2026-03", typed)
    assert again.status_code == 422
    assert {code: total for code, _, total in again.context["rows"]}["PAY"] == 8

    point = make_record(SERVICE_POINTS, district, opened_on=date(2026, 1, 5))
    make_record(POINT_TALLIES, district, point=point, happened_on=MONTH, visitors=9, advisories=4, mediations=2,
                other_services=1)  # fmt: skip
    page = client.get(reverse("cultivation:point_month"), {"month": "2026-03"})
    assert [total for _, total in page.context["rows"]] == [7]
    assert [number for _, number in page.context["column_totals"]] == [9, 4, 2, 1]
    assert page.context["grand_total"] == 7
