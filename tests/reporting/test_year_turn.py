"""The turn of the year: nothing open leaves a list because a date passed (design §3). Tried as every demo role on four
days, with the clock of the process; the served portal itself in tests/infra/test_served_year_turn.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from cultivation.models import CampaignYear, Enrollment, Milestone, Subject
from cultivation.selectors.data_checks import scope_of
from cultivation.selectors.rehearsal import rehearse
from cultivation.selectors.todo_case import todo_case
from cultivation.services.milestones import register_milestone_done
from evaluation.models import Assessment
from evaluation.services.assessments import start_assessment
from reporting.demo.accounts import DEMO_SIGN_INS, SHOWN_DISTRICT
from reporting.selectors.drafts import draft_parts
from reporting.selectors.todos import todo_parts
from reporting.selectors.waiting import owed_parts, sent_parts
from tests.factories import login
from zaozhuang_portal.accounts.actors import Actor, list_capacities
from zaozhuang_portal.accounts.enums import ADMIN_ROLES, Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.clock import SHANGHAI
from zaozhuang_portal.operations.selectors.todos import TodoPart, TodoRow, list_parts

pytestmark = pytest.mark.django_db
DAYS = (date(2026, 11, 30), date(2026, 12, 1), date(2027, 1, 2), date(2027, 4, 1))
Thing = tuple[str, str]


def at_ten(day: date) -> datetime:
    return datetime.combine(day, time(10), SHANGHAI)


def demo_actors() -> dict[str, Actor]:
    found = {}
    for entry in DEMO_SIGN_INS:
        user = User.objects.get(username=entry.username)
        found[entry.username] = Actor(user, list_capacities(user)[0])
    return found


def thing(row: TodoRow) -> Thing:
    """The same on every day, in whichever part it is found."""
    return row.identity or (row.part.act, row.what)


def lists_of(actor: Actor, day: date) -> dict[str, list[TodoPart]]:
    case = todo_case(actor, day)
    return {
        "待办": todo_parts(case),
        "我发起的": [*sent_parts(case), *owed_parts(case)],
        "草稿": draft_parts(case),
    }


def seed(stage: str) -> Iterator[dict[str, Actor]]:
    with time_machine.travel(at_ten(DAYS[0]), tick=False):
        call_command("seed_demo", enterprises=105, stage=stage, verbosity=0)
        actors = demo_actors()
        contact = next(actor for actor in actors.values() if actor.role == Role.SUBJECT_CONTACT)
        start_assessment(
            actor=contact,
            subject=Subject.objects.get(pk=contact.subject_id),
            year=CampaignYear.objects.get(pk=2026),
            now=at_ten(DAYS[0]),
        )
    yield actors


@pytest.fixture
def city() -> Iterator[dict[str, Actor]]:
    """The demo city of 30 November 2026, and a firm that is half through with its self-assessment."""
    yield from seed("reported")


@pytest.fixture
def young_city() -> Iterator[dict[str, Actor]]:
    """The same, but that firm's is the only self-assessment, and there is no report."""
    yield from seed("enrolled")


def test_nothing_open_leaves_a_list_because_a_day_passed(city: dict[str, Actor]) -> None:
    known: dict[tuple[str, str], set[Thing]] = {}
    missed: dict[str, set[tuple[int | None, str, str]]] = {}
    for day in DAYS:
        with time_machine.travel(at_ten(day), tick=False):
            User.objects.update(password_changed_at=at_ten(day))  # or it would have to be changed by April
            for name, actor in city.items():
                client = login(Client(), actor)
                for title, parts in lists_of(actor, day).items():
                    rows = list_parts(parts)
                    things = {thing(row) for row in rows}
                    lost = known.get((name, title), set()) - things
                    assert not lost, f"{day} {name} {title}: {sorted(lost)[:5]}"
                    known[name, title] = things
                if actor.role in ADMIN_ROLES:
                    continue
                todos = list_parts(lists_of(actor, day)["待办"])
                badge = client.get(reverse("reporting:inbox_badge"))
                assert badge.content.decode() == str(len(todos) or ""), (day, name, badge.headers)
                board = client.get("/").context["board"]
                assert sum(todo.count for todo in board.todos) == len(todos)
                for row in {row.part.key: row for row in todos}.values():
                    assert client.get(row.url).status_code == 200, (day, name, row.url)
                rehearsal = rehearse(actor, scope_of(actor), day=day)
                assert rehearsal is not None
                now = {
                    (miss.year, state.item.code, miss.label)
                    for state, _ in rehearsal.with_misses
                    for miss in [*state.misses, *state.later]
                }
                assert not (gone := missed.get(name, set()) - now), (
                    f"{day} {name}: {sorted(gone, key=str)[:5]}"
                )
                missed[name] = now
    assert any(things for things in known.values())


