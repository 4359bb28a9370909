"""What looks like one thing and may be two: asked about by form and import, never merged, never overwritten."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from django.test import Client

from cultivation.ledgers.base import Ledger, all_ledgers, find_ledger
from cultivation.ledgers.identity import is_enforced
from cultivation.models import BargainingInstructor, BestPractice, CampaignBrand, Coordinator, ExemplaryStory
from cultivation.rules.record_numbers import record_number
from cultivation.rules.sameness import cannot_tell, same_person, single_case
from cultivation.services.imports import import_file
from tests import factories
from tests.cultivation.import_samples import NOW, City, make_city, workbook
from tests.cultivation.ledger_factories import posted, valid_values
from tests.cultivation.test_ledger_pages import address, keeper, rows
from tests.factories import login
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.form_keys import FIELD

TERM, NEXT = date(2025, 3, 1), date(2026, 3, 1)


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ({"phone": "13800001234"}, {"phone": "0632-5551234"}, True),
        ({"phone": "13800001234"}, {"phone": "13800005678"}, False),
        ({"phone": "13800001234"}, {}, None),
        ({}, {}, None),
        ({"staff_number": "A1"}, {"staff_number": "A2", "phone": "1"}, False),
        ({"staff_number": "A1", "phone": "13800001234"}, {"staff_number": "A1", "phone": "2"}, True),
        ({"staff_number": "A1", "phone": "13800001234"}, {"phone": "13800001234"}, True),
        ({"left_on": TERM, "phone": "13800001234"}, {"appointed_on": NEXT, "phone": "13800001234"}, False),
        ({"left_on": NEXT, "phone": "13800001234"}, {"appointed_on": TERM, "phone": "13800001234"}, True),
    ],
)
def test_namesakes_are_told_apart_by_number_or_end_of_the_telephone(
    one: dict[str, Any], other: dict[str, Any], verdict: bool | None
) -> None:
    assert same_person(one, other) is verdict and same_person(other, one) is verdict


def test_works_and_cases_are_asked_about() -> None:
    assert cannot_tell({}, {}) is None and single_case({}, {}) is None
    assert single_case({"tally": True}, {"tally": True}) is False


# --- forms: one question for every ledger ---------------------------------------------------------------------------------


def asked_of(ledger: Ledger) -> bool:
    names = ledger.asks_about or ledger.natural_key
    return ledger.asks_about is not None and bool(names) and not is_enforced(ledger, names)


def test_every_ledger_knows_its_rows_by_something() -> None:
    """A row entered twice meets a constraint, the question, or the ledger's own check (`asks_about` None)."""
    bare = [item.slug for item in all_ledgers() if not (item.asks_about or item.natural_key)]
    assert bare == []
    assert [item.slug for item in all_ledgers() if item.asks_about is None] == ["visits"]


@pytest.fixture
def clerk() -> Actor:
    factories.make_year()
    return factories.make_actor(Role.DISTRICT_OFFICE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ledger", [item for item in all_ledgers() if asked_of(item)], ids=lambda ledger: ledger.slug
)
def test_an_equal_record_is_asked_about_with_everything_kept(
    client: Client, clerk: Actor, ledger: Ledger
) -> None:
    actor = keeper(ledger, clerk)
    login(client, actor)
    url = address("create", ledger)
    data = posted(ledger, valid_values(ledger, clerk.organization, actor))

    def send(**more: Any) -> Any:
        answer = client.post(url, data | more | {FIELD: uuid.uuid4().hex})
        confirmed = answer.context["form"].data["confirmed"] if answer.status_code == 422 else ""
        return answer, confirmed

    first, confirmed = send()
    if first.status_code == 422:
        first, _ = send(confirmed=confirmed)
    assert first.status_code == 302, first.context and first.context["form"].errors
    second, confirmed = send()
    assert second.status_code == 422 and rows(ledger).count() == 1
    if ledger.slug in ("pairings", "liaisons"):
        return  # two at a time are refused, whatever is said
    page = second.content.decode()
    assert (
        "再次保存" in page
        and f'已有的一条：<a href="{address("detail", ledger, rows(ledger).get())}"' in page
    )
    for name, value in data.items():
        kept = second.context["form"].data.getlist(name)
        assert kept == ([str(one) for one in value] if isinstance(value, list) else [str(value)]), name
    third, _ = send(confirmed=confirmed)
    assert third.status_code == 302 and rows(ledger).count() == 2


@pytest.mark.django_db
def test_changing_into_an_equal_one_is_asked_about_and_other_changes_are_not(
    client: Client, clerk: Actor
) -> None:
    ledger = find_ledger("trainings")
    assert ledger is not None
    login(client, clerk)
    one = posted(ledger, valid_values(ledger, clerk.organization, clerk, title="第一期"))
    two = posted(ledger, valid_values(ledger, clerk.organization, clerk, title="第二期"))
    client.post(address("create", ledger), one)
    client.post(address("create", ledger), two)
    second = rows(ledger).get(title="第二期")
    edit = address("edit", ledger, second)
    assert client.post(edit, two | {"version": "1", "note": "改"}).status_code == 302
    asked = client.post(edit, two | {"version": "2", "title": "第一期", "happened_on": one["happened_on"]})
    assert asked.status_code == 422 and "再次保存" in asked.content.decode()


