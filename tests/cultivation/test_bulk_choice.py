"""选择全部 (ux E4): the filters choose on the server; the numbers are said before and after; what changed asks again."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.enums import WorkItemState
from cultivation.ledgers.mechanism import WORK_ITEMS
from cultivation.ledgers.visits import VISITS
from cultivation.models import GuidanceVisit, WorkItem
from cultivation.selectors.ledgers import visible_records
from cultivation.services import ledger_removal
from cultivation.services.ledger_removal import judge_removal, remove_records
from cultivation.services.ledgers import remove_record
from tests.factories import (
    login,
    make_actor,
    make_organization,
    make_subject,
    make_visit,
    make_year,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.operations.models import Job

pytestmark = pytest.mark.django_db
BULK = reverse("cultivation:ledger_bulk", kwargs={"slug": "work-items"})


@pytest.fixture
def clerk() -> Actor:
    make_year(2025)
    make_year(2026)
    return make_actor(Role.DISTRICT_OFFICE)


def items(clerk: Actor, number: int, **fields: object) -> list[WorkItem]:
    now = clock.now()
    start = WorkItem.objects.count()
    values = {
        "organization": clerk.organization,
        "year_id": 2026,
        "lead_name": "市人社局",
        "due_on": date(2026, 12, 31),
        "created_at": now,
        "updated_at": now,
    }
    return [
        WorkItem.objects.create(**values | {"title": f"任务{start + index}"} | fields)
        for index in range(number)
    ]


def live() -> int:
    return WorkItem.objects.live().count()


def test_all_of_a_filter_are_asked_for_and_removed(client: Client, clerk: Actor) -> None:
    items(clerk, 10)
    items(clerk, 2, state=WorkItemState.DONE, done_on=date(2026, 5, 1), progress=100)
    items(clerk, 3, year_id=2025)
    items(make_actor(Role.DISTRICT_OFFICE), 4)
    login(client, clerk)
    page = client.post(f"{BULK}?year=2026", {"every": "1"})
    body = page.content.decode()
    assert page.status_code == 200 and "将处理 10 项，跳过 2 项" in body
    assert "跳过 2 项：任务已办结，不能修改" in body and "年度：2026" in body and "删除 10 项" in body
    assert live() == 19  # asking changes nothing
    mark = page.context["removal"].mark
    answer = client.post(f"{BULK}?year=2026", {"every": "1", "confirmed": mark}, follow=True)
    text = answer.content.decode()
    assert "已删除 10 项" in text and "已跳过“任务10”：任务已办结" in text
    assert "year=2026" in answer.redirect_chain[0][0]
    assert (live(), AuditEntry.objects.filter(action="删除责任分解").count()) == (9, 10)
    assert WorkItem.objects.live().filter(year_id=2025).count() == 3


def test_a_list_that_changed_asks_again(client: Client, clerk: Actor) -> None:
    items(clerk, 3)
    login(client, clerk)
    mark = client.post(BULK, {"every": "1"}).context["removal"].mark
    items(clerk, 1)
    answer = client.post(BULK, {"every": "1", "confirmed": mark})
    assert answer.status_code == 409 and live() == 4
    assert "列表刚刚有变化" in answer.content.decode() and "将处理 4 项" in answer.content.decode()
    again = answer.context["removal"].mark
    assert client.post(BULK, {"every": "1", "confirmed": again}).status_code == 302 and live() == 0


def test_too_many_are_refused_with_the_way_out(
    client: Client, clerk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_removal, "MOST_AT_ONCE", 5)
    items(clerk, 6)
    login(client, clerk)
    for data in ({"every": "1"}, {"every": "1", "confirmed": "x"}):
        answer = client.post(BULK, data)
        assert answer.status_code == 422 and live() == 6
        assert "一次最多删除 5 项，当前条件下有 6 项" in answer.content.decode()
        assert 'name="confirmed"' not in answer.content.decode()
    with pytest.raises(DomainError, match="一次最多删除 5 项"):
        remove_records(
            actor=clerk, ledger=WORK_ITEMS, rows=visible_records(clerk, WORK_ITEMS), now=clock.now()
        )


def test_many_cost_no_more_statements_than_few(clerk: Actor) -> None:
    def cost(number: int) -> int:
        items(clerk, number)
        rows = visible_records(clerk, WORK_ITEMS)
        with CaptureQueriesContext(connection) as asked:
            judged = judge_removal(actor=clerk, ledger=WORK_ITEMS, rows=rows)
            gone = remove_records(
                actor=clerk, ledger=WORK_ITEMS, rows=rows, now=clock.now(), expected=judged.mark
            )
        assert len(gone.records) == number
        return len(asked)

    assert cost(3) == cost(60)


def test_the_reasons_are_those_of_one_row(clerk: Actor) -> None:
    """The rule of one and of many is the same: in use, closed, of another district."""
    foreign = items(make_actor(Role.DISTRICT_OFFICE), 1)[0]
    closed = items(clerk, 1, state=WorkItemState.DONE, done_on=date(2026, 5, 1), progress=100)[0]
    rows = WorkItem.objects.live()
    removal = judge_removal(actor=clerk, ledger=WORK_ITEMS, rows=rows)
    for record, reason in removal.skipped:
        with pytest.raises(DomainError) as refused:
            remove_record(actor=clerk, ledger=WORK_ITEMS, record=record, now=clock.now())
        assert refused.value.message == reason
    assert {record.pk for record, _ in removal.skipped} == {foreign.pk, closed.pk} and not removal.records


def test_what_was_confirmed_is_what_goes(clerk: Actor) -> None:
    items(clerk, 2)
    rows = visible_records(clerk, WORK_ITEMS)
    mark = judge_removal(actor=clerk, ledger=WORK_ITEMS, rows=rows).mark
    WorkItem.objects.filter(title="任务0").update(state=WorkItemState.DONE, done_on=date(2026, 5, 1))
    with pytest.raises(ConflictError):
        remove_records(actor=clerk, ledger=WORK_ITEMS, rows=rows, now=clock.now(), expected=mark)
    assert live() == 2


def test_the_list_offers_all_pages_only_when_there_are_more(client: Client, clerk: Actor) -> None:
    subject = make_subject(clerk.organization)
    login(client, clerk)
    url = reverse("cultivation:ledger_list", kwargs={"slug": "visits"})
    for _ in range(21):
        make_visit(subject)
    body = client.get(f"{url}?size=20&year=2026").content.decode()
    total = GuidanceVisit.objects.filter(year_id=2026).count()
    assert total == 21 and "选择全部 21" in body and "bulk/?year=2026" in body
    assert "选择全部" not in client.get(f"{url}?size=50").content.decode()


def test_an_export_of_all_takes_the_filter_not_the_ticks(client: Client, clerk: Actor) -> None:
    subject = make_subject(clerk.organization)
    visits = [make_visit(subject) for _ in range(3)]
    login(client, clerk)
    url = reverse("cultivation:ledger_export", kwargs={"slug": "visits"}) + "?year=2026"
    client.post(url, {"pk": [visits[0].pk]})
    client.post(url, {"pk": [visits[0].pk], "every": "1"})
    ticked, every = Job.objects.order_by("pk")
    assert (ticked.parameters["pks"], every.parameters["pks"]) == ([visits[0].pk], [])
    assert every.parameters["year"] == 2026 and VISITS.slug == every.parameters["ledger"]


def test_chosen_subjects_are_exported(client: Client, clerk: Actor) -> None:
    mine = [make_subject(clerk.organization) for _ in range(3)]
    foreign = make_subject(make_organization(Level.DISTRICT))
    login(client, clerk)
    listed = client.get(reverse("cultivation:subject_list")).content.decode()
    assert listed.count("data-check-row") == 3 and "导出选中" in listed and "删除选中" not in listed
    url = reverse("cultivation:register_export") + "?kind=ENTERPRISE"
    answer = client.post(url, {"pk": [mine[0].pk, foreign.pk, "x"]}, follow=True)
    assert "将导出 1 个，跳过 1 个" in answer.content.decode()
    assert Job.objects.get().parameters["pks"] == [mine[0].pk, foreign.pk]
    answer = client.post(url, {"pk": [foreign.pk]}, follow=True)
    assert "没有可导出的" in answer.content.decode() and Job.objects.count() == 1
    client.post(url, {"pk": [mine[0].pk], "every": "1"})
    assert Job.objects.latest("pk").parameters["pks"] == []
