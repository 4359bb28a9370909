"""Import of 20,000 enterprises from Excel: against calamine + COPY into the same tables, and django-import-export."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from bench.generator import BRANDS, NOW, TRADES
from bench.measure import Result, interleave
from bench.world import World

ROWS = 20_000
# The peer's time grows with the rows; a thousand are enough to know what one costs.
PEER_ROWS = 1_000
DISTRICT = "370481"
HEADER = (
    "企业名称", "统一社会信用代码", "乡镇（街道）", "所属行业", "经济类型", "职工人数", "联系人", "联系电话", "营业收入（万元）",
    "地址",
)  # fmt: skip
OWNERSHIPS = {"民营": "PRIVATE", "国有及国有控股": "STATE", "集体": "COLLECTIVE"}


def make_rows(count: int) -> list[tuple[Any, ...]]:
    """Good rows of one district, none of them registered yet."""
    from cultivation.rules.industries import industry_label
    from zaozhuang_portal.accounts.models import Organization
    from zaozhuang_portal.kernel.credit_code import make_credit_code

    rng = random.Random(7)
    townships = list(Organization.objects.filter(parent__code=DISTRICT).values_list("name", flat=True))
    rows = []
    for number in range(count):
        trade, industry = rng.choice(TRADES)
        name = f"滕州市{rng.choice(BRANDS)}{rng.choice(BRANDS)}{trade}{number:05d}有限公司"
        rows.append(
            (
                name, make_credit_code(f"91370481MAX{number:06d}"), rng.choice(townships), industry_label(industry),
                rng.choice(list(OWNERSHIPS)), rng.randrange(1, 2000), "张三", "0632-5512345",
                round(rng.uniform(10, 90000), 2), f"滕州市工业路{number}号",
            )
        )  # fmt: skip
    return rows


def workbook(path: Path, rows: list[tuple[Any, ...]]) -> Path:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("企业")
    sheet.append(HEADER)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


@contextlib.contextmanager
def rolled_back() -> Iterator[None]:
    """Everything a commit would check is checked; then the table is as before, for the next round."""
    with transaction.atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def by_portal(path: Path, count: int) -> None:
    from cultivation.rules.imports_fields import ImportKind
    from cultivation.services.imports import import_file
    from zaozhuang_portal.accounts.models import Organization

    with rolled_back():
        outcome = import_file(
            actor=None,
            kind=ImportKind.ENTERPRISES,
            organization=Organization.objects.get(code=DISTRICT),
            data=path.read_bytes(),
            filename=path.name,
            now=NOW,
        )
    if outcome.created != count or outcome.errors:
        raise RuntimeError(f"{outcome.created} created, first error {outcome.errors[:1]}")


def by_copy(path: Path, count: int) -> None:
    """The limit: read, put the columns in order, COPY. It believes every cell; it fills what the tables require."""
    from python_calamine import CalamineWorkbook

    from cultivation.models import Subject
    from cultivation.rules.subjects import derive_names
    from zaozhuang_portal.accounts.models import Organization

    sheet = CalamineWorkbook.from_filelike(BytesIO(path.read_bytes())).get_sheet_by_index(0)
    district = Organization.objects.get(code=DISTRICT)
    places = {name: (pk, code) for pk, code, name in district.children.values_list("pk", "code", "name")}
    with rolled_back(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('cultivation_subject', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        keys = [key for (key,) in cursor.fetchall()]
        read = sheet.to_python()[1:]
        with cursor.copy(
            "COPY cultivation_subject (id, kind, name, normalized_name, search_name, name_bigrams,"
            " managing_organization_id, township_id, division_code, state, credit_code, credit_code_note,"
            " industry_code, ownership, employee_count, size_class, size_overridden, contact_name, contact_phone,"
            " backfilled, version, created_at, updated_at) FROM STDIN"
        ) as copy:
            for key, (name, code, place, industry, owner, staff, contact, phone, _, _) in zip(
                keys, read, strict=True
            ):
                derived = derive_names(name)
                township, division = places[place]
                copy.write_row(
                    (
                        key, "ENTERPRISE", name, derived.normalized_name, derived.search_name, derived.name_bigrams,
                        district.pk, township, division, "ACTIVE", code, "", industry[:2], OWNERSHIPS[owner],
                        int(staff), "", False, contact, phone, False, 1, NOW, NOW,
                    )
                )  # fmt: skip
        with cursor.copy(
            "COPY cultivation_subjectprofile (subject_id, legal_representative, address, annual_revenue, groundwork,"
            " labor_relations_status, source_document) FROM STDIN"
        ) as copy:
            for key, row in zip(keys, read, strict=True):
                copy.write_row((key, "", row[9], row[8], "", "", ""))
        if Subject.objects.filter(pk__gte=keys[0]).count() != count:
            raise RuntimeError("not every row arrived")


def peer_resource() -> Any:
    """django-import-export at its defaults, with the widgets its documentation shows for a foreign key and choices."""
    from import_export import fields, resources, widgets

    from cultivation.models import Subject
    from cultivation.rules.subjects import derive_names
    from zaozhuang_portal.accounts.models import Organization

    district = Organization.objects.get(code=DISTRICT)

    class Enterprises(resources.ModelResource):
        name = fields.Field(attribute="name", column_name=HEADER[0])
        credit_code = fields.Field(attribute="credit_code", column_name=HEADER[1])
        township = fields.Field(
            attribute="township",
            column_name=HEADER[2],
            widget=widgets.ForeignKeyWidget(Organization, field="name"),
        )
        industry_code = fields.Field(attribute="industry_code", column_name=HEADER[3])
        ownership = fields.Field(attribute="ownership", column_name=HEADER[4])
        employee_count = fields.Field(
            attribute="employee_count", column_name=HEADER[5], widget=widgets.IntegerWidget()
        )
        contact_name = fields.Field(attribute="contact_name", column_name=HEADER[6])
        contact_phone = fields.Field(attribute="contact_phone", column_name=HEADER[7])

        class Meta:
            model = Subject
            import_id_fields = ("credit_code",)
            fields = (
                "name", "credit_code", "township", "industry_code", "ownership", "employee_count", "contact_name",
                "contact_phone",
            )  # fmt: skip

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            names = derive_names(instance.name)
            instance.normalized_name, instance.search_name = names.normalized_name, names.search_name
            instance.name_bigrams = names.name_bigrams
            instance.kind, instance.managing_organization = "ENTERPRISE", district
            instance.industry_code = instance.industry_code[:2]
            instance.ownership = OWNERSHIPS[instance.ownership]
            instance.created_at = instance.updated_at = NOW

    return Enterprises()


def by_peer(resource: Any, path: Path, count: int) -> None:
    import tablib

    with rolled_back():
        result = resource.import_data(
            tablib.Dataset().load(path.read_bytes(), format="xlsx"), raise_errors=True
        )
    if result.totals["new"] != count:
        raise RuntimeError(f"the peer created {result.totals['new']}")


def measure(world: World) -> list[Result]:
    count = world.at_most(ROWS)
    rows = make_rows(count)
    path = workbook(world.folder / "enterprises.xlsx", rows)
    few = workbook(world.folder / "few.xlsx", rows[: min(PEER_ROWS, count)])
    sides = {"portal": lambda: by_portal(path, count), "calamine + COPY": lambda: by_copy(path, count)}
    try:
        resource = peer_resource()
        sides["django-import-export, 1,000 rows"] = lambda: by_peer(resource, few, min(PEER_ROWS, count))
    except ImportError:
        resource = None
    taken = interleave(sides, rounds=world.rounds)
    name = f"import of {count:,} rows, all checks,"
    results = [
        Result(
            f"{name} against calamine + COPY",
            taken.ratio("portal", "calamine + COPY"), 4, True, note=taken.milliseconds(),
        )
    ]  # fmt: skip
    if resource is None:
        print("django-import-export is not installed (make bench does it): not measured.")
    else:
        per_row = taken.ratio("django-import-export, 1,000 rows", "portal") * count / min(PEER_ROWS, count)
        results.append(
            Result(
                f"{name} faster than django-import-export, per row",
                per_row,
                10,
                False,
                note="peer: 1,000 rows",
            )
        )
    return results
