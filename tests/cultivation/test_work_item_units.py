"""参加单位 of 责任分解, both ways: exported by name, imported by name, an unknown name said in words; line and units agree."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from cultivation.ledgers.mechanism import WORK_ITEMS, check_work_items
from cultivation.models import WorkItem
from cultivation.rules.work_items import read_units
from cultivation.services.ledgers import RecordRefused, create_record
from cultivation.services.work_items import WorkItemDraft, create_work_item, update_work_item
from tests.cultivation.import_samples import workbook
from tests.cultivation.test_ledger_round_trip import bring, counts, exported
from tests.factories import make_actor, make_member_unit, make_organization, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
HEADER = ["任务", "牵头单位（其他）", "参加单位", "完成时限"]


class Desk:
    def __init__(self) -> None:
        self.year = make_year()
        self.district = make_organization(Level.DISTRICT, name="滕州市")
        self.actor = make_actor(Role.DISTRICT_OFFICE, self.district)
        self.union = make_member_unit(self.district, name="滕州市总工会")
        self.commerce = make_member_unit(self.district, name="滕州市工商联")
        self.city_unit = make_member_unit(self.district.parent, name="枣庄市总工会")
        make_member_unit(make_organization(Level.DISTRICT, name="薛城区"), name="薛城区总工会")

    def draft(self, *units: Any, title: str = "专题培训") -> WorkItemDraft:
        return WorkItemDraft(
            title=title, due_on=date(2026, 12, 1), lead_name="市人社局", participating_units=units
        )

    def bring(self, *rows: list[Any]) -> Any:
        return bring(self.actor, self.district, WORK_ITEMS, workbook(HEADER, *rows))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def units_of(title: str) -> list[str]:
    item = WorkItem.objects.get(title=title)
    found = [unit.name for unit in item.participating_units.order_by("id")]
    assert sorted(read_units(item.participating_words)) == sorted(found)
    return found


def test_an_export_brings_the_units_back(desk: Desk) -> None:
    item = create_work_item(
        actor=desk.actor,
        organization=desk.district,
        year=desk.year,
        draft=desk.draft(desk.union, desk.city_unit),
        now=clock.now(),
    )
    data = exported(desk.actor, WORK_ITEMS)
    book = load_workbook(BytesIO(data))
    sheet = book.active
    header = [cell.value for cell in sheet[1]]
    place = next(column for column, name in enumerate(header, 1) if str(name).startswith("参加单位"))
    assert sheet.cell(2, place).value == "滕州市总工会、枣庄市总工会"
    assert counts(bring(desk.actor, desk.district, WORK_ITEMS, data)) == (0, 0, 1, [])
    sheet.cell(2, place).value = "滕州市工商联"
    changed = BytesIO()
    book.save(changed)
    assert counts(bring(desk.actor, desk.district, WORK_ITEMS, changed.getvalue())) == (0, 1, 0, [])
    assert units_of(item.title) == ["滕州市工商联"]


def test_units_are_read_by_name_however_they_are_parted(desk: Desk) -> None:
    outcome = desk.bring(
        ["任务甲", "市人社局", "滕州市总工会， 滕州市工商联；枣庄市总工会、滕州市总工会", "2026-12-01"],
        ["任务乙", "市人社局", "", "2026-12-01"],
    )
    assert counts(outcome) == (2, 0, 0, [])
    assert units_of("任务甲") == ["滕州市总工会", "滕州市工商联", "枣庄市总工会"] and units_of("任务乙") == []


@pytest.mark.parametrize("name", ["薛城区总工会", "没有的单位"])
def test_a_strange_unit_is_said_in_words_and_nothing_is_written(desk: Desk, name: str) -> None:
    outcome = desk.bring(["任务甲", "市人社局", f"滕州市总工会、{name}", "2026-12-01"])
    assert not WorkItem.objects.exists()
    message = counts(outcome)[3][0]
    assert f"参加单位“{name}”不是本级或市级三方的成员单位" in message and "顿号" in message


def test_the_form_of_the_ledger_refuses_the_same(desk: Desk) -> None:
    values = {"title": "任务甲", "lead_name": "市人社局", "due_on": date(2026, 12, 1)}
    with pytest.raises(RecordRefused, match="没有的单位") as refused:
        create_record(
            actor=desk.actor,
            ledger=WORK_ITEMS,
            values=values | {"participating_words": "没有的单位"},
            now=clock.now(),
        )
    assert refused.value.slips[0].field == "participating_words"
    # The city office may name any unit; whether it is within the task's reach is known when it is written.
    city = make_actor(Role.CITY_OFFICE)
    with pytest.raises(Exception, match="不是本级或市级三方的成员单位"):
        create_record(
            actor=city,
            ledger=WORK_ITEMS,
            values=values | {"participating_words": "滕州市总工会"},
            now=clock.now(),
        )
    assert not WorkItem.objects.exists()


def test_the_form_of_the_task_keeps_the_line(desk: Desk) -> None:
    item = create_work_item(
        actor=desk.actor,
        organization=desk.district,
        year=desk.year,
        draft=desk.draft(desk.union),
        now=clock.now(),
    )
    assert units_of(item.title) == ["滕州市总工会"]
    update_work_item(
        actor=desk.actor,
        item=item,
        draft=desk.draft(desk.commerce, desk.city_unit),
        expected_version=item.version,
        now=clock.now(),
    )
    assert units_of(item.title) == ["滕州市工商联", "枣庄市总工会"]


def test_the_same_task_again_takes_the_new_units(desk: Desk) -> None:
    desk.bring(["任务甲", "市人社局", "滕州市总工会", "2026-12-01"])
    desk.bring(["任务甲", "市人社局", "滕州市工商联", "2026-12-01"])
    assert units_of("任务甲") == ["滕州市工商联"]


def test_many_rows_ask_once(desk: Desk) -> None:
    def cost(number: int) -> int:
        rows = [(None, {"lead_name": "局", "participating_words": "滕州市总工会、无"}) for _ in range(number)]
        with CaptureQueriesContext(connection) as asked:
            assert all(len(slips) == 1 for slips in check_work_items(desk.actor, rows))
        return len(asked)

    assert cost(1) == cost(50) == 1
