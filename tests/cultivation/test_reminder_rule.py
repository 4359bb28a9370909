"""Reminders by calendar: golden tables of workdays and offsets; every offset is told once, on a workday, never early."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivation.rules.reminders import (
    OFFSETS,
    dates_told_on,
    digest_body,
    is_hour_of_digest,
    name_some,
    told_on,
)
from cultivation.selectors.work_days import delivered_calendar
from zaozhuang_portal.kernel.clock import SHANGHAI

CALENDAR = delivered_calendar()
DAYS = st.dates(date(2022, 12, 1), date(2028, 1, 31))


@pytest.mark.parametrize(
    ("day", "workday"),
    [
        ("2023-01-02", False),  # New Year's, a Monday off
        ("2023-01-28", True),  # a Saturday made a workday
        ("2024-10-07", False),
        ("2024-10-12", True),
        ("2025-01-27", True),  # the Monday before the eve was not a day off
        ("2025-02-04", False),
        ("2025-10-08", False),
        ("2025-10-11", True),
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-02-23", False),
        ("2026-02-28", True),
        ("2026-09-20", True),
        ("2026-11-21", False),  # any Saturday
        ("2026-11-23", True),
        ("2027-01-01", True),  # not published yet: weekends only
        ("2027-10-02", False),
    ],
)
def test_workdays_as_published(day, workday):
    assert CALENDAR.is_workday(date.fromisoformat(day)) is workday


@pytest.mark.parametrize(
    ("due", "offset", "told"),
    [
        ("2026-11-30", -15, "2026-11-16"),  # the 15th is a Sunday
        ("2026-11-30", -7, "2026-11-23"),
        ("2026-11-30", -3, "2026-11-27"),
        ("2026-11-30", -1, "2026-11-30"),  # the 29th is a Sunday: on the day itself
        ("2026-11-30", 1, "2026-12-01"),
        ("2026-11-30", 3, "2026-12-03"),
        ("2026-02-16", -1, "2026-02-24"),  # the whole Spring Festival lies between
        ("2026-02-16", -3, "2026-02-13"),
        ("2026-02-15", -1, "2026-02-14"),  # a Saturday made a workday
        ("2025-12-31", 1, "2026-01-04"),  # over New Year's, on the make-up Sunday
    ],
)
def test_an_offset_on_a_day_off_is_told_on_the_next_workday(due, offset, told):
    day, by = date.fromisoformat(told), date.fromisoformat(due)
    assert told_on(by, offset, CALENDAR) == day
    assert by in dates_told_on(day, CALENDAR)


@given(DAYS)
def test_the_day_knows_exactly_the_offsets_that_fall_on_it(day):
    """dates_told_on is the inverse of told_on: nothing is forgotten, nothing is told on another day."""
    found = dates_told_on(day, CALENDAR)
    around = [day + timedelta(days=number) for number in range(-30, 31)]
    expected = {
        due: max(offset for offset in OFFSETS if told_on(due, offset, CALENDAR) == day)
        for due in around
        if any(told_on(due, offset, CALENDAR) == day for offset in OFFSETS)
    }
    assert found == expected
    assert CALENDAR.is_workday(day) or not found


@given(DAYS)
def test_a_date_is_told_of_at_most_six_times_and_at_least_twice(due):
    days = [
        day
        for number in range(-20, 25)
        if due in dates_told_on(day := due + timedelta(days=number), CALENDAR)
    ]
    assert 2 <= len(days) <= len(OFFSETS) and all(CALENDAR.is_workday(day) for day in days)


@pytest.mark.parametrize(
    ("hour", "minute", "yes"), [(8, 59, False), (9, 0, True), (17, 59, True), (18, 0, False)]
)
def test_from_nine_until_the_evening(hour, minute, yes):
    assert is_hour_of_digest(datetime(2026, 11, 23, hour, minute, tzinfo=SHANGHAI), SHANGHAI) is yes


def test_what_does_not_fit_is_named_by_its_number():
    body = digest_body([f"{number:03d}" + "事" * 97 for number in range(40)])
    assert len(body) <= 2000
    shown = body.count("事" * 97)
    assert body.splitlines()[-1] == f"另有 {40 - shown} 项，请到工作台查看。"
    assert digest_body(["甲", "乙"]) == "甲\n乙"
    assert name_some(["甲", "乙", "丙"]) == "甲、乙、丙"
    assert name_some(["甲", "乙", "丙", "丁"]) == "甲、乙、丙等 4 个"
