"""A ledger both ways: its template, its import (then the common steps of every import), its 数据版."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cultivation.forms.imports import ImportStartForm
from cultivation.selectors.ledgers import filtered_records
from cultivation.services.imports_files import make_template
from cultivation.services.imports_kinds import ImportAdapter
from cultivation.services.imports_registry import find_adapter
from cultivation.services.ledger_exports import request_ledger_export
from cultivation.views.imports import check_or_map, download, stage_posted
from cultivation.views.ledger_parts import EVERY, chosen_pks, list_url, open_ledger, read_filters
from cultivation.workflows import IMPORTERS
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once, made
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import NotAllowed


def open_adapter(request: HttpRequest, slug: str) -> tuple[Actor, ImportAdapter]:
    """The actor and the kind; 404 for an unknown one, 403 for who may not bring rows of it."""
    actor = actor_of(request)
    adapter = find_adapter(slug)
    if adapter is None:
        raise Http404
    home = actor.district or actor.organization
    if home is None:
        raise PermissionDenied
    try:
        adapter.require(actor, home)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    return actor, adapter


@requires(*IMPORTERS)
@require_http_methods(["GET", "POST"])
@creates_once
def ledger_import(request: HttpRequest, slug: str) -> HttpResponse:
    """② Upload or paste into one ledger; with our own template the answer is the preview itself."""
    actor, adapter = open_adapter(request, slug)
    if request.method == "GET":
        form = ImportStartForm(
            actor=actor, adapter=adapter, initial={"backfilled": "backfill" in request.GET}
        )
        return _page(request, adapter, form, 200)
    form = ImportStartForm(request.POST, request.FILES, actor=actor, adapter=adapter)
    if form.is_valid():
        batch = stage_posted(actor, form, slug)
        if batch is not None:
            made(request, reverse("cultivation:import_detail", args=[batch.pk]))
            return check_or_map(request, actor, batch)
    return _page(request, adapter, form, form.status)


def _page(request: HttpRequest, adapter: ImportAdapter, form: ImportStartForm, status: int) -> HttpResponse:
    context = {
        "form": form,
        "spec": adapter.spec,
        "list_address": adapter.list_address(),
        "required": [adapter.spec.by_key[key].header for key in adapter.spec.required],
    }
    return render(request, "cultivation/imports/ledger.html", context, status=status)


@requires(*IMPORTERS)
@require_GET
def ledger_template(request: HttpRequest, slug: str) -> HttpResponse:
    """① The template; a district's own places, units and people are its drop-downs."""
    actor, adapter = open_adapter(request, slug)
    content = make_template(slug, actor.district or actor.organization)
    return download(content, f"{adapter.spec.label}导入模板.xlsx")


@requires()
@require_POST
def ledger_export(request: HttpRequest, slug: str) -> HttpResponse:
    """The filters come in the query string, exactly as the list page carries them; `pk` are rows chosen by hand (E4)."""
    actor, ledger = open_ledger(request, slug)
    filters = read_filters(request.GET, actor, ledger)
    pks = () if EVERY in request.POST else chosen_pks(request)
    if pks:
        found = filtered_records(actor, ledger, replace(filters, pks=pks)).count()
        if not found:
            messages.warning(request, f"选中的{ledger.noun}都已被删除，没有可导出的。")
            return redirect(list_url(ledger))
        if found < len(pks):
            messages.warning(
                request,
                f"将导出 {found} {ledger.unit}，跳过 {len(pks) - found} {ledger.unit}（已被删除，或不在您能查看的范围内）。",
            )
        filters = replace(filters, pks=pks)
    job = request_ledger_export(actor=actor, ledger=ledger, filters=filters, now=clock.now())
    return redirect("operations:job", uid=job.uid)
