"""参训人次 of one training (grid, search, paste), and the coverage matrices of a year."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.enums import Audience, TrainingTopic
from cultivation.forms.grids import PREFIX, EntryGrid, count_cell
from cultivation.ledgers.base import KEEPERS, READERS
from cultivation.ledgers.details import register_detail_context, register_paper_lines
from cultivation.ledgers.trainings import TRAININGS
from cultivation.models import Training
from cultivation.rules.attendance_lines import read_attendance_lines
from cultivation.rules.calendar import YEARS, campaign_year_of
from cultivation.rules.sign_in_sheets import SheetFirm, sheet_lines
from cultivation.rules.trainings import AUDIENCES, COUNTING_SENTENCE, TOPICS
from cultivation.selectors.ledgers import get_record
from cultivation.selectors.trainings import AttendanceRow, attendance_rows, coverage_matrix, match_lines
from cultivation.services.grids import GridConflict
from cultivation.services.trainings import HR, MANAGERS, cell_key, refuse_attendance, set_attendance
from cultivation.views.scope import current_year, district_for
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import districts
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import searched

_POSTED = re.compile(rf"{PREFIX}(\d{{1,18}}):(?:{MANAGERS}|{HR})", re.ASCII)


def attendance_grid(rows: list[AttendanceRow], request: HttpRequest | None = None) -> EntryGrid[int]:
    stored = {}
    for row in rows:
        stored[cell_key(row.subject.pk, MANAGERS)] = row.managers or None
        stored[cell_key(row.subject.pk, HR)] = row.hr or None
    return EntryGrid(stored, count_cell, data=request.POST if request is not None else None)


def attendance_context(actor: Actor, training: Training) -> dict[str, Any]:
    """What the training's own record page shows of it."""
    rows = attendance_rows(actor, training)
    came = [row for row in rows if row.managers or row.hr]
    return {
        "training": training,
        "rows": rows,
        "grid": attendance_grid(rows),
        "may_enter": not refuse_attendance(actor, training),
        "came": came,
        "whole_city": actor.sees_whole_city,
        "managers_total": sum(row.managers or 0 for row in came),
        "hr_total": sum(row.hr or 0 for row in came),
    }


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
def training_attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """Buttons of the one form: 保存, 查找 (adds rows, writes nothing), 粘贴. Nothing typed is lost."""
    actor = actor_of(request)
    training = get_record(actor, TRAININGS, pk)
    if training is None:
        raise Http404
    if request.method == "GET":
        return _page(request, actor, training, attendance_rows(actor, training), status=200)
    posted = {int(found[1]) for name in request.POST if (found := _POSTED.fullmatch(name))}
    pasting = "paste" in request.POST
    looking = "find" in request.POST
    find = searched(request.POST.get("q", "")) if looking else ""
    rows = attendance_rows(actor, training, also=sorted(posted), find=find)
    if not posted <= {row.subject.pk for row in rows}:
        raise Http404
    grid = attendance_grid(rows, request)
    if looking:
        return _page(request, actor, training, rows, grid=grid, find=find, status=200)
    error, problems = "", []
    try:
        if pasting:
            typed, problems = _read_paste(request, actor, training)
            shown = None
            if problems:
                raise DomainError(f"粘贴的内容有 {len(problems)} 行不能登记，全部没有保存，请改正后再试。")
        else:
            if not grid.is_valid:
                raise DomainError(f"有 {len(grid.errors)} 格不是人数，没有保存，请改正红框中的内容。")
            typed, shown = dict(grid.typed), grid.shown
        changed = set_attendance(actor=actor, training=training, typed=typed, shown=shown, now=clock.now())
    except GridConflict as conflict:
        rows = attendance_rows(actor, training, also=sorted(posted))
        grid = attendance_grid(rows, request)
        grid.mark_conflicts(conflict.conflicts)
        return _page(request, actor, training, rows, grid=grid, error=conflict.message, status=409)
    except DomainError as refusal:
        error = refusal.message
        return _page(
            request, actor, training, rows, grid=grid, error=error, problems=problems, status=refusal.status
        )
    messages.success(request, f"已保存参训人次，改动 {changed} 格。" if changed else "没有改动。")
    return redirect("cultivation:ledger_detail", slug=TRAININGS.slug, pk=training.pk)


def _read_paste(
    request: HttpRequest, actor: Actor, training: Training
) -> tuple[dict[str, int | None], list[tuple[int, str, str]]]:
    """(cells, problems as (line, who, why))."""
    try:
        lines = read_attendance_lines(
            request.POST.get("lines", ""), single_is_manager=request.POST.get("single") == MANAGERS
        )
    except ValueError as error:
        raise DomainError(str(error)) from error
    if not lines:
        raise DomainError("没有可登记的行。请从表格复制两列（名称或信用代码、人数）粘贴到框内。")
    typed: dict[str, int | None] = {}
    problems = []
    for item in match_lines(actor, training, lines):
        if item.problem or item.subject is None:
            problems.append((item.line.number, item.line.who, item.problem))
            continue
        typed[cell_key(item.subject.pk, MANAGERS)] = item.line.managers
        typed[cell_key(item.subject.pk, HR)] = item.line.hr
    return typed, problems


def _page(
    request: HttpRequest,
    actor: Actor,
    training: Training,
    rows: list[AttendanceRow],
    *,
    status: int,
    grid: EntryGrid[int] | None = None,
    error: str = "",
    find: str = "",
    problems: list[tuple[int, str, str]] | None = None,
) -> HttpResponse:
    context = {
        "training": training,
        "rows": rows,
        "grid": grid or attendance_grid(rows),
        "error": error,
        "find": find,
        "found_none": bool(find) and not any(row.found for row in rows),
        "problems": problems or [],
        "lines": request.POST.get("lines", ""),
        "single": request.POST.get("single", HR),
        "may_enter": not refuse_attendance(actor, training),
    }
    return render(request, "cultivation/trainings/attendance.html", context, status=status)


@requires(*READERS)
@require_GET
def training_coverage(request: HttpRequest) -> HttpResponse:
    """Firm × audience × topic, gaps first, and district × topic. Statements: session, capacity, and 3 (4 with ?district=)."""
    actor = actor_of(request)
    wanted = request.GET.get("year", "")
    year = campaign_year_of(wanted) or current_year()
    district = district_for(request, actor)
    matrix = coverage_matrix(actor, year=year, organization=district.pk if district else None)
    topic_labels = dict(TrainingTopic.choices)
    audience_labels = dict(Audience.choices)
    return render(
        request,
        "cultivation/trainings/coverage.html",
        {
            "year": year,
            "years": YEARS,
            "district": district,
            "districts": districts() if actor.sees_whole_city else [],
            "matrix": matrix,
            "topics": [(code, topic_labels[code]) for code in TOPICS],
            "audiences": [(code, audience_labels[code]) for code in AUDIENCES],
            "pairs": [(topic, audience) for topic in TOPICS for audience in AUDIENCES],
            "counting_sentence": COUNTING_SENTENCE,
        },
    )


def sheet_of(actor: Actor, training: Training) -> list[dict[str, str]]:
    """The lines of the 签到表: who came, else the year's cultivated firms. Statements: those of attendance_rows."""
    firms = [
        SheetFirm(row.subject.name, row.managers or 0, row.hr or 0)
        for row in attendance_rows(actor, training)
    ]
    return [{"单位": line.firm, "职务": line.post} for line in sheet_lines(firms)]


register_detail_context(TRAININGS.slug, attendance_context)
register_paper_lines(TRAININGS.slug, sheet_of)
