"""Pairings, visits and trainings in the November report: counted once, as at the day, every number in the annex."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from cultivation.models import Enrollment, Training, TrainingAttendance
from cultivation.selectors.service_figures import visits_by_person
from reporting.rules.annual_facts import fact_rows
from reporting.rules.annual_report import compose_report
from reporting.rules.annual_services import service_annexes, service_sentences
from reporting.rules.differences import find_differences
from reporting.selectors.figures import collect_figures
from tests.factories import (
    make_actor,
    make_member_unit,
    make_organization,
    make_pairing,
    make_subject,
    make_visit,
    make_year,
)
from tests.reporting.sample_figures import sample_figures
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
LATER = date(2026, 11, 30)


@pytest.fixture
def district():
    make_year()
    return make_organization()


def enrolled(district, **fields):
    subject = make_subject(district, **fields)
    moment = clock.start_of_day(date(2026, 2, 1))
    Enrollment.objects.create(
        subject=subject,
        year_id=2026,
        organization=district,
        state="CONFIRMED",
        enrolled_at=moment,
        confirmed_at=moment,
    )
    return subject


def services(district, as_of: date = LATER):
    return collect_figures(year=make_year(), organization=district, as_of=as_of)["services"]


def test_a_visit_of_many_counts_once_and_a_pilot_is_not_to_be_paired(district) -> None:
    unit = make_member_unit(district)
    one, two = enrolled(district), enrolled(district)
    enrolled(district, kind="INDUSTRY_PILOT")
    make_pairing(one, unit=unit, person_name="张三")
    make_pairing(one, person_name="李四", role="ASSISTING")
    make_pairing(two, ends_on=date(2025, 11, 1), starts_on=date(2025, 1, 1))
    by = make_actor(Role.DISTRICT_OFFICE, district).user
    moment = clock.start_of_day(date(2026, 3, 11))
    visit = make_visit(one, by=by, created_at=moment, by_instructor=True, follow_up_due=date(2026, 4, 1))
    visit.participants.create(name="王五")
    make_visit(one, mode="PHONE", purpose="RESEARCH", created_at=moment, follow_up_due=date(2026, 4, 1),
               follow_up_done_on=date(2026, 3, 20))  # fmt: skip
    make_visit(one, removed_at=moment, created_at=moment)
    make_visit(make_subject(district), created_at=moment)
    make_visit(make_subject(make_organization()), created_at=moment)
    row = services(district)
    assert (row["to_pair"], row["paired"], row["pairings"]) == (2, 1, 2)
    assert (row["visits"], row["on_site"], row["phone"], row["research"], row["visited"]) == (3, 2, 1, 1, 1)
    assert (row["with_instructor"], row["follow_ups"], row["follow_ups_done"]) == (1, 2, 1)
    line = row["subjects"][0]
    assert line["partners"] == [f"{unit.name} 张三", "李四"] or set(line["partners"]) == {
        f"{unit.name} 张三",
        "李四",
    }
    assert (line["visits"], line["on_site"], line["last_on"], line["open_follow_ups"]) == (
        2,
        1,
        "2026-03-10",
        1,
    )
    assert dict(visits_by_person(year=make_year(), organization=district))["王五"] == 1


def test_as_at_the_day(district) -> None:
    subject = enrolled(district)
    early = clock.start_of_day(date(2026, 3, 11))
    make_visit(subject, on=date(2026, 3, 10), created_at=early)
    make_visit(subject, on=date(2026, 3, 20), created_at=early + timedelta(days=20))
    make_visit(
        subject,
        on=date(2026, 3, 9),
        created_at=early + timedelta(days=90),
        backfilled=True,
        source_document="台账",
    )
    assert services(district, date(2026, 3, 15))["visits"] == 2
    assert services(district, date(2026, 4, 15))["visits"] == 3


def test_people_at_the_citys_training_count_sessions_only_of_ones_own(district) -> None:
    subject = enrolled(district)
    moment = clock.start_of_day(date(2026, 3, 11))
    common = {"year_id": 2026, "created_at": moment, "updated_at": moment, "happened_on": date(2026, 3, 10)}
    own = Training.objects.create(organization=district, title="本级", **common)
    city = Training.objects.create(organization=make_organization("CITY"), title="市级", **common)
    for training in (own, city):
        TrainingAttendance.objects.create(
            training=training, subject=subject, organization=district, managers=1, hr=2
        )
    row = services(district)
    assert (row["trainings"], row["attended_managers"], row["attended_hr"]) == (1, 2, 4)


def test_every_number_of_the_sentences_stands_in_the_annex() -> None:
    figures = sample_figures()
    shown = {value for _, _, value, _ in fact_rows(figures)}
    for sentence in service_sentences(figures):
        assert set(re.findall(r"\d+", sentence)) <= shown, sentence
    annex = service_annexes(figures)[0]
    assert sum(int(row[4]) for row in annex.tables[0].rows) <= figures["services"]["visits"]
    assert [row[3] for row in annex.tables[0].rows][-1] == "未结对"


def test_an_older_snapshot_is_drawn_as_it_was() -> None:
    old = sample_figures()
    del old["services"]
    content = compose_report(old, {}, date="2026-11-25")
    assert len(content.annexes) == 2 and not service_sentences(old)
    assert len(compose_report(sample_figures(), {}, date="2026-11-25").annexes) == 3


def test_more_visits_than_filed_are_shown() -> None:
    now = sample_figures()
    now["services"]["visits"] += 2
    assert [item.text for item in find_differences(sample_figures(), now)] == ["与上报数不同：+2"]


def test_nothing_counted_is_said_plainly() -> None:
    figures = sample_figures()
    for key, value in figures["services"].items():
        if isinstance(value, int):
            figures["services"][key] = 0  # type: ignore[literal-required]  # every count
    figures["services"]["subjects"] = []
    words = "".join(service_sentences(figures))
    assert "尚未确认应结对" in words and "尚未登记指导服务" in words and "0" not in words
