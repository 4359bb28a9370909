"""往年整改: earlier years' ledgers come in by the house's import, marked 补录, with numbers that never meet those given here."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from cultivation.models import CampaignYear, ImportBatch, Subject
from cultivation.services.imports import check_import, confirm_import, stage_import
from cultivation.services.imports_undo import undo_import
from evaluation.models import Finding, Rectification
from evaluation.rules.rectifications import order_prefix
from evaluation.services.rectifications.past_columns import KEY, SPEC
from evaluation.services.rectifications.past_writing import write_past
from tests import factories
from tests.cultivation.import_samples import City, make_city, workbook
from tests.evaluation.rectification_builders import issued, make_measure
from tests.factories import login, make_actor
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.clock import SHANGHAI
from zaozhuang_portal.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, tzinfo=SHANGHAI)
HEADS = [field.header for field in SPEC.fields]
FIRM = "滕州恒信机械有限公司"
ROW: dict[str, Any] = {
    "年度": 2024,
    "培育对象": FIRM,
    "问题": "集体合同到期未续签",
    "事实": "2024年10月21日现场查看，合同于6月到期。",
    "条款或指标": "D02-01",
    "来源": "市级抽查",
    "性质": "较重",
    "发现日期": "2024-10-21",
    "文号": "枣三方整改〔2024〕3号",
    "下达日期": "2024-10-28",
    "整改截止": "2024-11-18",
    "整改要求": "续签集体合同",
    "状态": "已销号",
    "销号日期": "2024-11-15",
    "来源文件": "2024年整改台账",
}


def sheet(*rows: dict[str, Any]) -> bytes:
    return workbook(HEADS, *[[(ROW | row)[header] for header in HEADS] for row in rows])


@pytest.fixture
def city() -> City:
    factories.make_year(2026)
    factories.make_year(2024)
    return make_city()


@pytest.fixture
def office(city: City) -> Actor:
    return make_actor(Role.CITY_OFFICE)


@pytest.fixture
def firm(city: City) -> Subject:
    return factories.make_subject(city.tengzhou, name=FIRM)


def checked(actor: Actor, city: City, data: bytes) -> ImportBatch:
    batch = stage_import(
        actor=actor, kind=KEY, organization=city.tengzhou, data=data, filename="整改台账.xlsx", now=NOW
    )
    return check_import(actor=actor, batch=batch, now=NOW)


def brought(actor: Actor, city: City, *rows: dict[str, Any]) -> ImportBatch:
    batch = checked(actor, city, sheet(*rows))
    assert not batch.error_row_count, doubts(batch)
    return confirm_import(actor=actor, batch=batch, digest=batch.digest, only_good=False, now=NOW)


def doubts(batch: ImportBatch) -> str:
    return "；".join(f"{item[1]} {item[3]} {item[6]}" for item in batch.report.doubts["errors"])


def test_a_ledger_goes_in_closed_or_open_with_its_source(city: City, office: Actor, firm: Subject) -> None:
    unit = {"培育对象": "", "问题": "未建专门小组", "条款或指标": "DC02", "文号": "", "来源文件": ""}
    brought(office, city, {}, unit | {"状态": "整改中", "销号日期": ""})
    closed, open_one = Rectification.objects.order_by("pk")
    assert (closed.subject, closed.state, closed.number) == (firm, "CLOSED", "枣三方整改〔2024〕3号")
    assert (closed.issued_on, closed.due_on, closed.term_days) == (date(2024, 10, 28), date(2024, 11, 18), 15)
    assert closed.closed_at is not None and closed.closed_at.astimezone(SHANGHAI).date() == date(2024, 11, 15)
    assert (closed.backfilled, closed.source_document) == (True, "2024年整改台账")
    assert (open_one.subject, open_one.state, open_one.number) == (None, "IN_PROGRESS", "补录〔2024〕1号")
    assert open_one.organization == city.tengzhou and open_one.source_document == "整改台账.xlsx"
    first, second = Finding.objects.order_by("pk")
    assert (first.number, second.number) == ("BL2024-001", "BL2024-002")
    assert (first.source, first.severity, first.found_on) == ("SPOT_CHECK", "GRAVE", date(2024, 10, 21))
    again = checked(office, city, sheet({}, unit | {"状态": "整改中", "销号日期": ""}))
    assert (again.created_count, again.unchanged_count, again.error_row_count) == (0, 2, 0)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"年度": 2026}, "不是往年"),
        ({"培育对象": "薛城远方有限公司"}, "薛城远方有限公司"),
        ({"问题": ""}, "问题"),
        ({"事实": ""}, "事实"),
        ({"来源": "听说"}, "听说"),
        ({"性质": "特别严重"}, "特别严重"),
        ({"状态": "已完成"}, "已完成"),
        ({"销号日期": ""}, "已销号的请填写销号日期"),
        ({"状态": "整改中"}, "有销号日期的，状态应为“已销号”"),
        ({"下达日期": "2024-10-01"}, "下达日期早于发现日期 2024-10-21"),
        ({"整改截止": "2024-10-01"}, "整改截止早于下达日期 2024-10-28"),
        ({"销号日期": "2027-01-01"}, "晚于今天"),
        ({"发现日期": "去年秋天"}, "发现日期"),
        ({"问题": "字" * 201}, "200"),
    ],
)
def test_each_fault_is_told_by_row_and_nothing_of_it_is_written(
    city: City, office: Actor, firm: Subject, wrong: dict[str, Any], words: str
) -> None:
    batch = checked(office, city, sheet({"问题": "另一个问题", "文号": ""}, wrong))
    assert batch.error_row_count == 1 and batch.created_count == 1
    (told, *_) = batch.report.doubts["errors"]
    assert told[1] == 3 and words in doubts(batch)
    assert not Rectification.objects.exists()


def test_two_rows_of_one_number_or_one_problem_and_a_number_in_use_are_told(
    city: City, office: Actor, firm: Subject
) -> None:
    batch = checked(office, city, sheet({}, {"问题": "另一个问题"}))
    assert "已是另一件整改的文号" in doubts(batch) and batch.created_count == 1
    batch = checked(office, city, sheet({}, {"文号": ""}))
    assert batch.error_row_count >= 1
    brought(office, city, {})
    batch = checked(office, city, sheet({"问题": "另一个问题"}))
    assert "已是另一件整改的文号" in doubts(batch)


def test_who_may_and_of_which_years(city: City, office: Actor, firm: Subject) -> None:
    clerk = make_actor(Role.DISTRICT_OFFICE, city.tengzhou)
    for role in (Role.DISTRICT_MEMBER, Role.CITY_MEMBER):
        place = city.tengzhou if role == Role.DISTRICT_MEMBER else None
        with pytest.raises(NotAllowed):
            checked(make_actor(role, place), city, sheet({}))
    CampaignYear.objects.filter(pk=2024).update(in_use=True)
    assert "由市三方委员会办公室补录" in doubts(checked(clerk, city, sheet({})))
    CampaignYear.objects.filter(pk=2024).update(in_use=False)
    brought(clerk, city, {})
    assert Rectification.objects.get().created_by == clerk.user


def test_a_year_put_into_use_after_the_preview_stops_the_import(city: City, firm: Subject) -> None:
    clerk = make_actor(Role.DISTRICT_OFFICE, city.tengzhou)
    CampaignYear.objects.filter(pk=2024).update(in_use=True)
    with pytest.raises(NotAllowed, match="由市三方委员会办公室补录"):
        write_past(
            actor=clerk,
            organization=city.tengzhou,
            rows=[({"year": 2024}, firm)],
            source_document="台账",
            now=NOW,
        )
    assert not Finding.objects.exists()


def test_an_undo_takes_back_what_nobody_touched(city: City, office: Actor, firm: Subject) -> None:
    open_row = {"状态": "整改中", "销号日期": "", "问题": "未建台账", "文号": "", "条款或指标": "D02-02"}
    batch = brought(office, city, {}, open_row)
    touched = Rectification.objects.get(state="IN_PROGRESS")
    clerk = make_actor(Role.DISTRICT_OFFICE, city.tengzhou)
    make_measure(clerk, touched)
    undo_import(actor=office, batch=batch, now=NOW + timedelta(hours=1))
    assert Rectification.objects.get() == touched and Finding.objects.get() == touched.finding
    brought(office, city, {})
    assert Rectification.objects.count() == 2


@pytest.mark.parametrize("seed", range(4))
def test_numbers_given_here_and_brought_in_never_meet(
    city: City, office: Actor, firm: Subject, seed: int
) -> None:
    """Any mixture of both ways: all numbers differ, and those given here are 1, 2, 3 … but for those brought in."""
    draw = random.Random(seed)
    mine: list[int] = []
    theirs: set[int] = set()
    for step in range(8):
        if draw.random() < 0.5:
            record = issued(office, city.tengzhou, year=2024, clause=f"DC{step:02d}")
            mine.append(int(str(record.number).removeprefix(order_prefix(2024)).removesuffix("号")))
            continue
        free = [number for number in range(1, 12) if number not in {*mine, *theirs}]
        number = draw.choice([0, draw.choice(free)])
        theirs |= {number} - {0}
        word = f"{order_prefix(2024)}{number}号" if number else ""
        brought(office, city, {"问题": f"问题{step}", "文号": word, "条款或指标": f"D{step}"})
    assert len(set(Rectification.objects.values_list("number", flat=True))) == Rectification.objects.count()
    assert len(set(Finding.objects.values_list("number", flat=True))) == Finding.objects.count()
    assert mine == sorted(mine) and not theirs & set(mine)
    given = Finding.objects.filter(number__startswith="FX2024-").order_by("pk")
    assert [row.number for row in given] == [f"FX2024-{n:03d}" for n in range(1, len(mine) + 1)]


def test_the_template_and_the_way_to_it(client: Client, city: City, office: Actor) -> None:
    login(client, office)
    url = reverse("cultivation:ledger_import", args=[KEY])
    assert url in client.get(reverse("evaluation:rectification_list")).content.decode()
    assert "往年整改" in client.get(url).content.decode()
    answer = client.get(reverse("cultivation:ledger_template", args=[KEY]))
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    book = openpyxl.load_workbook(BytesIO(content))
    assert [cell.value for cell in book.worksheets[0][1]] == HEADS
    member = make_actor(Role.CITY_MEMBER)
    login(client, member)
    assert url not in client.get(reverse("evaluation:rectification_list")).content.decode()
