"""A subject confirmed on the roster after its date has a date of its own for the self-assessment, the same everywhere."""

from __future__ import annotations

import importlib
from datetime import date, timedelta

import pytest
import time_machine
from django.apps import apps
from django.db.models import F
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cultivation.models import CampaignYear, Enrollment, Milestone, Subject
from cultivation.rules.calendar import NOTICE_ON, YEARS, OwnDate, year_seed
from cultivation.selectors.data_checks import scope_of
from cultivation.selectors.own_dates import own_date_sql
from cultivation.selectors.rehearsal import rehearse
from cultivation.selectors.reminders import due_things
from cultivation.selectors.todo_case import todo_case
from cultivation.services.enrollments import choose_subjects, confirm_enrollments
from evaluation.models import Assessment
from evaluation.selectors.self_due import days_late
from evaluation.services.assessments import start_assessment
from reporting.selectors.todos import todo_parts
from reporting.selectors.waiting import owed_parts
from tests.evaluation.assessment_builders import make_contact, make_firm, small_set
from tests.factories import login, make_actor, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.selectors.todos import list_parts

ADDED_ON, OWN = date(2026, 4, 10), date(2026, 11, 10)  # 214 days, as from 31 March to 31 October
LATEST, END = date(2026, 11, 20), date(2026, 11, 30)


class Case:
    """A district with a confirmed roster of March, and a firm added to it on the day asked for."""

    def __init__(self, added_on: date) -> None:
        small_set()
        self.year = make_year(2026)
        self.firm = make_firm()
        self.contact = make_contact(self.firm)
        self.office = make_actor(Role.DISTRICT_OFFICE, self.firm.managing_organization)
        self.add(make_subject(self.firm.managing_organization, name="三月企业"), date(2026, 3, 20))
        self.added_on = added_on

    def add(self, subject: Subject, day: date) -> Enrollment:
        at = clock.start_of_day(day) + timedelta(hours=10)
        (row,) = choose_subjects(actor=self.office, year=self.year, subjects=[subject], now=at)
        confirm_enrollments(
            actor=self.office, enrollments=[row], now=at, reason="经三方会议研究增补", document_number=""
        )
        return row

    def start(self, day: date) -> Assessment:
        at = clock.start_of_day(day) + timedelta(hours=11)
        return start_assessment(actor=self.contact, subject=self.firm, year=self.year, now=at)

    def dues(self, day: date) -> set[date | None]:
        """What the firm and its district are told of this firm."""
        found = []
        for actor, parts in ((self.contact, todo_parts), (self.office, owed_parts)):
            rows = list_parts(parts(todo_case(actor, day)))
            keys = {"self_missing", "self_draft", "self_open", "self_not_begun"}
            found += [row for row in rows if row.part.key in keys and "三月企业" not in row.what]
        assert len(found) == 2
        return {row.due for row in found}

    def missed(self, actor: Actor, day: date) -> tuple[list[str], list[str]]:
        rehearsal = rehearse(actor, scope_of(actor), day=day)
        assert rehearsal is not None
        (state,) = [one for one, _ in rehearsal.with_misses if one.item.code == "SELF_ASSESSMENT"]
        return [one.label for one in state.misses], [one.detail for one in state.later]


@pytest.mark.django_db
@pytest.mark.parametrize(("added_on", "own"), [(ADDED_ON, OWN), (LATEST, END)])
def test_its_own_date_is_the_same_everywhere_and_it_is_not_late_on_its_first_day(
    added_on: date, own: date
) -> None:
    case = Case(added_on)
    case.add(case.firm, added_on)
    assert case.dues(added_on) == {own}
    assert case.missed(case.office, own)[1] == [f"未提交自评；{added_on} 增补，自评时限 {own}"]
    assert case.firm.name in case.missed(case.office, own + timedelta(days=1))[0]
    page = start_page(case, own)
    assert f"{own.year}年{own.month}月{own.day}日" in page
    three_before = own - timedelta(days=3)
    told = due_things(three_before, [own])
    assert "开始2026年度自评" in {thing.what for thing in told[case.contact.user.pk]}
    assert f"增补对象“{case.firm.name}”2026年度自评和核验" in {
        thing.what for thing in told[case.office.user.pk]
    }
    assert case.start(max(added_on, date(2026, 11, 5))).due_on == own
    assert case.dues(own) == {own}
    # The year's date is told of those it holds for.
    milestone = due_things(date(2026, 10, 30), [date(2026, 10, 31)]).get(case.office.user.pk, [])
    assert not [thing for thing in milestone if case.firm.name in thing.what]


def start_page(case: Case, day: date) -> str:
    url = reverse("evaluation:assessment_start", args=[2026, case.firm.pk])
    with time_machine.travel(clock.start_of_day(day), tick=False):
        return login(Client(), case.contact).get(url).content.decode()


@pytest.mark.django_db
def test_who_began_freely_and_is_added_later_gets_the_later_date() -> None:
    case = Case(LATEST)
    begun = case.start(date(2026, 5, 6))
    assert begun.due_on == date(2026, 10, 31)
    case.add(case.firm, LATEST)
    begun.refresh_from_db()
    assert begun.due_on == END and case.dues(LATEST) == {END}


