"""Month grids: 用工咨询 and 矛盾纠纷调解 by kind and outcome, and the numbers of all service points; sums of a year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.forms.grids import EntryGrid, count_cell, reported_cell
from cultivation.ledgers.assistance import ADVISORIES, MEDIATIONS
from cultivation.ledgers.base import READERS, TALLY_KEEPERS, Ledger
from cultivation.ledgers.staff import POINT_TALLIES
from cultivation.rules.calendar import YEARS, campaign_year_of
from cultivation.rules.tallies import next_month, previous_month
from cultivation.selectors.assistance import count_cases
from cultivation.selectors.ledgers import choosable_organizations
from cultivation.selectors.service_points import NUMBERS, points_of_month, points_of_year
from cultivation.services.grids import GridConflict
from cultivation.services.ledger_values import NeedsConfirmation, RecordRefused
from cultivation.services.service_points import point_cells, save_point_month
from cultivation.services.tallies import save_month_tallies, tally_cells
from cultivation.views.scope import current_year, district_for
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.selectors.code_tables import districts, organization_names, townships_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.parsing import whole_number

ENTERERS = tuple(sorted(TALLY_KEEPERS))


@dataclass(frozen=True)
class MonthScope:
    """Whose month a page is about: ?month=2026-11, ?district= (city actors), ?township=."""

    month: date
    organization: Organization | None
    township: Organization | None

    @property
    def months(self) -> list[tuple[int, list[date]]]:
        """Every month that can be chosen, by calendar year: a box of the browser's own would speak its language."""
        years = range(YEARS[0] - 1, YEARS[-1] + 1)
        return [(year, [date(year, number, 1) for number in range(1, 13)]) for year in years]

    def query(self, month: date) -> str:
        parts: dict[str, str | int] = {"month": f"{month:%Y-%m}"}
        if self.organization is not None:
            parts["district"] = self.organization.pk
        if self.township is not None:
            parts["township"] = self.township.pk
        return f"?{urlencode(parts)}"


def read_month(text: str, today: date) -> date:
    """The first day of 2026-11; of this month for anything else."""
    before, _, after = text.partition("-")
    year, month = whole_number(before, digits=4), whole_number(after, digits=2)
    if year and month and YEARS[0] - 1 <= year <= YEARS[-1] and month <= 12:
        return date(year, month, 1)
    return today.replace(day=1)


def month_scope(request: HttpRequest, actor: Actor) -> MonthScope:
    """Raises Http404 for a place that is not the actor's."""
    month = read_month(request.GET.get("month", ""), clock.shanghai_date(clock.now()))
    if actor.role == Role.TOWNSHIP_STAFF:
        return MonthScope(month, actor.district, actor.organization)
    organization = actor.district
    if actor.is_city:
        picked = request.GET.get("district", "")
        number = whole_number(picked)
        organization = choosable_organizations(actor).filter(pk=number).first() if number else None
        if picked and organization is None:
            raise Http404
    township = None
    wanted = request.GET.get("township", "")
    if wanted and organization is not None:
        place = whole_number(wanted)
        township = Organization.objects.filter(pk=place, parent=organization).first() if place else None
        if township is None:
            raise Http404
    return MonthScope(month, organization, township)


@dataclass(frozen=True)
class Attempt:
    """What came of a POST: `status` 200 saved; otherwise the page again with these words."""

    status: int
    changed: int = 0
    error: str = ""
    warnings: tuple[str, ...] = ()


def attempt_save(grid: EntryGrid[Any], save: Callable[[], int]) -> Attempt:
    """Run `save` and turn every refusal into words for the page."""
    if not grid.is_valid:
        return Attempt(422, error=f"有 {len(grid.errors)} 格不是可用的数，没有保存，请改正红框中的内容。")
    try:
        return Attempt(200, save())
    except GridConflict as conflict:
        return Attempt(409, error=conflict.message, warnings=())
    except NeedsConfirmation as warned:
        return Attempt(422, warnings=tuple(slip.message for slip in warned.slips))
    except RecordRefused as refusal:
        for slip in refusal.slips:
            grid.mark(slip.field, slip.message)
        return Attempt(refusal.status, error="\n".join(dict.fromkeys(slip.message for slip in refusal.slips)))
    except DomainError as refusal:
        return Attempt(refusal.status, error=refusal.message)


