"""数据版 of 200,000 visits × 20 columns from PostgreSQL: every cell read back, peak memory, time against the bare writer.

`python -m bench.exports YEAR FILE` writes one export (YEAR 0: all) and prints its rows and peak memory; the memory of a
run is only its own in a process of its own.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import django

from bench.measure import Result, Timings, interleave
from bench.world import World
from tests.servers import ROOT

ROWS = 400 if os.environ.get("BENCH_SMOKE") else 200_000
# A tenth of the rows stand in this year, for the export that memory is compared with.
FEW_YEAR = 2023
FEW = ROWS // 10
COLUMNS = (
    "subject_id", "organization_id", "township_id", "year_id", "happened_on", "mode", "purpose", "topic",
    "participant_words", "by_instructor", "indicator_codes", "findings", "advice", "follow_up_due",
    "follow_up_done_on", "follow_up_note", "note", "backfilled", "source_document", "version", "created_at",
    "updated_at",
)  # fmt: skip
WORDS = ("劳动合同规范", "工资支付", "集体协商", "民主管理", "工时制度", "社会保险", "争议预防", "职工关爱")


def visit_rows(subjects: list[tuple[int, int, int | None]]) -> Iterator[tuple[Any, ...]]:
    """Rows of COLUMNS, a tenth of them in FEW_YEAR."""
    rng = random.Random(11)
    now = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)
    for number in range(ROWS):
        subject, district, township = rng.choice(subjects)
        year = FEW_YEAR if number < FEW else 2024 + number % 3
        day = date(year, 1, 1) + timedelta(days=rng.randrange(330))
        word = rng.choice(WORDS)
        due = day + timedelta(days=30) if number % 3 == 0 else None
        yield (
            subject, district, township, year, day, rng.choice(("ON_SITE", "PHONE", "ONLINE")),
            rng.choice(("GUIDANCE", "SUPERVISION", "RESEARCH")), f"{word}指导第{number}次", "市总工会 张三、李四",
            number % 5 == 0, json.dumps(["D02-01", "D03-04"] if number % 4 else []), f"{word}方面有{number % 7}处不规范",
            f"建议一月内完成{word}整改", due, due if number % 6 == 0 else None, "", "", False, "", 1, now, now,
        )  # fmt: skip


def load_visits() -> None:
    """Once per database; a kept server has them already."""
    from django.db import connection

    from bench.generator import copy_rows, without_indexes
    from cultivation.models import GuidanceVisit, Subject

    if GuidanceVisit.objects.count() >= ROWS:
        return
    subjects = list(Subject.objects.values_list("pk", "managing_organization_id", "township_id")[:20_000])
    table = "cultivation_guidancevisit"
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")  # those another measurement put there
        with without_indexes(cursor, table):
            copy_rows(cursor, table, COLUMNS, visit_rows(subjects))
        cursor.execute(f"VACUUM ANALYZE {table}")


def visits_export(year: int) -> tuple[list[Any], Iterator[list[Any]]]:
    """The columns and the streamed rows, as the job takes them, for a clerk of the city."""
    from cultivation.ledgers.visits import VISITS
    from cultivation.selectors.ledger_exports import export_rows, export_slots
    from cultivation.selectors.ledgers import LedgerFilters
    from zaozhuang_portal.accounts.actors import Actor
    from zaozhuang_portal.accounts.models import Membership
    from zaozhuang_portal.accounts.selectors.memberships import capacity_of

    member = Membership.objects.select_related("user", "organization").filter(role="CITY_OFFICE").first()
    if member is None:
        raise RuntimeError("the generator has signed nobody in")
    actor = Actor(member.user, capacity_of(member))
    slots = export_slots(VISITS, keeper=True)
    rows = export_rows(actor, VISITS, LedgerFilters(year=year or None), slots)
    return [slot.column for slot in slots], rows


def by_portal(path: Path, year: int = 0) -> int:
    from zaozhuang_portal.kernel.spreadsheets.export import write_data_workbook

    columns, rows = visits_export(year)
    return write_data_workbook(path, columns, rows)


def plain_records() -> list[dict[str, Any]]:
    """The same cells, made beforehand, as the bare writer takes them."""
    columns, rows = visits_export(0)
    headers = [column.header for column in columns]
    return [
        {header: None if value == "" else value for header, value in zip(headers, row, strict=True)}
        for row in rows
    ]


def by_writer(path: Path, records: list[dict[str, Any]]) -> None:
    """The fastest correct writer there is for Python, fed from memory."""
    from rustpy_xlsxwriter import write_worksheet

    write_worksheet(records, str(path), sheet_name="数据")


def cells_that_differ(path: Path) -> int:
    """Read back by calamine and compared with what the database holds, value and type."""
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_path(path).get_sheet_by_name("数据")
    read = sheet.iter_rows()
    columns, rows = visits_export(0)
    if [str(cell) for cell in next(read)] != [column.header for column in columns]:
        return -1
    wrong = 0
    for expected, found in zip(rows, read, strict=True):
        for value, cell in zip(expected, found, strict=True):
            wrong += value != cell and not (value is None and cell == "")
            wrong += isinstance(value, str) is not isinstance(cell, str) and value is not None
    return wrong


def peak_of(world: World, year: int) -> tuple[int, int]:
    """(rows, peak resident kilobytes) of one export in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.exports", str(year), str(world.folder / f"peak{year}.xlsx")],
        cwd=ROOT,
        env={**os.environ, **world.environment("small")},
        check=True,
        stdout=subprocess.PIPE,
    )
    rows, peak = json.loads(done.stdout)
    return rows, peak


def timings(world: World, path: Path) -> Timings:
    records = plain_records()
    if (len(records), len(records[0])) != (ROWS, 20):
        raise RuntimeError(f"{len(records)} rows × {len(records[0])} columns")
    return interleave(
        {
            "portal": lambda: by_portal(path),
            "rustpy-xlsxwriter from memory": lambda: by_writer(world.folder / "bare.xlsx", records),
        },
        rounds=min(world.rounds, 3),
    )


def measure(world: World) -> list[Result]:
    load_visits()
    path = world.folder / "visits.xlsx"
    taken = timings(world, path)
    wrong = cells_that_differ(path)
    (few, small), (many, large) = peak_of(world, FEW_YEAR), peak_of(world, 0)
    if (few, many) != (FEW, ROWS):
        raise RuntimeError(f"{few} and {many} rows exported")
    name = f"数据版 of {ROWS:,} visits × 20 columns"
    return [
        Result(
            f"{name}: time against the fastest correct writer fed from memory (aim 2.5)",
            taken.ratio("portal", "rustpy-xlsxwriter from memory"),
            6,
            True,
            note=taken.milliseconds(),
        ),
        Result(
            f"{name}: peak memory against {FEW:,} rows",
            large / small,
            1.15,
            True,
            note=f"{large // 1024} MB and {small // 1024} MB",
        ),
        Result(
            f"{name}: cells that differ when read back", wrong, 0, True, unit="", note=f"{ROWS * 20:,} cells"
        ),
    ]


def peak_memory() -> int:
    """Kilobytes. Not getrusage: what that gives a child begins with the memory of its parent."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def main() -> None:
    django.setup()
    rows = by_portal(Path(sys.argv[2]), int(sys.argv[1]))
    print(json.dumps([rows, peak_memory()]))


if __name__ == "__main__":
    main()
