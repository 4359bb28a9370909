"""The ledgers' numbers in the annual report are those of their own pages, as at the day, in constant statements."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cultivation.ledgers.base import all_ledgers, find_ledger
from cultivation.models import CampaignYear, Enrollment, Mediation, TrainingAttendance
from cultivation.selectors.assistance import count_cases
from cultivation.selectors.best_practices import PracticeFilters, practice_library
from cultivation.selectors.mechanism import adoption_matrix, body_coverage
from cultivation.selectors.pilots import pilot_overview
from cultivation.selectors.service_points import points_of_year
from cultivation.selectors.staff import staff_load
from cultivation.selectors.trainings import coverage_matrix, training_counts
from cultivation.selectors.work_items import items_by_lead
from reporting.rules.activities import ActivityFigures
from reporting.selectors.figures import collect_figures
from tests.cultivation.ledger_factories import make_record
from tests.factories import make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization, TripartiteBody
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
TODAY = clock.shanghai_date(clock.now())


@pytest.fixture
def district() -> Organization:
    make_year()
    return make_organization(Level.DISTRICT)


@pytest.fixture
def office(district: Organization) -> Actor:
    return make_actor(Role.DISTRICT_OFFICE, district)


def put(slug: str, district: Organization, **values: object) -> object:
    ledger = find_ledger(slug)
    assert ledger is not None
    return make_record(ledger, district, **values)


def known(district: Organization, as_of: date | None = None) -> ActivityFigures:
    """As they are, or as at the end of an earlier day."""
    year = CampaignYear.objects.get(pk=2026)
    day = as_of or TODAY
    return collect_figures(year=year, organization=district, as_of=day, made_on=TODAY)["activities"]


def fill(district: Organization) -> None:
    """Something in every ledger, in this district and in another one."""
    street = make_organization(Level.TOWNSHIP, parent=district)
    make_organization(Level.TOWNSHIP, parent=district)
    TripartiteBody.objects.create(organization=street, name="街道三方机构", established=True)
    put("adoptions", district, kind="REPORTED", achieved=True, adopted_on=date(2026, 3, 1), township=street)
    for place in (district, make_organization(Level.DISTRICT)):
        for ledger in all_ledgers():
            make_record(ledger, place)
    put("mediations", district, topic="PAY", outcome="SETTLED", tally=True, count=17,
        happened_on=date(2026, 4, 1))  # fmt: skip
    put("work-items", district, due_on=date(2026, 1, 5))
    put("service-point-tallies", district, visitors=9)
    firm = make_subject(district)
    moment = clock.start_of_day(date(2026, 2, 1))
    for subject in (firm, make_subject(district, kind="INDUSTRY_PILOT")):
        Enrollment.objects.create(
            subject=subject,
            year_id=2026,
            organization=district,
            state="CONFIRMED",
            enrolled_at=moment,
            confirmed_at=moment,
        )
    training = put("trainings", district, topics=["WAGES_AND_HOURS", "LAW_AND_POLICY"])
    TrainingAttendance.objects.create(
        training=training, subject=firm, organization=district, managers=2, hr=5
    )


def test_numbers_are_those_of_the_pages(district: Organization, office: Actor) -> None:
    fill(district)
    found = known(district)
    for slug, key in (("mediations", "mediations"), ("advisories", "advisories")):
        ledger = find_ledger(slug)
        assert ledger is not None
        page = count_cases(office, ledger, year=2026)
        assert found[key]["total"] == page.total == sum(sum(row["counts"]) for row in found[key]["lines"])
    assert found["mediations"]["total"] >= 18

    points = points_of_year(office, year=2026)
    assert found["points"]["visitors"] == sum(row.visitors for row in points) > 0
    assert [row["name"] for row in found["points"]["lines"]] == [row.point.name for row in points]

    coverage = body_coverage(office, today=TODAY)
    assert found["mechanism"]["bodies"]["missing"] == list(coverage.levels[-1].missing) != []
    assert found["mechanism"]["coordinated"]["numerator"] == coverage.coordinators.numerator
    people = staff_load(office, year=2026, today=TODAY)
    assert found["mechanism"]["coordinators"] == sum(load.kind == "coordinators" for load in people)
    assert found["mechanism"]["instructors"] == sum(load.kind == "instructors" for load in people)
    places = adoption_matrix(office, years=[2026]).places
    assert places is not None
    assert [row["numerator"] for row in found["mechanism"]["place_answers"]] == [
        share.numerator for share in places.shares
    ]

    groups = items_by_lead(office, organization=district, year=2026, today=TODAY)
    assert found["work"]["items"] == sum(len(group.rows) for group in groups)
    assert found["work"]["overdue"] == sum(group.overdue for group in groups) > 0
    assert found["work"]["open"] == sum(group.open for group in groups)

    matrix = coverage_matrix(office, year=2026)
    count = training_counts(2026)[1][district.pk]
    assert (found["trainings"]["managers"], found["trainings"]["hr"]) == (count.managers, count.hr)
    assert found["trainings"]["held"] == count.held and found["trainings"]["complete"] == matrix.complete
    assert [row["people"] for row in found["trainings"]["topics"]] == [
        topic.people for topic in matrix.districts[0].topics.values()
    ]

    pilots = pilot_overview(office, year=2026)
    assert [row["name"] for row in found["industry"]["pilots"]] == [
        line.subject.name for line in pilots.lines if 2026 in line.years
    ], "the year's own, not those of the years before"
    assert 0 < len(found["industry"]["pilots"]) < len(pilots.lines)
    cards = practice_library(office, PracticeFilters(2026, citable=True), cursor={}).rows
    assert [row["title"] for row in found["practices"]["lines"]] == [card.practice.title for card in cards]
    assert found["publicity"]["total"] == found["work"]["reviews"] == 1


def test_another_district_and_the_bin_do_not_count(district: Organization) -> None:
    put("mediations", make_organization(Level.DISTRICT))
    own = put("mediations", district)
    assert known(district)["mediations"]["total"] == 1
    Mediation.objects.filter(pk=own.pk).update(removed_at=clock.now())
    assert known(district)["mediations"]["total"] == 0


def test_what_was_entered_after_the_day_does_not_count_unless_back_filled(
    district: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = date(2026, 6, 1)
    later = clock.start_of_day(before + timedelta(days=3))
    monkeypatch.setattr(clock, "now", lambda: later)
    row = put("mediations", district, happened_on=date(2026, 4, 1))
    put("work-items", district)
    assert known(district, before)["mediations"]["total"] == 0
    assert known(district, before)["work"]["items"] == 0
    assert known(district, before + timedelta(days=3))["mediations"]["total"] == 1
    assert known(district, before + timedelta(days=3))["work"]["items"] == 1
    Mediation.objects.filter(pk=row.pk).update(
        backfilled=True, source_document="档案", updated_at=later + timedelta(days=9)
    )
    assert known(district, before)["mediations"]["total"] == 1
    assert known(district, date(2026, 3, 31))["mediations"]["total"] == 0, "it had not happened yet"


# What the figures of a district read; an earlier day adds what docs/decisions/0012 says.
STATEMENTS = 52


def statements(district: Organization, as_of: date | None = None) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        known(district, as_of)
    return [query["sql"] for query in captured]


def test_statements_do_not_grow(district: Organization) -> None:
    """As they are: without a copy. Of an earlier day: as many for each table that changed since, whatever its rows."""
    counts = []
    for _ in range(2):
        fill(district)
        today, earlier = statements(district), statements(district, date(2026, 6, 1))
        copies = sum(text.startswith("CREATE TEMPORARY TABLE") for text in earlier)
        assert copies and not any("TEMPORARY" in text for text in today)
        counts.append((len(today), copies, len(earlier) - 7 * copies))
    assert counts[0] == counts[1], counts
    live, _, past = counts[0]
    assert live <= STATEMENTS and past <= STATEMENTS + 4, counts
