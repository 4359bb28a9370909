"""A month's numbers of all service points of a district, written at once (C032)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from cultivation.ledgers.staff import POINT_TALLIES
from cultivation.models import PublicServicePoint, ServicePointTally
from cultivation.rules.grids import merge_grid
from cultivation.selectors.service_points import NUMBERS, points_of_month
from cultivation.services.grids import GridConflict, WarningCollector, touched_rows, write_row
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.errors import NotAllowed

Cells = Mapping[str, int | None]


def point_cells(
    rows: list[tuple[PublicServicePoint, ServicePointTally | None]],
) -> dict[str, int | None]:
    """Cells "<point>:<number>"; all empty where the month was not reported (a reported 0 is 0)."""
    return {
        f"{point.pk}:{name}": getattr(tally, name) if tally is not None else None
        for point, tally in rows
        for name in NUMBERS
    }


@transaction.atomic
def save_point_month(
    *,
    actor: Actor,
    organization: Organization,
    month: date,
    typed: Cells,
    now: datetime,
    shown: Cells | None = None,
    source_document: str = "",
    confirm_warnings: bool = False,
) -> int:
    """Write the cells of a month; a point with all cells empty has no row. Returns how many points changed.

    `source_document` marks new rows as 补录. Raises GridConflict, NeedsConfirmation, NotAllowed.
    """
    Organization.objects.select_for_update().get(pk=organization.pk)
    sheet = {
        str(row.point.pk): row for row in points_of_month(actor, organization=organization.pk, month=month)
    }
    stored = point_cells([(row.point, row.tally) for row in sheet.values()])
    if strangers := set(typed) - set(stored):
        raise NotAllowed(f"有 {len(strangers)} 格不属于您能填报的站点，请刷新页面。")
    merged = merge_grid(stored if shown is None else shown, typed, stored)
    if merged.conflicts:
        raise GridConflict({key: now_stored for key, (_, now_stored) in merged.conflicts.items()})
    after = stored | {key: new for key, (_, new) in merged.changes.items()}
    collector = WarningCollector()
    touched = touched_rows(merged.changes)
    for pk in touched:
        row = sheet[pk]
        numbers = {name: after[f"{pk}:{name}"] for name in NUMBERS}
        values = None
        if any(number is not None for number in numbers.values()):
            values = {
                **{name: number or 0 for name, number in numbers.items()},
                "point": row.point,
                "happened_on": month,
                "organization": row.point.organization,
                "township": row.point.township,
            }
        collector.run(
            row.point.name,
            lambda row=row, values=values: write_row(  # type: ignore[misc]  # bound now, run now
                actor=actor,
                ledger=POINT_TALLIES,
                record=row.tally,
                values=values,
                now=now,
                backfilled=bool(source_document.strip()),
                source_document=source_document,
                confirm_warnings=confirm_warnings,
            ),
        )
    collector.raise_collected()
    return len(touched)
