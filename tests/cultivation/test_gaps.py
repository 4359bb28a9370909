"""查漏补缺 (C092): the gaps of the years become tasks with unit and date in one act, each once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from threading import Thread

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.models import WorkItem
from cultivation.rules.gaps import GAP_CLAUSE
from cultivation.selectors.gaps import Gap, gaps_on
from cultivation.selectors.todo_case import todo_case
from cultivation.services.closed_years import YearClosed
from cultivation.services.gaps import give_out_gaps, scope_of_giver
from cultivation.services.work_items import move_work_item
from reporting.selectors.todos import todo_parts
from tests.cultivation.planted_faults import Ground
from tests.cultivation.test_closed_years import close
from tests.factories import login, make_actor, make_organization, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel.clock import SHANGHAI
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.operations.models import Notification
from zaozhuang_portal.operations.selectors.todos import list_parts

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 10, tzinfo=SHANGHAI)
DUE = date(2026, 12, 20)


@pytest.fixture
def ground() -> Ground:
    make_year(2026)
    return Ground()


@pytest.fixture
def city(ground: Ground) -> Actor:
    return make_actor(Role.CITY_OFFICE)


def gaps(actor: Actor) -> list[Gap]:
    return gaps_on(scope_of_giver(actor), day=DAY)


def give(actor: Actor, chosen: list[Gap], due: date = DUE, now: datetime = NOW) -> list[WorkItem]:
    return give_out_gaps(
        actor=actor, keys=[gap.key for gap in chosen], due_on=due, lead_name="", note="", now=now
    ).items


def waiting(actor: Actor, day: date) -> list[str]:
    rows = list_parts(todo_parts(todo_case(actor, day)))
    return [row.what for row in rows if row.identity and row.identity[0] == "WorkItem"]


def test_every_miss_becomes_a_task_of_its_unit_once_and_waits_there_until_done(
    ground: Ground, city: Actor
) -> None:
    office = make_actor(Role.DISTRICT_OFFICE, ground.district)
    found = gaps(city)
    assert {"未报送工作方案的区（市）", "年度市级抽查没有完成"} <= {gap.what for gap in found}
    made = give(city, found)
    assert len(made) == len(found) > 2 and {item.clause for item in made} == {GAP_CLAUSE}
    assert all(item.due_on == DUE for item in made)
    of_district = [item for item in made if item.organization_id == ground.district.pk]
    for day in (DAY, DUE, DUE + timedelta(days=1), date(2027, 1, 1), date(2027, 12, 1)):
        assert sorted(waiting(office, day)) == sorted(item.title for item in of_district), day
    assert give(city, found) == [] and all(gap.item for gap in gaps(city))
    told = Notification.objects.get(user=office.user)
    assert told.title == f"新列查漏补缺任务 {len(of_district)} 项"
    move_work_item(actor=office, item=of_district[0], action="finish", now=NOW)
    assert of_district[0].title not in waiting(office, DAY)


def test_a_district_gives_out_its_own_and_nothing_of_the_city(ground: Ground, city: Actor) -> None:
    office = make_actor(Role.DISTRICT_OFFICE, ground.district)
    make_organization(Level.DISTRICT)
    mine = gaps(office)
    assert mine and {gap.organization for gap in mine} == {ground.district}
    foreign = [gap for gap in gaps(city) if gap.organization != ground.district]
    assert foreign and give(office, foreign) == []
    assert len(give(office, mine)) == len(mine)
    for role in (Role.DISTRICT_MEMBER, Role.CITY_MEMBER, Role.LEADER):
        with pytest.raises(NotAllowed):
            give(make_actor(role, ground.district), mine)


def test_nothing_chosen_a_past_date_and_a_closed_year_are_refused(ground: Ground, city: Actor) -> None:
    found = gaps(city)
    with pytest.raises(DomainError, match="至少一项"):
        give(city, [])
    with pytest.raises(DomainError, match="早于今天"):
        give(city, found, due=DAY - timedelta(days=1))
    close(city, make_year(2026))
    with pytest.raises(YearClosed, match="2026年度已封存"):
        give(city, found)
    assert not WorkItem.objects.filter(clause=GAP_CLAUSE).exists()


@time_machine.travel(NOW, tick=False)
def test_the_page_keeps_what_was_typed_and_ticked(client: Client, ground: Ground, city: Actor) -> None:
    url = reverse("cultivation:gap_list")
    login(client, city)
    chosen = gaps(city)[0]
    assert chosen.label in client.get(url).content.decode()
    refused = client.post(url, {"gaps": chosen.key, "due_on": "下周", "note": "请抓紧"})
    body = refused.content.decode()
    assert refused.status_code == 422 and "下周" in body and "请抓紧" in body
    assert f'value="{chosen.key}" id="g-{chosen.key}" checked' in body
    assert client.post(url, {"due_on": "2026-12-20"}).status_code == 422
    assert client.post(url, {"gaps": chosen.key, "due_on": "2026-12-20"}).status_code == 302
    item = WorkItem.objects.get(clause=GAP_CLAUSE)
    assert reverse("cultivation:work_item_detail", args=[item.pk]) in client.get(url).content.decode()


@time_machine.travel(NOW, tick=False)
def test_statements_do_not_grow_with_the_gaps(client: Client, ground: Ground, city: Actor) -> None:
    login(client, city)
    counts = []
    for _ in range(2):
        make_organization(Level.DISTRICT)
        make_year(2026)
        client.get(reverse("cultivation:gap_list"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("cultivation:gap_list"))
        counts.append(len(asked))
    assert counts[0] == counts[1], counts


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="presses at once: PostgreSQL only")
def test_given_out_by_two_at_once_it_is_one_task() -> None:
    make_year(2026)
    Ground()
    actors = [make_actor(Role.CITY_OFFICE) for _ in range(4)]
    found = gaps(actors[0])
    made: list[int] = []

    def press(actor: Actor) -> None:
        try:
            made.append(len(give(actor, found)))
        finally:
            connections.close_all()

    threads = [Thread(target=press, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == len(found) == WorkItem.objects.filter(clause=GAP_CLAUSE).count()
