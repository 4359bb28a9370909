"""我的筛选 in the browser: keep the present filters after a preview, see all with their counts, share, default, delete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cultivation.enums import SubjectKind
from cultivation.forms.saved_filters import SavedFilterForm
from cultivation.ledgers.base import find_ledger
from cultivation.models import SavedFilter
from cultivation.selectors.ledgers import filtered_records, may_read
from cultivation.selectors.saved_filters import count_rows, default_filter, saved_filters
from cultivation.selectors.subjects import filtered_subjects
from cultivation.services.saved_filters import choose_default, delete_filter, save_filter, share_filter
from cultivation.views.filters import chips_for, list_filters
from cultivation.views.ledger_parts import filter_chips, list_url, read_filters
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.components import Chip
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.rows import address

# What belongs to a moment, not to a filter.
PASSING = ("page", "size", "all", "subject")


@dataclass(frozen=True)
class ListPage:
    """A list whose filters may be kept."""

    key: str
    label: str
    url: str
    chips: Callable[[QueryDict], list[Chip]]
    rows: Callable[[QueryDict], Any]


def list_page(actor: Actor, key: str) -> ListPage:
    """The list behind a key; Http404 for an unknown one, 403 where the role may not read it."""
    family, _, name = key.partition(":")
    if family == "ledger" and (ledger := find_ledger(name)) is not None:
        if not may_read(actor, ledger):
            raise PermissionDenied
        return ListPage(
            key,
            ledger.noun,
            list_url(ledger),
            lambda query: filter_chips(query, ledger, read_filters(query, actor, ledger)),
            lambda query: filtered_records(actor, ledger, read_filters(query, actor, ledger)),
        )
    if family == "subjects" and name in SubjectKind.values:
        if actor.organization is None or actor.is_administrator:
            raise PermissionDenied
        return ListPage(
            key,
            SubjectKind(name).label,
            reverse("cultivation:subject_list"),
            lambda query: chips_for(query, list_filters(query)),
            lambda query: filtered_subjects(actor, list_filters(query)),
        )
    raise Http404


def filter_menu(request: HttpRequest, actor: Actor, key: str, chips: list[Chip]) -> dict[str, Any]:
    """The context of templates/cultivation/_filter_menu.html, and where the default leads. Statements: 1.

    `redirect_to` is the default's address when the list was opened without any condition, else "".
    """
    found = saved_filters(actor, key)
    chosen = default_filter(actor, found)
    query = kept_query(request.GET)
    return {
        **filter_links(request, key, chips),
        "saved_filters": [(row, f"?{row.query}", row.query == query) for row in found],
        "redirect_to": f"{request.path}?{chosen.query}" if chosen is not None and not request.GET else "",
        "has_default": chosen is not None,
    }


def filter_links(request: HttpRequest, key: str, chips: list[Chip]) -> dict[str, Any]:
    """Where one's filters of a list are, and where the present ones are kept; no statement."""
    query = urlencode({"list": key, "query": kept_query(request.GET)})
    return {
        "manage_url": f"{address('cultivation:saved_filter_list')}?{urlencode({'list': key})}",
        "save_url": f"{address('cultivation:saved_filter_create')}?{query}" if chips else "",
    }


def kept_query(query: QueryDict) -> str:
    """The filter part of a query string, in one order, blanks dropped."""
    kept = sorted((key, value) for key, value in query.items() if value and key not in PASSING)
    return urlencode(kept)


@requires()
@require_GET
def saved_filter_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    page = list_page(actor, request.GET.get("list", ""))
    found = saved_filters(actor, page.key)
    queries = {row.pk: QueryDict(row.query) for row in found}
    counts = count_rows({pk: page.rows(query) for pk, query in queries.items()})
    rows = [
        {
            "saved": row,
            "url": f"{page.url}?{row.query}",
            "chips": page.chips(queries[row.pk]),
            "count": counts[row.pk],
            "mine": row.owner_id == actor.user.pk,
        }
        for row in found
    ]
    return render(request, "cultivation/saved_filters/list.html", {"page": page, "rows": rows})


@requires()
@require_http_methods(["GET", "POST"])
@creates_once
def saved_filter_create(request: HttpRequest) -> HttpResponse:
    """The fields and values about to be kept are shown before saving (E3)."""
    actor = actor_of(request)
    page = list_page(actor, request.GET.get("list", ""))
    query = kept_query(QueryDict(request.GET.get("query", "")))
    chips = page.chips(QueryDict(query))
    if not chips:
        raise Http404
    form = SavedFilterForm(request.POST or None, cancel_url=f"{page.url}?{query}")
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_filter(actor=actor, page=page.key, query=query, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"已保存筛选“{saved.name}”。")
            return redirect(f"{page.url}?{query}")
    context = {"page": page, "chips": chips, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "cultivation/saved_filters/form.html", context, status=status)


@requires()
@require_POST
def saved_filter_change(request: HttpRequest, pk: int) -> HttpResponse:
    """`act`: default, no_default, share, unshare, delete."""
    actor = actor_of(request)
    saved = get_object_or_404(SavedFilter.objects.visible_to(actor), pk=pk)
    act = request.POST.get("act", "")
    if act in {"default", "no_default"}:
        choose_default(actor=actor, saved=saved, chosen=act == "default")
    elif act in {"share", "unshare"}:
        share_filter(actor=actor, saved=saved, shared=act == "share")
    elif act == "delete":
        delete_filter(actor=actor, saved=saved)
        messages.success(request, f"已删除筛选“{saved.name}”。")
    else:
        raise DomainError("没有这个操作，请刷新页面后重试。", code="act")
    return redirect(f"{reverse('cultivation:saved_filter_list')}?{urlencode({'list': saved.page})}")
