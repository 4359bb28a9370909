"""Seeded data straight into the real tables of a fresh PostgreSQL database. Run as a program, once per database.

Enterprises by COPY with the secondary indexes built afterwards; assessments of five years with their score sheets,
and the answers of the last of these years. The same seed gives the same rows.
"""

from __future__ import annotations

import argparse
import io
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

SEED = 20231
NOW = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)
YEARS = (2023, 2024, 2025, 2026, 2027)
ANSWERED_YEAR = 2026
# Brand characters: 100 × 100 pairs, so that a brand is met about twice among 20,000 names and 100 times in a million.
BRANDS = (
    "恒信华泰金源鑫盛宏达兴隆博远瑞丰德润嘉禾永安天成海纳启明晨光腾飞鲁南峄阳台儿运河薛滕善古微山墨翟"
    "奚仲铁道游击石榴凤凰翔龙祥云和谐康泰众诚锦绣富民强国创新科力精工卓越优品百年世纪东方北辰中联大通"
)
TRADES = (
    ("机械制造", "34"), ("纺织", "17"), ("化工", "26"), ("建材", "30"), ("食品", "14"), ("机床", "34"),
    ("玻璃", "30"), ("煤业", "06"), ("电子科技", "39"), ("物流", "54"), ("商贸", "51"), ("餐饮管理", "62"),
    ("建筑工程", "47"), ("新能源", "38"), ("医药", "27"), ("包装印刷", "23"), ("农业发展", "01"), ("橡胶", "29"),
    ("服装", "18"), ("软件", "65"),
)  # fmt: skip
SIZES = ("LARGE", "MEDIUM", "SMALL", "MICRO", "")
OWNERSHIPS = ("PRIVATE", "PRIVATE", "PRIVATE", "STATE", "COLLECTIVE", "FOREIGN", "")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙"
SUBJECT_COLUMNS = (
    "id", "kind", "name", "normalized_name", "search_name", "name_bigrams", "managing_organization_id", "township_id",
    "division_code", "state", "credit_code", "credit_code_note", "industry_code", "ownership", "employee_count",
    "size_class", "size_overridden", "pilot_year", "contact_name", "contact_phone", "backfilled", "version",
    "created_at", "created_by_id", "updated_at", "updated_by_id",
)  # fmt: skip
SUBJECT_TABLES = ("cultivation_subject", "cultivation_subjectprofile")


def enterprise_name(number: int, place: str, rng: random.Random) -> tuple[str, str]:
    """(name, industry code). The number in the name keeps names apart without a register of used ones."""
    trade, industry = rng.choice(TRADES)
    brand = rng.choice(BRANDS) + rng.choice(BRANDS)
    serial = f"{number:x}" if rng.random() < 0.3 else ""
    return f"{place}{brand}{trade}{serial}有限公司", industry


def subject_rows(
    count: int, places: Sequence[tuple[int, str, int, str]], first: int = 1
) -> Iterator[tuple[Any, ...]]:
    """Rows of SUBJECT_COLUMNS. `places` are townships: (pk, code, district pk, short district name)."""
    from cultivation.rules.subjects import derive_names
    from zaozhuang_portal.kernel.credit_code import make_credit_code

    rng = random.Random(SEED + first)
    for number in range(first, first + count):
        township, code, district, short = rng.choice(places)
        name, industry = enterprise_name(number, short, rng)
        names = derive_names(name)
        staff = None if rng.random() < 0.05 else int(rng.lognormvariate(3.6, 1.3)) + 1
        at = NOW - timedelta(minutes=count - number)
        yield (
            number, "ENTERPRISE", name, names.normalized_name, names.search_name, names.name_bigrams, district,
            township, code, "ACTIVE" if rng.random() < 0.97 else "DEREGISTERED",
            make_credit_code(f"91{code[:6] if code[:6].isdigit() else '370400'}MA{number:07d}"), "", industry,
            rng.choice(OWNERSHIPS), staff, rng.choice(SIZES), False, None,
            rng.choice(SURNAMES) + rng.choice(BRANDS), f"0632-{rng.randrange(3000000, 8999999)}", False, 1, at, None,
            at, None,
        )  # fmt: skip


