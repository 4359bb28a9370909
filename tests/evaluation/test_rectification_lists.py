"""The lists of findings and rectifications: who sees what, filters in the address, a number equals its list, statements."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cultivation.models import SubjectContact
from evaluation.enums import FindingSource, RectificationState
from evaluation.selectors.rectifications.lists import (
    FindingFilters,
    RectificationFilters,
    finding_filters,
    finding_rows,
    rectification_counts,
    rectification_filters,
    rectification_rows,
)
from tests.evaluation.rectification_builders import TODAY, in_state, issued, make_finding
from tests.factories import (
    actor_for,
    login,
    make_actor,
    make_organization,
    make_subject,
    make_user,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role

pytestmark = pytest.mark.django_db
LATE = date(2027, 3, 1)


@pytest.fixture
def office(db: None) -> Actor:
    return make_actor(Role.CITY_OFFICE)


def test_a_unit_sees_what_it_was_told_and_others_nothing(office: Actor) -> None:
    district = make_organization(Level.DISTRICT)
    subject, sibling = make_subject(district), make_subject(district)
    told, of_sibling = issued(office, subject), issued(office, sibling)
    untold = make_finding(office, subject, title="没有告知")
    contact = make_user()
    SubjectContact.objects.create(user=contact, subject=subject, valid_from=date(2026, 1, 1))
    firm, clerk = actor_for(contact), make_actor(Role.DISTRICT_OFFICE, district)
    leader = make_actor(Role.LEADER, district)
    other = make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT))
    auditor = make_actor(Role.AUDITOR)
    for actor, orders, findings in [
        (office, {told, of_sibling}, {told.finding, of_sibling.finding, untold}),
        (clerk, {told, of_sibling}, {told.finding, of_sibling.finding}),
        (leader, {told, of_sibling}, {told.finding, of_sibling.finding}),
        (firm, {told}, {told.finding}),
        (other, set(), set()),
        (auditor, set(), set()),
    ]:
        assert set(rectification_rows(actor, today=TODAY)) == orders, actor.role
        assert set(finding_rows(actor)) == findings, actor.role


def test_every_number_over_the_list_is_its_list(office: Actor) -> None:
    district = make_organization(Level.DISTRICT)
    mender = make_actor(Role.DISTRICT_OFFICE, district)
    for state in RectificationState.values:
        in_state(state, office, district, mender)
    in_state(RectificationState.IN_PROGRESS, office, district, mender, year=2025)
    everywhere = RectificationFilters()
    for wide in (everywhere, replace(everywhere, year=2026), replace(everywhere, unit=district.pk)):
        counts = rectification_counts(office, wide, today=LATE)
        for number, chosen in [
            (counts.open, replace(wide, open=True)),
            (counts.overdue, replace(wide, overdue=True)),
            (counts.awaiting, replace(wide, state=RectificationState.AWAITING_RECHECK)),
            (counts.closed, replace(wide, state=RectificationState.CLOSED)),
        ]:
            assert number == rectification_rows(office, chosen, today=LATE).count() > 0
    overdue = rectification_rows(office, RectificationFilters(overdue=True), today=LATE)
    assert all(row.is_overdue(LATE) for row in overdue)
    assert len(overdue) == sum(row.is_overdue(LATE) for row in rectification_rows(office, today=LATE))


@pytest.mark.parametrize(
    "filters",
    [
        RectificationFilters(),
        RectificationFilters(2026, "IN_PROGRESS", True, True, 3, 4, "DC02", "COMPLAINT", "小组"),
        RectificationFilters(overdue=True),
    ],
)
def test_a_link_with_filters_is_read_back_as_the_same_filters(filters: RectificationFilters) -> None:
    assert rectification_filters(query_of(filters.query())) == filters


@pytest.mark.parametrize(
    "filters",
    [
        FindingFilters(),
        FindingFilters(2026, 3, 4, "DC02", "COMPLAINT", "GRAVE", False, "小组"),
        FindingFilters(ordered=True),
    ],
)
def test_a_link_to_findings_is_read_back_too(filters: FindingFilters) -> None:
    assert finding_filters(query_of(filters.query())) == filters


def query_of(url: str) -> Any:
    from django.http import QueryDict

    return QueryDict(url.partition("?")[2]).dict()


def test_filters_choose_and_foreign_words_are_none(office: Actor) -> None:
    one, two = make_organization(Level.DISTRICT), make_organization(Level.DISTRICT)
    first = issued(office, one, clause="DC05", source=FindingSource.OTHER)
    second = issued(office, two)
    for query, found in [
        ({"unit": str(one.pk)}, {first}),
        ({"clause": "DC02"}, {second}),
        ({"source": "OTHER"}, {first}),
        ({"q": second.number or ""}, {second}),
        ({"round": "7"}, set()),
        ({"unit": "乙", "state": "ALL", "year": "1999", "open": "yes"}, {first, second}),
    ]:
        assert set(rectification_rows(office, rectification_filters(query), today=TODAY)) == found


def test_lists_cost_the_same_for_one_row_and_for_many(client: Client, office: Actor) -> None:
    login(client, office)
    district = make_organization(Level.DISTRICT)

    def statements(url: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(url).status_code == 200
        return len(found)

    issued(office, district)
    urls = ("/rectifications/", "/rectifications/?open=1", "/findings/")
    for url in urls:
        client.get(url)
    one = [statements(url) for url in urls]
    for _ in range(6):
        issued(office, make_subject(district))
    assert [statements(url) for url in urls] == one and max(one) <= 5
    page = client.get("/rectifications/?open=1").content.decode()
    assert "在办 7" in page and page.count("未设专门小组") == 7
