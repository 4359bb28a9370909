"""公开抽取: commitments, the digits of the four seats, the seed to confirm, the order, the record to download and print."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from evaluation.enums import RoundState, Selection
from evaluation.forms.spot_checks.rounds import CommitForm, SeatForm
from evaluation.models import PopulationRow, SpotCheck, SpotCheckRound
from evaluation.permissions.roles import ROUND_KEEPERS, ROUND_READERS
from evaluation.rules.spot_checks.draw import Candidate, read_shares, ticket
from evaluation.rules.spot_checks.records import record_files, redraw_line, share_options, ticket_line
from evaluation.rules.spot_checks.seeds import SeedError
from evaluation.selectors.spot_checks.frame import strata_of
from evaluation.selectors.spot_checks.rounds import visible_rows
from evaluation.selectors.spot_checks.seats import seats_of
from evaluation.services.spot_checks.draws import commit_seat, draw_round, joined_seed
from evaluation.views.spot_checks.rounds import find_round
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page

PAGE_SIZE = 100
BY_STRATUM = (SortKey("stratum"), SortKey("position"), SortKey("id"))
SCRIPT = "redraw.py"
DRAWN = (RoundState.DRAWN, RoundState.CLOSED)


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
def seed_commit(request: HttpRequest, pk: int) -> HttpResponse:
    """A seat may commit before: only the hash is sent, digits and nonce stay on its paper."""
    actor, held = find_round(request, pk)
    seats = seats_of(held)
    form = CommitForm(request.POST or None, seats=seats)
    if request.method == "POST" and form.is_valid():
        try:
            commit_seat(actor=actor, held=held, now=clock.now(), **form.cleaned_data)
        except SeedError as error:
            form.add_error("commitment", [one.message for one in error.problems])
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "已登记承诺值。宣读时须连同随机串一起公开。")
            return redirect("evaluation:spot_check_draw", pk)
    status = 422 if request.method == "POST" else 200
    context = {"round": held, "form": form, "seats": seats}
    return render(request, "evaluation/spot_checks/commit.html", context, status=status)


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
def seed_draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Digits of the four seats → the joined seed to confirm → the draw. Nothing is kept before it is confirmed."""
    actor, held = find_round(request, pk)
    seats = seats_of(held)
    posted = request.POST or None
    forms = [SeatForm(posted, view=one) for one in seats]
    context = {"round": held, "seats": forms, "frozen": held.state == RoundState.FROZEN}
    problems: list[str] = []
    # Every form is asked, so that every fault is told at once.
    valid = [form.is_valid() for form in forms]
    if "again" in request.POST:
        return render(request, "evaluation/spot_checks/draw.html", context)
    if request.method == "POST" and all(valid):
        spoken = {form.view.seat: form.spoken() for form in forms if form.view.speaks}
        try:
            if "confirmed" in request.POST:
                draw_round(actor=actor, held=held, spoken=spoken, now=clock.now())
                messages.success(request, "已抽取。次序和候补如下，种子不能更改。")
                return redirect("evaluation:spot_check_order", pk)
            context["seed"] = joined_seed(held, seats, spoken)
        except SeedError as error:
            by_seat = {form.view.seat: form for form in forms}
            for one in error.problems:
                if one.path in by_seat:
                    by_seat[one.path].add_error(None, one.message)
                else:
                    problems.append(one.message)
        except DomainError as error:
            problems.append(error.message)
    if "seed" in context and not problems:
        context["digits"] = len(str(context["seed"]))
        return render(request, "evaluation/spot_checks/draw_confirm.html", context)
    context["problems"] = problems
    status = 422 if request.method == "POST" else 200
    return render(request, "evaluation/spot_checks/draw.html", context, status=status)


def _line(seed: str, row: PopulationRow) -> str:
    """The check of a ticket, with the number k that gave the smallest."""
    number = next(k for k in range(1, row.weight + 1) if ticket(seed, row.code, k) == row.ticket)
    return ticket_line(seed, row.code, number)


def _drawn(held: SpotCheckRound) -> str:
    if held.state not in DRAWN or held.seed is None:
        raise Http404
    return held.seed


@requires(*ROUND_READERS)
@require_GET
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """By stratum and position. Statements: the page, its count, the checks of its rows."""
    actor, held = find_round(request, pk)
    seed = _drawn(held)
    rows = visible_rows(actor, held).filter(included=True)
    page = fetch_page(rows, BY_STRATUM, cursor=request.GET.dict(), size=PAGE_SIZE)
    checks = {
        one.subject_id: one
        for one in SpotCheck.objects.filter(round=held, subject__in=[row.subject_id for row in page.rows])
    }
    entries = []
    for row in page.rows:
        check = checks.get(row.subject_id)
        reserve = check is not None and check.selection == Selection.RESERVE
        entries.append((row, check, reserve, _line(seed, row) if row.drawn or reserve else ""))
    context = {
        "round": held,
        "page": page,
        "entries": entries,
        "may_assign": actor.role in ROUND_KEEPERS and held.state == RoundState.DRAWN,
        **_again(held, seed),
    }
    return render(request, "evaluation/spot_checks/order.html", context)


def _again(held: SpotCheckRound, seed: str) -> dict[str, object]:
    shares = read_shares(held.strata)
    rates, minimums = share_options(shares)
    return {"redraw": redraw_line(seed, shares), "rates": rates, "minimums": minimums}


@requires(*ROUND_READERS)
@require_GET
def record_file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One file of the published record: population.csv, order.csv, draw.json, record.txt, redraw.py."""
    _, held = find_round(request, pk)
    seed = _drawn(held)
    if name == SCRIPT:
        found = finders.find(f"spot_checks/{SCRIPT}")
        if not isinstance(found, str):
            raise Http404
        text = Path(found).read_text("utf-8")
    else:
        rows = PopulationRow.objects.filter(round=held, included=True)
        files = record_files(
            [Candidate(row.code, row.name, row.stratum, row.weight) for row in rows],
            seed,
            read_shares(held.strata),
        )
        if name not in files:
            raise Http404
        text = files[name]
    kind = {"csv": "text/csv", "json": "application/json"}.get(name.rpartition(".")[2], "text/plain")
    response = HttpResponse(text.encode(), content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@requires(*ROUND_KEEPERS, *ROUND_READERS)
@require_GET
def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper for the minutes: hash, seed, speakers, tickets of the drawn and 候补 by stratum, how to check."""
    actor, held = find_round(request, pk)
    seed = _drawn(held)
    rows = list(visible_rows(actor, held).filter(included=True).order_by("stratum", "position"))
    strata = [(one, [row for row in rows if row.stratum == one.code]) for one in strata_of(held, rows)]
    drawn = [row for row in rows if row.drawn]
    context = {
        "round": held,
        "seats": seats_of(held),
        "strata": strata,
        "example": _line(seed, drawn[0]) if drawn else "",
        "beside": SpotCheck.objects.visible_to(actor)
        .filter(round=held)
        .exclude(selection=Selection.RANDOM)
        .order_by("pk"),
        **_again(held, seed),
    }
    return render(request, "evaluation/spot_checks/minutes.html", context)