@pytest.mark.django_db
def test_who_is_on_no_roster_is_not_late_on_his_first_day() -> None:
    case = Case(LATEST)
    for day, due in ((date(2026, 11, 5), END), (date(2026, 12, 10), date(2026, 12, 10))):
        found = case.start(day)
        assert found.due_on == due
        found.delete()


@pytest.mark.django_db
def test_no_red_stands_beside_nothing_missing(client) -> None:
    case = Case(LATEST)
    Enrollment.objects.filter(subject__name="三月企业").update(is_key=False)
    case.add(case.firm, LATEST)
    login(client, case.office)
    page = client.get(f"/rehearsal/?day={END}").content.decode()
    row = next(part for part in page.split("<tr>") if "完成自评和区（市）核验" in part)
    assert "tag-danger" not in row and "2026年10月31日" in row and "增补对象" in row
    panel = page.split('id="i-SELF_ASSESSMENT-2026"')[1].split("</section>")[0]
    assert "0 个" in panel and "tag-danger" not in panel


@pytest.mark.django_db
def test_years_before_the_use_are_to_be_backfilled_and_never_red(client) -> None:
    make_year(2023)
    office = make_actor(Role.DISTRICT_OFFICE)
    make_year(2023)
    login(client, office)
    page = client.get("/rehearsal/?day=2023-12-20").content.decode()
    table = page.split("时间节点</caption>")[1].split("</table>")[0]
    assert "待补录" in table and "tag-danger" not in table
    rows = [row for row in list_parts(todo_parts(todo_case(office, date(2026, 11, 30)))) if row.part.quiet]
    assert [row.what for row in rows] == [f"{year}年度资料待补录" for year in (2023, 2024, 2025)]
    assert {row.due for row in rows} == {None}
    for row in rows:
        assert client.get(row.url).status_code == 200


def test_no_date_lies_before_the_notice() -> None:
    for year in YEARS:
        assert all(one.due_on >= NOTICE_ON for one in year_seed(year).milestones)
    assert {one.code for one in year_seed(2023).milestones} == {
        "FIRST_VISIT",
        "SELF_ASSESSMENT",
        "ANNUAL_REPORT",
        "SPOT_CHECK",
        "PILOTS",
    }


@pytest.mark.django_db
def test_an_installation_loses_the_date_before_the_notice_but_not_one_it_set() -> None:
    migration = importlib.import_module("cultivation.migrations.0020_milestones_done")
    year = make_year(2023)
    old = Milestone.objects.create(
        year=year, code="ROSTER", name="名单", due_on=date(2023, 3, 31), system_default=True
    )
    migration.drop_a_date_before_the_notice(apps, None)
    assert not Milestone.objects.filter(pk=old.pk).exists()
    moved = Milestone.objects.create(
        year=year, code="ROSTER", name="名单", due_on=date(2023, 7, 31), system_default=True
    )
    migration.drop_a_date_before_the_notice(apps, None)
    assert Milestone.objects.filter(pk=moved.pk).exists()


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


class SqlAndRule(TestCase):
    """The date in SQL is the rule's, on either database."""

    def setUp(self) -> None:
        year = make_year(2026)
        subject = make_subject()
        self.row = Enrollment.objects.create(
            subject=subject,
            year=year,
            organization=subject.managing_organization,
            state="CONFIRMED",
            enrolled_at=clock.now(),
            confirmed_at=clock.now(),
        )

    @settings(max_examples=25, deadline=None)
    @given(DAYS, DAYS, DAYS, st.integers(0, 23))
    def test_equal(self, confirmed: date, roster: date, due: date, hour: int) -> None:
        own = OwnDate(roster, due, END)
        at = clock.start_of_day(confirmed) + timedelta(hours=hour)
        Enrollment.objects.filter(pk=self.row.pk).update(confirmed_at=at)
        sql = own_date_sql({2026: own}, year="year_id", confirmed="confirmed_at")
        assert Enrollment.objects.annotate(by=sql).values_list("by", flat=True).get(pk=self.row.pk) == own.of(
            confirmed
        )
        assert (
            CampaignYear.objects.filter(pk=2025)
            .annotate(at=F("closed_at"), by=own_date_sql({2026: own}, year="pk", confirmed="closed_at"))
            .values_list("by", flat=True)
            .first()
            is None
        )


@pytest.mark.django_db
def test_what_was_handed_in_in_time_is_not_late_when_it_comes_back() -> None:
    """Late is a fact of the first handing in; one the firm took back itself before anybody opened it is not the first."""
    assessment = Assessment(due_on=date(2026, 10, 31))
    november = clock.start_of_day(date(2026, 11, 20))
    assessment.first_submitted_at = clock.start_of_day(date(2026, 10, 30))
    for state, days in (("DRAFT", 20), ("RETURNED", 0), ("SUBMITTED", 0), ("CONFIRMED", 0)):
        assessment.state = state
        assert days_late(assessment, november) == days, state
    assessment.first_submitted_at = clock.start_of_day(date(2026, 11, 2))
    assert days_late(assessment, november) == 2
    assessment.extended_to = date(2026, 11, 2)
    assert days_late(assessment, november) == 0
    assessment.extended_to, assessment.backfilled = None, True
    assert days_late(assessment, november) == 0
