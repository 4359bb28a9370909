"""Open work is found by its state; only one function knows the year of the calendar, and only these ask it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("cultivation", "evaluation", "reporting", "zaozhuang_portal")
# Who may ask for the year of the calendar, and why.
MAY_ASK = {
    "cultivation/rules/calendar.py": "it is defined there",
    "cultivation/views/scope.py": "the year a page shows first",
    "cultivation/views/holidays.py": "the list a page shows first, and beyond the campaign",
    "cultivation/views/rehearsal.py": "dates of other years are shown with their year",
    "cultivation/selectors/calendar.py": "up to which year a thing may be owed",
    "cultivation/selectors/todo_case.py": "up to which year a thing may be owed",
    "cultivation/selectors/rehearsal/base.py": "up to which year a thing may be owed",
    "cultivation/selectors/data_checks/subjects.py": "the roster that is running",
    "cultivation/selectors/data_checks/services.py": "the roster that is running",
    "reporting/views/reports.py": "the year a page shows first",
    "reporting/views/workbench.py": "whose dates and targets are shown beside the to-dos",
}
# The calendar's year, asked or worked out by hand.
ASKS = re.compile(
    r"year_at_hand\(|(?:today|day|date\(.*\)|now)\.year\s*[,)]\s*(?:YEARS|$)|max\(\s*\w+\.year\b"
)
# What lists open work, and the year by which it may not be chosen.
LISTS = re.compile(r"(todo|waiting|draft|inbox|remind|rehearsal|signing)")
CHOOSES = re.compile(r"year(?:_id|_id__gte|__gte)?=(?:case\.year|year_at_hand|current_year|at\.year\b)")


def sources() -> list[Path]:
    found = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts and "demo" not in path.parts]


def test_the_year_of_the_calendar_is_asked_in_few_places() -> None:
    asking = {str(path.relative_to(ROOT)) for path in sources() if ASKS.search(path.read_text("utf-8"))}
    assert asking - MAY_ASK.keys() == set(), "choose open work by its state, not by the year of the calendar"
    assert MAY_ASK.keys() - asking == set(), "these no longer ask: take them off the list"


def test_no_list_of_open_work_is_chosen_by_the_year_of_the_calendar() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in sources()
        if LISTS.search(str(path.relative_to(ROOT)))
        for found in CHOOSES.finditer(path.read_text("utf-8"))
    ]
    assert wrong == []
    assert CHOOSES.search("filter(year_id=case.year)") and CHOOSES.search("filter(year=at.year)")