def _scope_context(actor: Actor, scope: MonthScope) -> dict[str, Any]:
    organization = scope.organization
    return {
        "scope": scope,
        "previous_url": scope.query(previous_month(scope.month)),
        "next_url": scope.query(next_month(scope.month)),
        "organizations": choosable_organizations(actor) if actor.is_city else [],
        "townships": townships_of(organization.pk)
        if organization is not None and actor.role != Role.TOWNSHIP_STAFF
        else [],
    }


def _tally_page(request: HttpRequest, ledger: Ledger) -> HttpResponse:
    actor = actor_of(request)
    scope = month_scope(request, actor)
    context = _scope_context(actor, scope) | {
        "ledger": ledger,
        "topics": ledger.by_key["topic"].choices,
        "outcomes": ledger.by_key["outcome"].choices,
        "counts_url": f"cultivation:{'advisory' if ledger is ADVISORIES else 'mediation'}_counts",
    }
    organization = scope.organization
    if organization is None:
        return render(request, "cultivation/grids/tally_month.html", context)
    place = scope.township.pk if scope.township else None

    def stored() -> dict[str, int | None]:
        return tally_cells(ledger, organization=organization.pk, township=place, month=scope.month)

    attempt = Attempt(200)
    grid = EntryGrid(stored(), count_cell, data=request.POST if request.method == "POST" else None)
    if request.method == "POST":
        attempt = attempt_save(
            grid,
            lambda: save_month_tallies(
                actor=actor,
                ledger=ledger,
                organization=organization,
                township=scope.township,
                month=scope.month,
                typed=grid.typed,
                shown=grid.shown,
                source_document=request.POST.get("source_document", ""),
                confirm_warnings="confirm" in request.POST,
                now=clock.now(),
            ),
        )
        if attempt.status == 200:
            words = f"已保存，改动 {attempt.changed} 项。" if attempt.changed else "没有改动。"
            messages.success(request, words)
            return redirect(request.get_full_path())
        if attempt.status == 409:
            grid = EntryGrid(stored(), count_cell, data=request.POST)
            grid.mark_stale()
    topics, outcomes = context["topics"], context["outcomes"]
    context |= {
        "grid": grid,
        "rows": [
            (code, label, grid.total(f"{code}:{outcome}" for outcome, _ in outcomes))
            for code, label in topics
        ],
        "column_totals": [grid.total(f"{code}:{outcome}" for code, _ in topics) for outcome, _ in outcomes],
        "grand_total": grid.total(grid.stored),
        "attempt": attempt,
        "error": attempt.error,
        "source_document": request.POST.get("source_document", ""),
    }
    return render(request, "cultivation/grids/tally_month.html", context, status=attempt.status)


@requires(*ENTERERS)
@require_http_methods(["GET", "POST"])
def advisory_month(request: HttpRequest) -> HttpResponse:
    return _tally_page(request, ADVISORIES)


@requires(*ENTERERS)
@require_http_methods(["GET", "POST"])
def mediation_month(request: HttpRequest) -> HttpResponse:
    return _tally_page(request, MEDIATIONS)


def _year(request: HttpRequest) -> int:
    wanted = request.GET.get("year", "")
    return campaign_year_of(wanted) or current_year()


def _counts_page(request: HttpRequest, ledger: Ledger) -> HttpResponse:
    """By topic and outcome, by township, and what looks counted twice. Statements: session, capacity, 1 (2 with ?district=)."""
    actor = actor_of(request)
    year, district = _year(request), district_for(request, actor)
    counts = count_cases(actor, ledger, year=year, organization=district.pk if district else None)
    names = organization_names()
    topics, outcomes = ledger.by_key["topic"].choices, ledger.by_key["outcome"].choices
    words = {**dict(topics), **dict(outcomes)}
    context = {
        "ledger": ledger,
        "year": year,
        "years": YEARS,
        "district": district,
        "districts": districts() if actor.sees_whole_city else [],
        "counts": counts,
        "rows": [
            (
                code,
                label,
                [(outcome, counts.cells.get((code, outcome), 0)) for outcome, _ in outcomes],
                counts.of_topic(code),
            )
            for code, label in topics
        ],
        "outcomes": outcomes,
        "outcome_totals": [counts.of_outcome(code) for code, _ in outcomes],
        "places": [
            (
                names[organization],
                place,
                names[place] if place else "区（市）本级、未注明",
                organization,
                [numbers.get(code, 0) for code, _ in outcomes],
                sum(numbers.values()),
            )
            for (organization, place), numbers in sorted(
                counts.places.items(), key=lambda item: (item[0][0], item[0][1] or 0)
            )
        ],
        "doubles": [
            (
                f"{item.month:%Y年%m月}",
                names[item.organization],
                words[item.topic],
                words.get(item.outcome, ""),
                item,
            )
            for item in counts.doubles
        ],
        "month_url": f"cultivation:{'advisory' if ledger is ADVISORIES else 'mediation'}_month",
        "may_enter": actor.role in ENTERERS,
    }
    return render(request, "cultivation/assistance/counts.html", context)


