"""Ledgers in the browser: the overview of all, the list of one, the 回收站, acts on chosen rows, suggestions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cultivation.ledgers.base import Ledger, all_ledgers
from cultivation.ledgers.details import register_detail_context
from cultivation.models import Subject
from cultivation.selectors.calendar import current_year, statistical_periods
from cultivation.selectors.ledgers import (
    BIN_DAYS,
    count_ledgers,
    counted_in,
    filtered_records,
    list_records,
    may_read,
    removed_records,
    suggest_subjects,
    visible_records,
)
from cultivation.services.ledger_removal import Removal, judge_removal, remove_records
from cultivation.views.filters import without
from cultivation.views.ledger_parts import (
    EVERY,
    bulk_bar,
    chosen_pks,
    create_url,
    draw_table,
    filter_bar,
    filter_chips,
    ledger_url,
    list_url,
    open_ledger,
    page_links,
    page_size,
    read_filters,
    table_heads,
    table_row,
)
from cultivation.views.saved_filters import filter_menu
from cultivation.workflows import IMPORTERS
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import searched
from zaozhuang_portal.kernel.parsing import whole_number

__all__ = ["register_detail_context"]
# Reasons named one by one; the others are counted.
MOST_REASONS = 10


@requires()
@require_GET
def ledger_home(request: HttpRequest) -> HttpResponse:
    """Cards by family with the year's count of one's own scope. Statements: session, capacity, one count of all."""
    actor = actor_of(request)
    ledgers = [ledger for ledger in all_ledgers() if may_read(actor, ledger)]
    if not ledgers:
        raise PermissionDenied
    years = [period.year for period in statistical_periods()]
    wanted = request.GET.get("year", "")
    year = chosen if (chosen := whole_number(wanted, digits=4)) in years else current_year(_today())
    counts = count_ledgers(actor, ledgers, year)
    families: dict[str, list[dict[str, Any]]] = {}
    for ledger in ledgers:
        keeps = actor.role in ledger.keepers
        families.setdefault(ledger.family or ledger.menu, []).append(
            {
                "ledger": ledger,
                "count": counts.get(ledger.slug, 0),
                "url": list_url(ledger),
                "create_url": create_url(ledger) if keeps else "",
                "import_url": ledger_url("ledger_import", ledger)
                if keeps and actor.role in IMPORTERS
                else "",
            }
        )
    return render(
        request,
        "cultivation/ledgers/home.html",
        {"families": families.items(), "year": year, "years": years},
    )


def _today() -> Any:
    return clock.shanghai_date(clock.now())


@requires()
@require_GET
def ledger_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Statements: session, capacity, kept filters, rows with their count; one more to name a chosen subject."""
    actor, ledger = open_ledger(request, slug)
    filters = read_filters(request.GET, actor, ledger)
    size = page_size(request.GET)
    chips = filter_chips(request.GET, ledger, filters)
    menu = filter_menu(request, actor, f"ledger:{ledger.slug}", chips)
    if menu["redirect_to"]:
        return redirect(menu["redirect_to"])
    page = list_records(actor, ledger, filters, cursor=request.GET.dict(), size=size)
    subject = (
        Subject.objects.readable_by(actor).filter(pk=filters.subject).first() if filters.subject else None
    )
    return render(
        request,
        "cultivation/ledgers/list.html",
        {
            "ledger": ledger,
            "page": page,
            "counted": counted_in(page),
            "filter_bar": filter_bar(actor, ledger, filters, size),
            "chips": filter_chips(request.GET, ledger, filters, subject.name) if subject else chips,
            "table": draw_table(actor, ledger, filters, request.GET, page.rows),
            "bulk_bar": bulk_bar(request, actor, ledger, page),
            "subject": subject,
            "page_links": page_links(actor, ledger),
            **_actions(actor, ledger),
            **menu,
            "clear_url": f"{list_url(ledger)}?all=1" if menu["has_default"] else list_url(ledger),
        },
    )


def _actions(actor: Actor, ledger: Ledger) -> dict[str, str]:
    keeps = actor.role in ledger.keepers
    return {
        "plain_url": list_url(ledger),
        "create_url": create_url(ledger) if keeps else "",
        "import_url": ledger_url("ledger_import", ledger) if keeps and actor.role in IMPORTERS else "",
        "export_url": ledger_url("ledger_export", ledger),
        "bin_url": ledger_url("ledger_bin", ledger) if keeps else "",
    }