# --- import -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def city(db: None) -> City:
    factories.make_year()
    return make_city()


def bring(city: City, slug: str, *lines: list[Any]) -> tuple[int, int, int, str]:
    outcome = import_file(
        actor=factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou),
        kind=slug,
        organization=city.tengzhou,
        data=workbook(*lines),
        filename="名册.xlsx",
        now=NOW,
    )
    words = "；".join(error.message for error in outcome.errors)
    return outcome.created, outcome.updated, outcome.unchanged, words


PEOPLE = ["编号", "姓名", "所在单位", "联系电话", "工号", "聘任日期", "备注"]


@pytest.mark.parametrize(
    ("slug", "model"), [("coordinators", Coordinator), ("instructors", BargainingInstructor)]
)
def test_namesakes_of_two_units_are_two_people(city: City, slug: str, model: Any) -> None:
    """The fault: equal name and day made the second overwrite the first."""
    first = ["", "王伟", "滕州市人社局", "", "", "2026-03-01", ""]
    second = ["", "王伟", "滕州市总工会", "", "", "2026-03-01", ""]
    assert bring(city, slug, PEOPLE, first, second) == (2, 0, 0, "")
    assert bring(city, slug, PEOPLE, first, second) == (0, 0, 2, "")
    assert sorted(model.objects.values_list("employer", flat=True)) == ["滕州市人社局", "滕州市总工会"]


def test_namesakes_of_one_unit_are_told_apart_or_asked_about(city: City) -> None:
    def line(phone: str = "", number: str = "", which: str = "", note: str = "") -> list[str]:
        return [which, "王伟", "滕州市人社局", phone, number, "2026-03-01", note]

    assert bring(city, "coordinators", PEOPLE, line("13800001234")) == (1, 0, 0, "")
    assert bring(city, "coordinators", PEOPLE, line("13800005678")) == (1, 0, 0, ""), "another telephone"
    changed = bring(city, "coordinators", PEOPLE, line("13800001234", note="改"))
    assert changed == (0, 1, 0, ""), "the same telephone is the same person"
    created, updated, _, words = bring(city, "coordinators", PEOPLE, line(note="谁"))
    assert (created, updated) == (0, 0)
    first = Coordinator.objects.order_by("pk").first()
    assert first is not None and record_number("coordinators", first.pk) in words and "写“新增”" in words
    assert bring(city, "coordinators", PEOPLE, line(note="谁", which="新增")) == (1, 0, 0, "")
    named = record_number("coordinators", first.pk)
    assert bring(city, "coordinators", PEOPLE, line("13800001234", which=named, note="再改")) == (0, 1, 0, "")
    assert Coordinator.objects.count() == 3


def test_namesakes_in_one_file_are_asked_about_too(city: City) -> None:
    one = ["", "李强", "薛城区总工会", "", "", "2026-03-01", "甲"]
    two = ["", "李强", "薛城区总工会", "", "", "2026-03-01", "乙"]
    created, _, _, words = bring(city, "instructors", PEOPLE, one, two)
    assert created == 1 and "与第 2 行可能是同一人" in words
    assert bring(city, "instructors", PEOPLE, ["新增", *two[1:]]) == (1, 0, 0, "")


WORKS = [
    (
        "stories",
        ExemplaryStory,
        ["编号", "标题", "先进个人（集体）", "事迹"],
        ["", "以厂为家", "王伟", "扎根车间三十年"],
    ),
    (
        "best-practices",
        BestPractice,
        ["编号", "标题", "标签", "做法"],
        ["", "集体协商四步法", "集体协商", "一看二议"],
    ),
    (
        "brands",
        CampaignBrand,
        ["编号", "品牌名称", "启用日期", "内容和做法"],
        ["", "和谐墨子", "2026-03-01", "墨家"],
    ),
]


@pytest.mark.parametrize(("slug", "model", "heading", "line"), WORKS, ids=[item[0] for item in WORKS])
def test_works_of_one_title_are_asked_about_never_overwritten(
    city: City, slug: str, model: Any, heading: list[str], line: list[str]
) -> None:
    assert bring(city, slug, heading, line) == (1, 0, 0, "")
    assert bring(city, slug, heading, line) == (0, 0, 1, ""), "equal in every column: nothing to do"
    other = [*line[:-1], "另外一篇的内容"]
    before = list(model.objects.values())
    created, updated, _, words = bring(city, slug, heading, other)
    assert (created, updated) == (0, 0) and "可能是已有的" in words
    assert list(model.objects.values()) == before
    assert bring(city, slug, heading, ["新增", *other[1:]]) == (1, 0, 0, "")
    assert model.objects.count() == 2


def test_works_of_one_title_and_two_owners_are_two(city: City) -> None:
    heading, line = WORKS[0][2], WORKS[0][3]
    assert bring(city, "stories", heading, line, [*line[:2], "李强", "另一个人"]) == (2, 0, 0, "")
