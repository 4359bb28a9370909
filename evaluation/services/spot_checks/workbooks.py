"""汇总表 of a round out, planned days in: what was changed in the list of checks is taken back, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from evaluation.enums import CheckState
from evaluation.models import SpotCheck, SpotCheckRound
from evaluation.permissions.spot_checks import require_round_keeper
from evaluation.selectors.spot_checks.checks import load_checks
from evaluation.selectors.spot_checks.dashboard import round_dashboard
from evaluation.selectors.spot_checks.disagreements import disagreements
from evaluation.selectors.spot_checks.workbooks import CHECKS_SHEET, NUMBER, PLANNED, round_tables
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.parsing import ParseError, parse_date, quote
from zaozhuang_portal.kernel.spreadsheets import Sheet
from zaozhuang_portal.kernel.spreadsheets.tables import write_tables

# A day told in a notice changes with a new notice, not with a file.
PLANNABLE = (CheckState.SELECTED, CheckState.ASSIGNED)


def export_round(*, actor: Actor, held: SpotCheckRound, now: datetime) -> bytes:
    """The workbook of what this actor sees of the round, logged."""
    today = shanghai_date(now)
    checks = load_checks(actor, held, today)
    board = round_dashboard(actor, held, checks, today=today)
    found = disagreements(actor, held) if actor.sees_whole_city else None
    content = write_tables(round_tables(held, checks, board, found))
    record_audit(
        actor=actor,
        at=now,
        action="导出抽查汇总表",
        kind="SpotCheckRound",
        object_id=held.pk,
        label=held.title,
        changes={"rows": [0, len(checks)]},
    )
    return content


def read_planned(sheets: Sequence[Sheet]) -> dict[str, date]:
    """Number of the check → planned day, of the rows with a day. Raises DomainError naming every row at fault."""
    sheet = next((one for one in sheets if one.name == CHECKS_SHEET), sheets[0] if sheets else None)
    rows = sheet.rows if sheet else []
    head = [str(cell or "").strip() for cell in rows[0]] if rows else []
    if NUMBER not in head or PLANNED not in head:
        raise DomainError(
            f"文件中没有“{NUMBER}”和“{PLANNED}”两列。请用本页导出的汇总表修改后导入。",
            code="no_columns",
            field="file",
        )
    number, planned = head.index(NUMBER), head.index(PLANNED)
    found: dict[str, date] = {}
    errors = []
    for place, row in enumerate(rows[1:], start=2):
        cells = [*row, *[""] * len(head)]
        code = str(cells[number] or "").strip()
        try:
            day = parse_date(cells[planned])
        except ParseError as error:
            errors.append(f"第 {place} 行：{error}")
            continue
        if day is None:
            continue
        if not code:
            errors.append(f"第 {place} 行：有日期，没有编号")
        elif code in found:
            errors.append(f"第 {place} 行：编号{quote(code)}重复")
        else:
            found[code] = day
    _refuse(errors)
    return found


def _refuse(errors: Sequence[str]) -> None:
    if errors:
        more = f"；另有 {len(errors) - 20} 处" if len(errors) > 20 else ""
        raise DomainError(
            f"没有导入。请改正后重新导入：{'；'.join(errors[:20])}{more}。", code="rows", field="file"
        )


@transaction.atomic
def plan_visits(*, actor: Actor, held: SpotCheckRound, days: dict[str, date], now: datetime) -> int:
    """Write the planned days that differ from what stands there; how many. All or nothing.

    Raises NotAllowed for anyone but the office, DomainError naming numbers that are not of the round, days past or
    outside the round's period, and checks whose day is told in a notice already.
    """
    require_round_keeper(actor)
    checks = {one.number: one for one in SpotCheck.objects.filter(round=held)}
    errors, changed = [], []
    today = shanghai_date(now)
    for number, day in days.items():
        check = checks.get(number)
        if check is None:
            errors.append(f"编号{quote(number)}不在本批次")
        elif check.planned_on == day:
            continue
        elif check.state not in PLANNABLE:
            errors.append(f"{number} 现在是“{check.get_state_display()}”，改期请撤回通知书后重发")
        elif not held.period_from <= day <= held.period_to or day < today:
            errors.append(
                f"{number} 的 {day} 不在检查期间（{max(held.period_from, today)} 至 {held.period_to}）"
            )
        else:
            changed.append((check, day))
    _refuse(errors)
    for check, day in changed:
        moved = SpotCheck.objects.filter(pk=check.pk, state=check.state, revision=check.revision).update(
            planned_on=day, revision=F("revision") + 1, updated_at=now
        )
        if not moved:
            raise ConflictError(f"{check.number}刚刚被他人改动，没有导入。请重新导出后再改。")
        record_audit(
            actor=actor,
            at=now,
            action="安排检查日期",
            kind="SpotCheck",
            object_id=check.pk,
            label=str(check),
            changes={"planned_on": [_iso(check.planned_on), day.isoformat()]},
        )
    return len(changed)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