@requires(*READERS)
@require_GET
def advisory_counts(request: HttpRequest) -> HttpResponse:
    return _counts_page(request, ADVISORIES)


@requires(*READERS)
@require_GET
def mediation_counts(request: HttpRequest) -> HttpResponse:
    return _counts_page(request, MEDIATIONS)


@requires(*ENTERERS)
@require_http_methods(["GET", "POST"])
def point_month(request: HttpRequest) -> HttpResponse:
    """All points of a district in one month. Empty: not reported; 0: reported as none."""
    actor = actor_of(request)
    scope = month_scope(request, actor)
    columns = [(name, POINT_TALLIES.by_key[name]) for name in NUMBERS]
    context = _scope_context(actor, scope) | {"columns": columns, "townships": []}
    organization = scope.organization
    if organization is None:
        return render(request, "cultivation/grids/point_month.html", context)

    def read() -> Any:
        return points_of_month(actor, organization=organization.pk, month=scope.month)

    rows = read()
    data = request.POST if request.method == "POST" else None
    grid = EntryGrid(point_cells([(row.point, row.tally) for row in rows]), reported_cell, data=data)
    attempt = Attempt(200)
    if request.method == "POST":
        attempt = attempt_save(
            grid,
            lambda: save_point_month(
                actor=actor,
                organization=organization,
                month=scope.month,
                typed=grid.typed,
                shown=grid.shown,
                source_document=request.POST.get("source_document", ""),
                confirm_warnings="confirm" in request.POST,
                now=clock.now(),
            ),
        )
        if attempt.status == 200:
            words = f"已保存 {attempt.changed} 个站点的服务量。" if attempt.changed else "没有改动。"
            messages.success(request, words)
            return redirect(request.get_full_path())
        if attempt.status == 409:
            rows = read()
            grid = EntryGrid(point_cells([(row.point, row.tally) for row in rows]), reported_cell, data=data)
            grid.mark_stale()
    served = [name for name in NUMBERS if name != "visitors"]
    context |= {
        "rows": [(row, grid.total(f"{row.point.pk}:{name}" for name in served)) for row in rows],
        "column_totals": [
            (column.header, grid.total(f"{row.point.pk}:{name}" for row in rows)) for name, column in columns
        ],
        "grand_total": grid.total(f"{row.point.pk}:{name}" for row in rows for name in served),
        "grid": grid,
        "attempt": attempt,
        "error": attempt.error,
        "source_document": request.POST.get("source_document", ""),
        "reported": sum(row.tally is not None for row in rows),
    }
    return render(request, "cultivation/grids/point_month.html", context, status=attempt.status)


@requires(*READERS)
@require_GET
def point_year(request: HttpRequest) -> HttpResponse:
    """Sums of a year per point, silent ones first. Statements: session, capacity, 1 (2 with ?district=)."""
    actor = actor_of(request)
    year, district = _year(request), district_for(request, actor)
    rows = points_of_year(actor, year=year, organization=district.pk if district else None)
    context = {
        "year": year,
        "years": YEARS,
        "district": district,
        "districts": districts() if actor.sees_whole_city else [],
        "rows": rows,
        "silent": sum(not row.months for row in rows),
        "totals": [sum(getattr(row, name) for row in rows) for name in NUMBERS],
        "columns": [(name, POINT_TALLIES.by_key[name]) for name in NUMBERS],
        "may_enter": actor.role in ENTERERS,
    }
    return render(request, "cultivation/staff/point_year.html", context)
