"""节假日安排: pasted lines, the calendar read from the table, working days counted forward, years without a list named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import caches
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cultivation.models import Holiday
from cultivation.rules.work_days import (
    HOLIDAY,
    WORKDAY,
    HolidayLine,
    WorkCalendar,
    add_working_days,
    read_holiday_lines,
    unlisted_years_note,
)
from cultivation.selectors.work_days import delivered_calendar, work_calendar, working_day_note
from cultivation.services.holidays import remove_holiday, seed_holidays, set_holidays
from tests.factories import make_actor, make_organization, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
DAYS = st.dates(date(2026, 1, 1), date(2029, 12, 31))
CALENDARS = st.builds(
    WorkCalendar, st.frozensets(DAYS, max_size=30), st.frozensets(DAYS, max_size=10), st.just(frozenset())
)


@given(DAYS, st.integers(0, 60), CALENDARS)
def test_exactly_that_many_working_days_lie_behind(day: date, number: int, calendar: WorkCalendar) -> None:
    due = add_working_days(day, number, calendar)
    between = [day + timedelta(days=one + 1) for one in range((due - day).days)]
    assert sum(map(calendar.is_workday, between)) == number
    assert due == day if number == 0 else calendar.is_workday(due)


@given(DAYS, st.integers(0, 30), st.integers(0, 30), CALENDARS)
def test_counting_on_is_counting_together(day: date, one: int, two: int, calendar: WorkCalendar) -> None:
    twice = add_working_days(add_working_days(day, one, calendar), two, calendar)
    assert twice == add_working_days(day, one + two, calendar)


def test_nobody_counts_backward() -> None:
    with pytest.raises(ValueError, match="forward"):
        add_working_days(date(2026, 1, 1), -1, WorkCalendar())


def test_years_without_a_list_are_named() -> None:
    calendar = WorkCalendar(years=frozenset({2026}))
    assert unlisted_years_note(calendar, [date(2026, 12, 31)]) == ""
    days = [date(2028, 1, 3), date(2026, 12, 31), date(2028, 1, 4)]
    assert unlisted_years_note(calendar, days) == "2028年尚无节假日安排，按周一至周五计算"


def test_pasted_lines_are_days() -> None:
    found = read_holiday_lines(
        "2026-12-31..2027-01-01 元旦\n\n2027-02-14 上班 春节\n2027-05-01至2027-05-02  劳动节", 2027
    )
    assert found.errors == ()
    assert found.lines == (
        HolidayLine(date(2026, 12, 31), HOLIDAY, "元旦"),
        HolidayLine(date(2027, 1, 1), HOLIDAY, "元旦"),
        HolidayLine(date(2027, 2, 14), WORKDAY, "春节"),
        HolidayLine(date(2027, 5, 1), HOLIDAY, "劳动节"),
        HolidayLine(date(2027, 5, 2), HOLIDAY, "劳动节"),
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("春节", "第 1 行：“春节”开头不是日期"),
        ("2027-02-30 春节", "开头不是日期"),
        ("2027-02-12..2027-02-06 春节", "早于首日"),
        ("2027-02-06..2027-04-06 春节", "超过 31 天"),
        ("2028-02-06 春节", "不在2027年"),
        ("2027-02-06", "缺少节日名称"),
        ("2027-02-15 上班", "本来就上班"),
        ("2027-02-06 " + "节" * 21, "最多 20 个字"),
        ("2027-02-06 春节\n2027-02-05..2027-02-07 春节", "第 2 行：2027-02-06 在第 1 行已经写过"),
        ("\n \n", "没有内容"),
        ("2027-02-06 春节\n" * 101, "最多 100 行"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, word: str) -> None:
    (error, *_) = read_holiday_lines(text, 2027).errors
    assert word in error


@given(st.text(max_size=80))
def test_any_text_gets_an_answer(text: str) -> None:
    found = read_holiday_lines(text, 2027)
    assert found.errors or found.lines


@pytest.fixture
def office(db):
    caches["local"].clear()
    return make_actor(Role.CITY_OFFICE, make_organization(Level.CITY))


LINES = read_holiday_lines("2027-02-06..2027-02-12 春节\n2027-02-14 上班 春节", 2027).lines


def enter(actor, lines=LINES, document="国办发明电〔2026〕9号") -> int:
    return set_holidays(actor=actor, year=2027, document=document, lines=lines, now=NOW)


def test_the_table_is_the_calendar(
    office, django_assert_num_queries, django_capture_on_commit_callbacks
) -> None:
    assert work_calendar() == delivered_calendar(), "stands while the table is empty"
    assert seed_holidays(now=NOW) == len(delivered_calendar().off | delivered_calendar().work)
    assert seed_holidays(now=NOW) == 0
    caches["local"].clear()
    with django_assert_num_queries(1):
        assert work_calendar() == delivered_calendar() == work_calendar()
    assert working_day_note(date(2027, 2, 8)) == "2027年尚无节假日安排，按周一至周五计算"
    with django_capture_on_commit_callbacks(execute=True):
        assert enter(office) == 8
    assert working_day_note(date(2027, 2, 8)) == ""
    assert add_working_days(date(2027, 2, 5), 1, work_calendar()) == date(2027, 2, 14)
    assert enter(office) == 0, "the same again changes nothing"
    with django_capture_on_commit_callbacks(execute=True):
        assert enter(office, [HolidayLine(date(2027, 2, 6), HOLIDAY, "除夕")]) == 1
        remove_holiday(actor=office, holiday=Holiday.objects.get(day=date(2027, 2, 14)), now=NOW)
    assert not work_calendar().is_workday(date(2027, 2, 14))
    assert AuditEntry.objects.filter(kind="Holiday").count() == 3


def test_who_may_not_and_what_is_refused(office) -> None:
    other = make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT))
    with pytest.raises(NotAllowed):
        enter(other)
    with pytest.raises(DomainError, match="文号"):
        enter(office, document=" ")
    enter(office)
    row = Holiday.objects.first()
    with pytest.raises(NotAllowed):
        remove_holiday(actor=other, holiday=row, now=NOW)
    remove_holiday(actor=office, holiday=row, now=NOW)
    with pytest.raises(ConflictError):
        remove_holiday(actor=office, holiday=row, now=NOW)
    for wrong in ({"kind": "X"}, {"name": ""}, {"document": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Holiday.objects.update(**wrong)


def test_the_page_shows_first_and_writes_when_confirmed(client: Client, office) -> None:
    make_year(2026)
    client.force_login(office.user)
    url = reverse("cultivation:holidays") + "?year=2027"
    assert "尚无节假日安排" in client.get(url).content.decode()
    sent = {"document": "国办发明电〔2026〕9号", "lines": "2027-02-06 春节\n2027-02-14 上班"}
    wrong = client.post(url, sent | {"lines": "2027-02-06 春节\n年初一"})
    assert wrong.status_code == 422
    assert "第 2 行" in wrong.content.decode() and "年初一" in wrong.content.decode()
    shown = client.post(url, sent).content.decode()
    assert "将登记 2 天" in shown and not Holiday.objects.exists()
    assert client.post(url, sent | {"confirm": "1"}).status_code == 302
    assert Holiday.objects.count() == 2
    row = Holiday.objects.get(day=date(2027, 2, 14))
    client.post(reverse("cultivation:holiday_remove", args=[row.pk]))
    page = client.get(url).content.decode()
    assert Holiday.objects.count() == 1 and "2027-02-14 上班 调休上班" in page
