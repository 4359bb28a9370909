"""Issue 2, Speed: statements of the list do not grow with the rows; its SQL stands on indexes (PostgreSQL)."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.models import Subject
from cultivation.rules.subjects import derive_names
from cultivation.selectors.subjects import PERMITTED, SORTS, SubjectFilters, filtered_subjects
from tests.factories import login, make_actor, make_organization
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.credit_code import make_credit_code

pytestmark = pytest.mark.django_db
TRADES = ("机械", "纺织", "化工", "建材", "食品", "玻璃", "电子", "物流", "商贸", "医药")


def fill(places: list[Organization], wanted: int) -> None:
    """Enterprises up to `wanted`, spread over the districts, sizes and industries."""
    now = clock.now()
    rows = []
    for number in range(Subject.objects.count(), wanted):
        name = f"枣庄{chr(0x4E00 + number // 100)}{chr(0x6000 + number % 100)}{TRADES[number % 10]}有限公司"
        names = derive_names(name)
        place = places[number % len(places)]
        rows.append(
            Subject(
                kind="ENTERPRISE",
                name=name,
                normalized_name=names.normalized_name,
                search_name=names.search_name,
                name_bigrams=names.name_bigrams,
                managing_organization=place.parent,
                township=place,
                credit_code=make_credit_code(f"91370400{number:09d}"),
                industry_code=f"{13 + number % 30}",
                size_class=("LARGE", "MEDIUM", "SMALL", "MICRO")[number % 4],
                employee_count=number % 997,
                created_at=now,
                updated_at=now,
            )
        )
    Subject.objects.bulk_create(rows, batch_size=500)


@pytest.fixture
def places() -> list[Organization]:
    return [make_organization(Level.TOWNSHIP) for _ in range(8)]


@pytest.mark.parametrize("query", ["", "?sort=name", "?page=last", "?q=机械", "?size=100"])
def test_the_list_takes_at_most_four_statements_at_10_50_and_200_rows(
    client: Client, places: list[Organization], query: str
) -> None:
    login(client, make_actor(Role.CITY_OFFICE))
    url = reverse("cultivation:subject_list") + query
    counts = []
    for rows in (10, 50, 200):
        fill(places, rows)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))
    assert len(set(counts)) == 1 and counts[0] <= 4, counts


def plan_of(filters: SubjectFilters, *, backward: bool = False) -> str:
    """EXPLAIN of the page the list asks for."""
    sort = SORTS[filters.sort]
    order = [f"{'-' if key.descending != backward else ''}{key.column}" for key in sort]
    actor = make_actor(Role.CITY_OFFICE)
    return filtered_subjects(actor, filters).order_by(*order).values("id")[:51].explain()


@pytest.fixture
def thousands(places: list[Organization]) -> list[Organization]:
    fill(places, 6000)
    with connection.cursor() as cursor:
        # What autovacuum does in production; VACUUM itself does not run inside a test's transaction.
        cursor.execute("SELECT gin_clean_pending_list('subject_name_bigrams')")
        cursor.execute("ANALYZE cultivation_subject")
    return places


@pytest.mark.postgres_only  # SQLite has neither these plans nor the bigram index
def test_every_permitted_filter_and_sort_reads_its_index_in_order(thousands: list[Organization]) -> None:
    place = thousands[0]
    values = {"organization": place.parent_id, "township": place.pk, "size": "SMALL", "industry": "14"}
    for used, sorts in PERMITTED.items():
        for sort in sorts:
            filters = SubjectFilters(sort=sort, **{name: values[name] for name in used})
            for backward in (False, True):
                # What the index cannot give in order costs a sort of everything found; forbidden, it must not be needed.
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL enable_seqscan = off")
                    cursor.execute("SET LOCAL enable_bitmapscan = off")
                plan = plan_of(filters, backward=backward)
                assert "Index" in plan and "Sort" not in plan.replace("Incremental Sort", ""), (
                    used,
                    sort,
                    plan,
                )


@pytest.mark.postgres_only  # see above
@pytest.mark.parametrize("text", ["机械", "乀懀"])
def test_a_two_character_search_reads_no_table_from_end_to_end(
    thousands: list[Organization], text: str
) -> None:
    assert "Seq Scan" not in plan_of(SubjectFilters(text=text))


@pytest.mark.postgres_only  # see above
def test_a_rare_name_is_found_by_the_bigram_index(thousands: list[Organization]) -> None:
    assert "subject_name_bigrams" in plan_of(SubjectFilters(text="乀懀"))


@pytest.mark.postgres_only  # see above
@pytest.mark.django_db(transaction=True)
def test_the_capped_count_reads_an_index_only(places: list[Organization]) -> None:
    with connection.cursor() as cursor:
        # VACUUM calls a page all-visible only when its commits are in the log.
        cursor.execute("SET synchronous_commit = on")
        fill(places, 3000)
        cursor.execute("VACUUM ANALYZE cultivation_subject")
    counted = filtered_subjects(make_actor(Role.CITY_OFFICE), SubjectFilters()).order_by().values("pk")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # 3,000 rows are soon read whole; a million are not
        plan = counted[:10_001].explain()
    assert "Index Only Scan" in plan, plan