def rows_of(actor: Actor, day: date) -> dict[Thing, TodoRow]:
    return {thing(row): row for row in list_parts(lists_of(actor, day)["待办"])}


def test_what_is_owed_says_its_year_and_its_days(young_city: dict[str, Actor]) -> None:
    day = DAYS[2]
    office = next(
        actor
        for actor in young_city.values()
        if actor.role == Role.DISTRICT_OFFICE and actor.district and actor.district.code == SHOWN_DISTRICT
    )
    with time_machine.travel(at_ten(day), tick=False):
        rows = {row.what: row for row in rows_of(office, day).values()}
        assert rows["2026年度书面报告"].due == date(2026, 11, 30)
        assert rows["2027年度书面报告"].due == date(2027, 11, 30)
        assert rows["2027年度重点培育名单"].due == date(2027, 3, 31)
        page = login(Client(), office).get(reverse("reporting:inbox"), {"kind": "reports_missing"})
        text = page.content.decode()
        assert "2026年度书面报告" in text and "超期 33 天" in text
        # The report of the year that is over is begun as ever, not back-filled.
        start = Client()
        login(start, office)
        assert start.post(reverse("reporting:report_current", kwargs={"year": 2026})).status_code == 302


def test_the_city_s_own_date_stays_until_it_is_registered(young_city: dict[str, Actor]) -> None:
    day = DAYS[2]
    office = next(actor for actor in young_city.values() if actor.role == Role.CITY_OFFICE)
    milestone = Milestone.objects.get(year_id=2026, code="SPOT_CHECK")
    with time_machine.travel(at_ten(day), tick=False):
        mine = ("Milestone", str(milestone.pk))
        assert rows_of(office, day)[mine].due == date(2026, 11, 30)
        client = login(Client(), office)
        url = reverse("cultivation:milestone_done", args=[milestone.pk])
        assert "市级抽查" in client.get(reverse("cultivation:milestone_states")).content.decode()
        for typed, words in (
            ({"done_on": "2027-01-03", "basis": "抽查通报第一号"}, "今天之间"),
            ({"done_on": "2026-12-20", "basis": "通报"}, "至160个字"),
            ({"done_on": "", "basis": "抽查通报第一号"}, "请填写完成日期"),
        ):
            refused = client.post(url, typed)
            assert refused.status_code == 422 and words in refused.content.decode()
        assert client.post(url, {"done_on": "2026-12-20", "basis": "抽查通报第一号"}).status_code == 302
        assert mine not in rows_of(office, day)
        register_milestone_done(
            actor=office, milestone=milestone, done_on=None, basis="登记错了年度", now=at_ten(day)
        )
        assert mine in rows_of(office, day)


def test_a_firm_is_led_to_finish_before_it_begins_anew(young_city: dict[str, Actor]) -> None:
    contact = next(actor for actor in young_city.values() if actor.role == Role.SUBJECT_CONTACT)
    mine = Assessment.objects.get(subject_id=contact.subject_id)
    for day in DAYS:
        with time_machine.travel(at_ten(day), tick=False):
            whats = [row.what for row in rows_of(contact, day).values()]
            assert "2026年度自评" in whats and "2027年度自评" not in whats
            page = login(Client(), contact).get(reverse("evaluation:assessment_list")).content.decode()
            assert "可以开始" not in page and reverse("evaluation:assessment_home", args=[mine.pk]) in page
    mine.delete()
    with time_machine.travel(at_ten(DAYS[2]), tick=False):
        # Never begun: the year it was on the roster of stays owed, and may be begun late.
        (row,) = [row for row in rows_of(contact, DAYS[2]).values() if row.part.key == "self_missing"]
        assert row.what == "2026年度自评" and row.identity == (
            "AssessmentStart",
            f"2026-{contact.subject_id}",
        )
        assert login(Client(), contact).post(row.url).status_code == 302
        Assessment.objects.filter(subject_id=contact.subject_id).delete()
        Enrollment.objects.filter(subject_id=contact.subject_id, year_id=2026).update(
            state="REMOVED", reason="已停产，经研究调出"
        )
        (row,) = [row for row in rows_of(contact, DAYS[2]).values() if row.part.key == "self_missing"]
        assert row.what == "2027年度自评" and row.due is None
