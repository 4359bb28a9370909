"""Issue 3: the ledger overview, list pages by filter, the picker of subjects, exports of chosen rows, plans on indexes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.ledgers.base import all_ledgers, find_ledger
from cultivation.models import GuidanceVisit
from cultivation.selectors.assistance import sum_cases
from cultivation.selectors.ledger_exports import export_rows, export_slots
from cultivation.selectors.ledgers import LedgerFilters, filtered_records, visible_records
from tests.cultivation.ledger_factories import make_record
from tests.cultivation.test_ledger_services import ADVISORIES, PUBLICITY
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.models import Job

pytestmark = pytest.mark.django_db
VISITS = find_ledger("visits")
assert VISITS is not None


@pytest.fixture
def clerk() -> Actor:
    make_year()
    return make_actor(Role.DISTRICT_OFFICE)


def test_the_overview_counts_the_years_own_rows_in_few_statements(client: Client, clerk: Actor) -> None:
    make_record(PUBLICITY, clerk.organization, actor=clerk)
    make_record(PUBLICITY)
    login(client, clerk)
    url = reverse("cultivation:ledger_home")
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(f"{url}?year=2026")
    assert len(captured) <= 4
    cards = [card for _, cards in page.context["families"] for card in cards]
    counts = {card["ledger"].slug: card["count"] for card in cards}
    assert counts["publicity"] == 1 and set(counts) == {ledger.slug for ledger in all_ledgers()}
    assert page.content.decode().count("新增<span") >= len(
        [ledger for ledger in all_ledgers() if clerk.role in ledger.keepers]
    )
    assert client.get(f"{url}?year=abc").status_code == 200


def test_a_leader_reads_and_is_offered_no_form(client: Client, clerk: Actor) -> None:
    record = make_record(PUBLICITY, clerk.organization, actor=clerk, title="给领导看的")
    login(client, make_actor(Role.LEADER, clerk.organization))
    listed = client.get(reverse("cultivation:ledger_list", args=["publicity"])).content.decode()
    assert "给领导看的" in listed and "新增宣传报道" not in listed and "删除选中" not in listed
    detail = reverse("cultivation:ledger_detail", args=["publicity", record.pk])
    body = client.get(detail).content.decode()
    assert reverse("cultivation:ledger_edit", args=["publicity", record.pk]) not in body
    assert "上传附件" not in body


def test_city_rows_are_read_by_districts_and_changed_by_the_city(client: Client, clerk: Actor) -> None:
    trainings = find_ledger("trainings")
    assert trainings is not None
    city = make_actor(Role.CITY_OFFICE)
    record = make_record(trainings, city.organization, actor=city, title="全市专题培训班")
    login(client, clerk)
    assert "全市专题培训班" in client.get("/ledgers/trainings/").content.decode()
    kwargs = {"slug": "trainings", "pk": record.pk}
    assert client.get(reverse("cultivation:ledger_detail", kwargs=kwargs)).status_code == 200
    assert client.get(reverse("cultivation:ledger_edit", kwargs=kwargs)).status_code == 403
    assert client.post(reverse("cultivation:ledger_remove", kwargs=kwargs)).status_code == 403


def test_filters_of_the_address_become_chips_and_strange_ones_are_ignored(
    client: Client, clerk: Actor
) -> None:
    town = make_organization(Level.TOWNSHIP, parent=clerk.organization)
    organization_name(0)  # the code table is read before the town is there; pages must bear it
    subject = make_subject(clerk.organization, township=town, name="滕州晨光纺织有限公司")
    record = make_record(ADVISORIES, clerk.organization, actor=clerk, subject=subject)
    make_record(ADVISORIES, clerk.organization, actor=clerk)
    login(client, clerk)
    url = reverse("cultivation:ledger_list", args=["advisories"])
    for query in (f"subject={subject.pk}", f"township={town.pk}", "q=晨光"):
        page = client.get(f"{url}?{query}&all=1")
        assert [row.pk for row in page.context["page"].rows] == [record.pk], query
        assert len(page.context["chips"]) == 1
    assert "滕州晨光纺织有限公司" in client.get(f"{url}?subject={subject.pk}").content.decode()
    for query in (
        "year=1999",
        "year=x",
        "topic=NOTHING",
        "subject=99999999999999999999",
        "size=7",
        "page=zz",
    ):
        page = client.get(f"{url}?{query}")
        assert page.status_code == 200 and len(page.context["page"].rows) == 2, query
    nothing = client.get(f"{url}?q=没有这样的").content.decode()
    assert "没有符合条件的记录" in nothing and "清除筛选" in nothing


def test_the_head_of_the_day_turns_the_order_and_keeps_the_filters(client: Client, clerk: Actor) -> None:
    days = [date(2026, 3, 5), date(2026, 1, 8), date(2026, 2, 6)]
    for day in days:
        make_record(PUBLICITY, clerk.organization, actor=clerk, happened_on=day, title=f"{day}报道")
    login(client, clerk)
    url = reverse("cultivation:ledger_list", args=["publicity"])

    def titles(query: str) -> tuple[list[date], str]:
        answer = client.get(url + query)
        return [row.happened_on for row in answer.context["page"].rows], answer.content.decode()

    latest, page = titles("?year=2026&size=20")
    assert latest == sorted(days, reverse=True) and 'aria-sort="descending"' in page
    assert "?year=2026&amp;size=20&amp;sort=earliest" in page
    earliest, page = titles("?year=2026&size=20&sort=earliest")
    assert earliest == sorted(days) and 'aria-sort="ascending"' in page
    slots = export_slots(PUBLICITY, keeper=True)
    exported = list(export_rows(clerk, PUBLICITY, LedgerFilters(earliest_first=True), slots))
    assert [next(cell for cell in row if isinstance(cell, date)) for row in exported] == sorted(days)
    assert 'name="sort" value="earliest"' in page and 'href="?year=2026&amp;size=20"' in page
    first, second = (
        client.get(f"{url}?sort=earliest&size=20{more}").context["page"] for more in ("", "&page=last")
    )
    assert [row.pk for row in first.rows] == [row.pk for row in second.rows]


def test_an_empty_ledger_says_what_to_do(client: Client, clerk: Actor) -> None:
    login(client, clerk)
    body = client.get("/ledgers/publicity/").content.decode()
    assert "还没有宣传报道" in body and PUBLICITY.empty_hint in body


def test_the_picker_offers_visible_active_subjects_only(client: Client, clerk: Actor) -> None:
    mine = make_subject(clerk.organization, name="滕州晨光纺织有限公司")
    make_subject(clerk.organization, name="滕州晨光旧厂有限公司", state="DEREGISTERED")
    make_subject(make_organization(Level.DISTRICT), name="外区晨光有限公司")
    make_subject(clerk.organization, kind="INDUSTRIAL_PARK", name="晨光工业园")
    login(client, clerk)
    url = reverse("cultivation:subject_suggestions")
    body = client.get(f"{url}?q=晨光&kind=ENTERPRISE").content.decode()
    assert mine.name in body and body.count("<option") == 1
    assert client.get(f"{url}?q=晨光").content.decode().count("<option") == 2
    assert mine.name in client.get(f"{url}?field=subject&subject={mine.credit_code[:12]}").content.decode()
    assert "<option" not in client.get(f"{url}?q=晨").content.decode()


def test_a_subject_page_leads_to_a_form_that_names_the_subject(client: Client, clerk: Actor) -> None:
    subject = make_subject(clerk.organization, name="滕州晨光纺织有限公司")
    login(client, clerk)
    url = reverse("cultivation:ledger_create", args=["advisories"])
    assert "滕州晨光纺织有限公司" in client.get(f"{url}?subject={subject.pk}").content.decode()
    stranger = make_subject(make_organization(Level.DISTRICT), name="外区有限公司")
    assert "外区有限公司" not in client.get(f"{url}?subject={stranger.pk}").content.decode()


def test_the_next_form_remembers_the_outlet_and_no_judgement(client: Client, clerk: Actor) -> None:
    make_record(PUBLICITY, clerk.organization, actor=clerk, outlet="滕州发布", media_kind="NEW_MEDIA")
    login(client, clerk)
    form = client.get(reverse("cultivation:ledger_create", args=["publicity"])).context["form"]
    assert form.initial["outlet"] == "滕州发布" and "media_kind" not in form.initial
    assert form.initial["happened_on"] == clock.shanghai_date(clock.now())


def test_chosen_rows_are_exported_and_the_missing_ones_named(client: Client, clerk: Actor) -> None:
    one, gone = (make_record(PUBLICITY, clerk.organization, actor=clerk) for _ in range(2))
    foreign = make_record(PUBLICITY)
    login(client, clerk)
    client.post(reverse("cultivation:ledger_remove", args=["publicity", gone.pk]))
    url = reverse("cultivation:ledger_export", args=["publicity"])
    client.post(url, {"pk": [one.pk, gone.pk, foreign.pk]})
    assert Job.objects.latest("pk").parameters["pks"] == [one.pk, gone.pk, foreign.pk]
    messages = client.get("/ledgers/publicity/").content.decode()
    assert "将导出 1 篇，跳过 2 篇" in messages
    jobs = Job.objects.count()
    client.post(url, {"pk": [gone.pk]})
    assert Job.objects.count() == jobs


# --- plans ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def visits(clerk: Actor) -> Any:
    """Three thousand visits of ten places by direct insert, analysed as autovacuum does."""
    places = [make_organization(Level.TOWNSHIP) for _ in range(10)]
    subjects = [make_subject(place.parent, township=place) for place in places]
    now = clock.now()
    GuidanceVisit.objects.bulk_create(
        GuidanceVisit(
            organization_id=place.parent_id,
            township=place,
            subject=subjects[number % 10],
            year_id=2024 + number % 3,
            happened_on=date(2024 + number % 3, 1 + number % 11, 1 + number % 28),
            topic=f"主题{number}",
            mode=("ON_SITE", "PHONE", "ONLINE")[number % 3],
            created_at=now,
            updated_at=now,
        )
        for number in range(3000)
        for place in [places[number % 10]]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cultivation_guidancevisit")
    return places[0]


@pytest.mark.postgres_only  # SQLite has no such plans
@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize(
    "names", ["", "year", "organization", "organization year", "township", "subject", "mode", "mode year"]
)
def test_every_permitted_filter_reads_its_index_in_order(visits: Any, names: str, backward: bool) -> None:
    subject = GuidanceVisit.objects.filter(township=visits).first()
    known = {"year": 2025, "organization": visits.parent_id, "township": visits.pk}
    known["subject"] = subject.subject_id if subject else 0
    chosen = {name: known[name] for name in names.split() if name in known}
    choices = (("mode", "PHONE"),) if "mode" in names else ()
    rows = filtered_records(make_actor(Role.CITY_OFFICE), VISITS, LedgerFilters(choices=choices, **chosen))
    order = ("happened_on", "pk") if backward else ("-happened_on", "-pk")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = rows.order_by(*order).values("pk")[:51].explain()
    assert "Index" in plan and "Sort" not in plan.replace("Incremental Sort", ""), plan


@pytest.mark.postgres_only  # as above
@pytest.mark.parametrize("role", [Role.DISTRICT_OFFICE, Role.TOWNSHIP_STAFF])
def test_a_clerks_own_list_reads_its_index_in_order(visits: Any, role: Role) -> None:
    actor = make_actor(role, visits if role == Role.TOWNSHIP_STAFF else visits.parent)
    rows = filtered_records(actor, VISITS, LedgerFilters())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = rows.order_by("-happened_on", "-pk").values("pk")[:51].explain()
    assert "Index" in plan and "Sort" not in plan.replace("Incremental Sort", ""), plan


def test_cases_are_counted_as_the_report_counts_them(client: Client, clerk: Actor) -> None:
    """A month's row stands for many cases: the head of the list and the card say 件, the pager rows."""
    ledger = find_ledger("mediations")
    assert ledger is not None
    make_record(ledger, clerk.organization, actor=clerk, topic="PAY", outcome="SETTLED")
    make_record(ledger, clerk.organization, actor=clerk, topic="PAY", outcome="SETTLED", tally=True, count=17,
                happened_on=date(2026, 4, 1))  # fmt: skip
    make_record(ledger)
    login(client, clerk)
    address = reverse("cultivation:ledger_list", args=["mediations"])
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(f"{address}?year=2026")
    text = page.content.decode()
    assert len(captured) <= 4
    assert page.context["counted"] == 18 == sum_cases(visible_records(clerk, ledger)).total
    assert "<small>18 件</small>" in text and "共 2 条" in " ".join(text.split())
    only = client.get(f"{address}?year=2026&tally=1").context
    assert only["counted"] == 17 and only["page"].total == 1
    cards = [
        card
        for _, cards in client.get(reverse("cultivation:ledger_home") + "?year=2026").context["families"]
        for card in cards
    ]
    assert {card["ledger"].slug: card["count"] for card in cards}["mediations"] == 18