@requires()
@require_POST
def ledger_bulk(request: HttpRequest, slug: str) -> HttpResponse:
    """Remove the chosen rows, each judged by itself; what is skipped is named with its reason (E4).

    With `every` the filters of the address choose, on all pages; that asks first.
    """
    actor, ledger = open_ledger(request, slug, keep=True)
    if EVERY in request.POST:
        return _remove_every(request, actor, ledger)
    chosen = chosen_pks(request)
    if chosen:
        rows = visible_records(actor, ledger).filter(pk__in=chosen)
        _tell_removal(request, ledger, remove_records(actor=actor, ledger=ledger, rows=rows, now=clock.now()))
    else:
        messages.warning(request, f"请先勾选要处理的{ledger.noun}。")
    return redirect(_list_again(request, ledger))


def _list_again(request: HttpRequest, ledger: Ledger) -> str:
    """The list under the filters it was left with, from its first page."""
    return f"{list_url(ledger)}{without(request.GET, 'page')}" if request.GET else list_url(ledger)


def _tell_removal(request: HttpRequest, ledger: Ledger, removal: Removal) -> None:
    if removal.records:
        messages.success(
            request, f"已删除 {len(removal.records)} {ledger.unit}，{BIN_DAYS} 天内可从回收站恢复。"
        )
    for record, reason in removal.skipped[:MOST_REASONS]:
        messages.warning(request, f"已跳过“{record}”：{reason}")
    if len(removal.skipped) > MOST_REASONS:
        messages.warning(request, f"另外跳过 {len(removal.skipped) - MOST_REASONS} {ledger.unit}。")


def _remove_every(request: HttpRequest, actor: Actor, ledger: Ledger) -> HttpResponse:
    """Ask with the numbers, then remove exactly what was confirmed; 409 with the new numbers when the list changed."""
    filters = read_filters(request.GET, actor, ledger)
    rows = filtered_records(actor, ledger, filters)
    confirmed = request.POST.get("confirmed", "")
    notice, status, removal = "", 200, None
    try:
        if confirmed:
            removal = remove_records(
                actor=actor, ledger=ledger, rows=rows, now=clock.now(), expected=confirmed
            )
            _tell_removal(request, ledger, removal)
            return redirect(_list_again(request, ledger))
    except ConflictError as error:
        notice, status = error.message, error.status
    except DomainError as error:
        notice, status = error.message, 422
    try:
        removal = judge_removal(actor=actor, ledger=ledger, rows=rows)
    except DomainError as error:
        notice, status = error.message, 422
    return render(
        request,
        "cultivation/ledgers/remove_every.html",
        {
            "ledger": ledger,
            "removal": removal,
            "reasons": removal.reasons[:MOST_REASONS] if removal else [],
            "examples": removal.skipped[:MOST_REASONS] if removal else [],
            "chips": filter_chips(request.GET, ledger, filters),
            "notice": notice,
            "days": BIN_DAYS,
            "back_url": _list_again(request, ledger),
            "plain_url": list_url(ledger),
        },
        status=status,
    )


@requires()
@require_GET
def ledger_bin(request: HttpRequest, slug: str) -> HttpResponse:
    actor, ledger = open_ledger(request, slug, keep=True)
    records = removed_records(actor, ledger, clock.now())
    rows = [
        {
            "row": table_row(actor, ledger, record, inline=False),
            "record": record,
            "restore_url": ledger_url("ledger_restore", ledger, record.pk),
        }
        for record in records
    ]
    return render(
        request,
        "cultivation/ledgers/bin.html",
        {
            "ledger": ledger,
            "rows": rows,
            "heads": table_heads(actor, ledger),
            "days": BIN_DAYS,
            "plain_url": list_url(ledger),
        },
    )


@requires()
@require_GET
def subject_suggestions(request: HttpRequest) -> HttpResponse:
    """Options of a subject picker: active subjects the actor may see, by two characters or the start of the code."""
    actor = actor_of(request)
    text = request.GET.get("q") or request.GET.get(request.GET.get("field", ""), "")
    found = suggest_subjects(actor, searched(text), kinds=request.GET.getlist("kind"))
    return render(request, "cultivation/ledgers/_subject_options.html", {"subjects": found})