def copy_rows(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def without_indexes(cursor: Any, *tables: str) -> Iterator[None]:
    """Drop the indexes no constraint needs, and build them again from their own definitions."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN"
        " (SELECT conname FROM pg_constraint)",
        [list(tables)],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    cursor.execute("SET maintenance_work_mem = '512MB'")
    for _, definition in found:
        cursor.execute(definition)


def load_subjects(cursor: Any, count: int) -> None:
    from zaozhuang_portal.accounts.models import Organization

    places = [
        (pk, code, district, (short or name).removesuffix("市").removesuffix("区"))
        for pk, code, district, short, name in Organization.objects.filter(
            level__in=["TOWNSHIP", "PARK"], parent__level="DISTRICT"
        ).values_list("pk", "code", "parent_id", "parent__short_name", "parent__name")
    ]
    with without_indexes(cursor, *SUBJECT_TABLES):
        copy_rows(cursor, SUBJECT_TABLES[0], SUBJECT_COLUMNS, subject_rows(count, places))
        blank = ("legal_representative", "address", "groundwork", "labor_relations_status", "source_document")
        copy_rows(
            cursor,
            SUBJECT_TABLES[1],
            ("subject_id", *blank),
            ((number, "", "", "", "", "") for number in range(1, count + 1)),
        )
    cursor.execute("SELECT setval(pg_get_serial_sequence('cultivation_subject', 'id'), %s)", [count])


def load_assessments(cursor: Any) -> int:
    """One verified assessment per enterprise and year, except that the last of YEARS is still being filled in."""
    from cultivation.models import Subject
    from evaluation.models import IndicatorSet
    from evaluation.selectors.definitions import definition_of

    published = IndicatorSet.objects.filter(state="PUBLISHED", code__contains="4077").latest("id")
    definition = definition_of(published)
    items = [item.code for item in definition.indicators]
    rng = random.Random(SEED)
    subjects = list(Subject.objects.order_by("id").values_list("id", "managing_organization_id"))
    assessments, sheets, answers = [], [], []
    pk = 0
    for year in YEARS:
        done = year != YEARS[-1]
        at = NOW if done else None
        for subject, district in subjects:
            pk += 1
            assessments.append(
                (
                    pk, subject, year, published.code, published.pk, district, "VERIFIED" if done else "DRAFT",
                    f"B{year}{subject:07d}" if done else None, 1, "", f"{year}-11-15", "", "", False, "",
                    "张三" if done else "", "经理" if done else "", at, at, at, at, at, NOW, NOW,
                )
            )  # fmt: skip
            if not done:
                continue
            marks = [rng.randrange(0, 400) for _ in items]
            total = sum(marks) / 100
            qualification = "PASSED" if total >= 90 else "BELOW"
            for layer in ("SELF", "EFFECTIVE"):
                sheets.append(
                    (
                        pk, layer, json.dumps(marks), "S" * len(items), "[0]", 0, total, 184, 184, total,
                        qualification, "[]", len(items), len(items), len(items), NOW,
                    )
                )  # fmt: skip
            if year == ANSWERED_YEAR:
                answers += [
                    (pk, "SELF", code, "[true]", False, "", "", "", "", "", "", 1, NOW) for code in items
                ]
    tables = ("evaluation_assessment", "evaluation_scoresheet", "evaluation_answer")
    with without_indexes(cursor, *tables):
        copy_rows(
            cursor,
            tables[0],
            (
                "id", "subject_id", "year_id", "set_code", "indicator_set_id", "organization_id", "state",
                "receipt_number", "revision", "last_indicator", "due_on", "extension_reason", "entered_on_behalf_of",
                "backfilled", "source_document", "signer_name", "signer_post", "commitment_at", "first_submitted_at",
                "submitted_at", "review_opened_at", "verified_at", "created_at", "updated_at",
            ),
            assessments,
        )  # fmt: skip
        copy_rows(
            cursor,
            tables[1],
            (
                "assessment_id", "layer", "marks", "states", "dimension_scores", "deductions", "total",
                "applicable_max", "scored_max", "scaled_total", "qualification", "reasons", "item_count",
                "answered_count", "entered_count", "computed_at",
            ),
            sheets,
        )  # fmt: skip
        copy_rows(
            cursor,
            tables[2],
            (
                "assessment_id", "layer", "indicator", "inputs", "not_applicable", "not_applicable_reason", "words",
                "source", "verdict", "reason_code", "reason", "revision", "updated_at",
            ),
            answers,
        )  # fmt: skip
    cursor.execute("SELECT setval(pg_get_serial_sequence('evaluation_assessment', 'id'), %s)", [pk])
    return pk


def open_session() -> dict[str, str]:
    """A clerk of the city office who is signed in, and the cookie that says so."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from zaozhuang_portal.accounts.models import Membership, Organization, User
    from zaozhuang_portal.kernel import clock

    user = User.objects.create(
        username="bench",
        full_name="测速员",
        must_change_password=False,
        password_changed_at=clock.now(),
        password="!",
    )
    membership = Membership.objects.create(
        user=user,
        role="CITY_OFFICE",
        organization=Organization.objects.get(level="CITY"),
        valid_from=date(2023, 1, 1),
    )
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["capacity"] = f"m{membership.pk}"
    session.save()
    return {"session": session.session_key or ""}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("enterprises", type=int)
    parser.add_argument("--assessments", action="store_true", help="also five years of assessments")
    options = parser.parse_args()
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("setup", stdout=io.StringIO())
    found: dict[str, Any] = {}
    with connection.cursor() as cursor:
        load_subjects(cursor, options.enterprises)
        if options.assessments:
            found["assessments"] = load_assessments(cursor)
        found |= open_session()
        cursor.execute("VACUUM ANALYZE")
    print(json.dumps(found | {"enterprises": options.enterprises}))


if __name__ == "__main__":
    main()
