"""结对一览: gaps first, a pairing from a gap in two clicks, end, renewal; the city's page; constant statements."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.enums import EnrollmentState, SubjectKind
from cultivation.models import CampaignYear, Enrollment, Pairing
from cultivation.rules.pairings import counts_for_year
from cultivation.selectors.pairings import pairing_gaps, pairing_matrix
from tests.factories import (
    login,
    make_actor,
    make_member_unit,
    make_organization,
    make_pairing,
    make_subject,
    make_year,
)
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind, Role
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
MATRIX = "cultivation:pairing_matrix"
YEAR = "?year=2026"


@pytest.fixture
def office():
    make_year()
    return make_actor(Role.DISTRICT_OFFICE, make_organization())


@pytest.fixture
def desk(client: Client, office) -> Client:
    return login(client, office)


def enrolled(office, number: int = 1, **fields):
    subjects = [make_subject(office.organization, **fields) for _ in range(number)]
    for subject in subjects:
        Enrollment.objects.create(
            subject=subject,
            year_id=2026,
            organization=office.organization,
            state=EnrollmentState.CONFIRMED,
            enrolled_at=clock.now(),
            confirmed_at=clock.now(),
        )
    return subjects


def test_gaps_first_then_by_partner_with_loads(desk, office) -> None:
    union = make_member_unit(office.organization, kind=MemberUnitKind.TRADE_UNION_FEDERATION)
    bureau = make_member_unit(office.organization)
    gap, a, b, assisted = enrolled(office, 4)
    enrolled(office, kind=SubjectKind.INDUSTRY_PILOT)
    make_pairing(a, unit=union, person_name="李工会")
    make_pairing(b, unit=bureau, person_name="张人社")
    make_pairing(b, unit=union, person_name="李工会", role="ASSISTING")
    make_pairing(assisted, unit=bureau, role="ASSISTING")
    page = desk.get(reverse(MATRIX) + YEAR)
    matrix = page.context["matrix"]
    assert [row.enrollment.subject for row in matrix.rows] == [gap, assisted, b, a]
    assert matrix.gaps == 1 and "1 个未结对" in page.content.decode() and "缺主结对" in page.content.decode()
    assert [(load.name, load.subjects, load.leads) for load in matrix.by_unit] == [
        *sorted([(bureau.name, 2, 1), (union.name, 2, 1)])
    ]
    assert matrix.by_person[0].subjects == 2 and "李工会" in matrix.by_person[0].name


def test_another_districts_pairing_that_ends_today_makes_no_column(desk, office) -> None:
    """A move ends what the former district had today; from tomorrow on nothing of it stands here."""
    bureau = make_member_unit(office.organization)
    elsewhere, city = make_organization(), make_organization(Level.CITY)
    former, helper = make_member_unit(elsewhere, name="原区人社局"), make_member_unit(city, name="市总")
    moved, other = enrolled(office, 2)
    today = clock.shanghai_date(clock.now())
    make_pairing(moved, unit=former, person_name="原结对人", ends_on=today)
    make_pairing(other, unit=helper, person_name="市级结对人")
    make_pairing(moved, unit=bureau, person_name="张人社", role="ASSISTING", ends_on=today)
    page = desk.get(reverse(MATRIX) + YEAR)
    matrix = page.context["matrix"]
    assert matrix.units == [bureau, helper]
    row = next(row for row in matrix.rows if row.enrollment.subject == moved)
    assert [pairing.person_name for pairing in row.leaving] == ["原结对人"]
    assert [pairing.person_name for pairing in row.partners] == ["张人社"] and not row.is_gap
    assert {load.name for load in matrix.by_unit} == {bureau.name, helper.name}
    assert f"原结对 原区人社局 原结对人，至 {today}" in page.content.decode()


def test_the_gap_in_sql_is_the_gap_of_the_rule(office) -> None:
    year = CampaignYear.objects.get(pk=2026)
    days = [date(2025, 11, 30), date(2025, 12, 1), date(2026, 5, 1), date(2026, 11, 30), date(2026, 12, 1)]
    periods = [(first, last) for first in days for last in [*days, None] if last is None or last >= first]
    subjects = enrolled(office, len(periods))
    for subject, (first, last) in zip(subjects, periods, strict=True):
        make_pairing(subject, starts_on=first, ends_on=last)
    for today in (date(2025, 6, 1), *days, date(2027, 6, 1)):
        gaps = set(pairing_gaps(office, year=year, today=today).values_list("subject_id", flat=True))
        expected = {
            subject.pk
            for subject, (first, last) in zip(subjects, periods, strict=True)
            if not counts_for_year(first, last, first=year.period_start, last=year.period_end, today=today)
        }
        assert gaps == expected
        matrix = pairing_matrix(office, year=year, organization=office.organization, today=today)
        assert {row.enrollment.subject_id for row in matrix.rows if row.is_gap} == expected


def test_two_clicks_from_a_gap(desk, office) -> None:
    unit = make_member_unit(office.organization)
    (subject,) = enrolled(office)
    url = f"{reverse('cultivation:pairing_create', args=[subject.pk])}{YEAR}&unit={unit.pk}"
    assert url.replace("&", "&amp;") in desk.get(reverse(MATRIX) + YEAR).content.decode()
    form = desk.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    answer = desk.post(url, {name: value for name, value in values.items() if value not in (None, "", False)})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    pairing = Pairing.objects.get()
    assert (pairing.unit, pairing.role, pairing.subject) == (unit, "LEAD", subject)
    assert pairing.ends_on is None
    second = desk.get(url).context["form"]
    assert second["role"].value() == "ASSISTING"
    sent = {name: value for name, value in values.items() if value not in (None, "", False)}
    refused = desk.post(url, sent | {"ends_on": ""})
    assert refused.status_code == 422 and "主结对" in refused.content.decode()


def test_ended_in_the_browser(desk, office) -> None:
    (subject,) = enrolled(office)
    pairing = make_pairing(subject)
    url = reverse("cultivation:pairing_end", args=[pairing.pk])
    assert desk.post(url, {"ends_on": "2026-05-01", "reason": ""}).status_code == 422
    assert desk.post(url, {"ends_on": "2026-05-01", "reason": "结对人调岗"}).status_code == 302
    assert Pairing.objects.get().end_reason == "结对人调岗"
    assert (
        "结束结对"
        not in desk.get(reverse("cultivation:ledger_detail", args=["pairings", pairing.pk])).content.decode()
    )


def test_renewal_ticks_next_years_subjects(desk, office) -> None:
    chosen, other = enrolled(office, 2)
    Enrollment.objects.create(
        subject=chosen,
        year_id=2027,
        organization=office.organization,
        state=EnrollmentState.CONFIRMED,
        enrolled_at=clock.now(),
        confirmed_at=clock.now(),
    )
    first, second = make_pairing(chosen), make_pairing(other)
    stranger = make_pairing(make_subject(make_organization()))
    url = reverse("cultivation:pairing_renew") + YEAR
    offered = desk.get(url).context["offered"]
    assert {(pairing, ticked) for pairing, _, ticked in offered} == {(first, True), (second, False)}
    assert desk.post(url).status_code == 422
    assert desk.post(url, {"pairing": [stranger.pk]}).status_code == 404
    assert desk.post(url, {"pairing": [first.pk, second.pk]}).status_code == 302
    assert Pairing.objects.filter(year_id=2027).count() == 2
    assert desk.get(url).context["offered"] == []


def test_the_city_sees_every_district(client, office) -> None:
    paired, _ = enrolled(office, 2)
    make_pairing(paired)
    page = login(client, make_actor(Role.CITY_OFFICE)).get(reverse(MATRIX) + YEAR)
    row = next(row for row in page.context["districts"] if row.organization == office.organization)
    assert (row.enrolled, row.paired, row.gaps) == (2, 1, 1)


def test_the_gap_is_a_todo_and_its_number_the_pages(desk, office) -> None:
    enrolled(office, 3)
    todo = next(todo for todo in desk.get("/").context["board"].todos if "没有结对" in todo.text)
    rows = [item["row"] for item in desk.get(todo.url).context["rows"]]
    assert todo.count == len(rows) == desk.get(reverse(MATRIX) + YEAR).context["matrix"].gaps == 3
    assert desk.get(rows[0].url).status_code == 200


@pytest.mark.parametrize("role", [Role.DISTRICT_OFFICE, Role.CITY_OFFICE])
def test_statements_do_not_grow(client, office, role) -> None:
    actor = office if role == Role.DISTRICT_OFFICE else make_actor(role)
    login(client, actor)
    counts = []
    for number in (1, 3, 20):
        for subject in enrolled(office, number):
            make_pairing(subject, unit=make_member_unit(office.organization) if number < 4 else None)
        client.get(reverse(MATRIX) + YEAR)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(MATRIX) + YEAR).status_code == 200
        counts.append(len(captured))
    assert len(set(counts)) == 1 and counts[0] <= 8, counts
