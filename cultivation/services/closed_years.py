"""The door of a closed year: every act that would change what a year holds asks here, inside its own transaction.

Nothing of a closed year changes but under a 更正 the city consented to (design §3). Open work of the year is finished
without one, by acts that do not ask here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from cultivation.enums import CorrectionArea
from cultivation.models import CampaignYear, CorrectedChange
from cultivation.selectors.year_corrections import correction_in_force
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import shortened


class YearClosed(DomainError):
    """The year is closed, or the roster sealed with the report the city received; only a 更正 opens it."""

    status = 409

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message, code="year_closed", field=field)


HOW_TO_CORRECT = (
    "确需更正的，请在“年度封存与更正”中提出更正申请，写明理由和依据文号，市三方委员会办公室同意后办理。"
)


def closed_words(year: int) -> str:
    return f"{year}年度已封存，不能再登记、修改或删除。{HOW_TO_CORRECT}"


def hold_closed_years() -> set[int]:
    """The closed years, all years held as they are until the transaction ends: closing waits for it, and it for closing.

    SQLite takes one writer at a time anyway.
    """
    rows = CampaignYear.objects.order_by("year").values_list("year", "closed_at")
    if connection.vendor != "postgresql":
        return {year for year, closed_at in rows if closed_at is not None}
    statement, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        # The text is Django's own statement; only the lock it cannot spell is added.
        cursor.execute(f"{statement} FOR SHARE", parameters)
        return {year for year, closed_at in cursor.fetchall() if closed_at is not None}


def guard_years(
    *,
    actor: Actor | None,
    places: Iterable[tuple[int, int]],
    area: CorrectionArea,
    now: datetime,
    what: str,
    sealed: bool = False,
) -> None:
    """Refuse a change of closed years unless a 更正 opens them; `places` are (year, organization id) that would change.

    `what` says the change in words and is kept under the 更正. `sealed`: these rows are closed although their year may
    not be yet (the roster of a district whose report was received). Raises YearClosed. Call inside the transaction of
    the act, before anything is written.
    """
    wanted = sorted(set(places))
    closed = hold_closed_years()
    for year_id, organization_id in wanted:
        if year_id not in closed and not sealed:
            continue
        correction = correction_in_force(
            year_id=year_id, organization_id=organization_id, area=area, today=shanghai_date(now)
        )
        if correction is None:
            raise YearClosed(closed_words(year_id) if year_id in closed else sealed_words(year_id))
        CorrectedChange.objects.create(
            correction=correction, what=shortened(what, 200), at=now, by=actor.user if actor else None
        )


def sealed_words(year: int) -> str:
    return (
        f"{year}年度书面报告已由市三方委员会办公室接收，{year}年度培育名单不能再增补或调出。{HOW_TO_CORRECT}"
    )
