"""One record of a ledger in the browser: new, page, change, remove and restore, files, change in the list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import select_template
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cultivation.enums import SubjectState
from cultivation.forms.ledgers import RecordForm, inline_form, record_form
from cultivation.ledgers.base import Column, ColumnKind, Ledger, find_ledger
from cultivation.ledgers.details import detail_context
from cultivation.ledgers.display import cell, with_unit
from cultivation.models import Subject
from cultivation.permissions.ledgers import NARROW_READERS
from cultivation.rules.calendar import YEARS
from cultivation.selectors.ledgers import get_record, readable_records, visible_records
from cultivation.selectors.subject_pages import moved_away
from cultivation.services.ledgers import (
    DuplicateRecord,
    NeedsConfirmation,
    create_record,
    refuse_change,
    remove_record,
    restore_record,
    update_record,
)
from cultivation.views.ledger_parts import (
    create_url,
    detail_url,
    draw_row,
    ledger_url,
    list_url,
    open_ledger,
    open_record,
    record_files,
    table_heads,
)
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once, made
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.http import htmx_redirect, way_back
from zaozhuang_portal.kernel.parsing import whole_number
from zaozhuang_portal.kernel.undo import offer_undo
from zaozhuang_portal.operations.views.uploads import handle_upload

FIELD_WORDS = {
    "township": "乡镇（街道）、园区",
    "year": "年度",
    "organization": "填报单位",
    "backfilled": "补录",
    "source_document": "补录来源",
}


@requires()
@require_http_methods(["GET", "POST"])
@creates_once
def ledger_create(request: HttpRequest, slug: str) -> HttpResponse:
    actor, ledger = open_ledger(request, slug, keep=True)
    form = record_form(ledger)(
        request.POST or None,
        actor=actor,
        initial=_initial(request, actor, ledger),
        cancel_url=list_url(ledger),
    )
    duplicate = None
    if request.method == "POST" and form.is_valid():
        try:
            record = _save(form, actor, ledger, None)
        except DomainError as error:
            form.add_domain_error(error)
            duplicate = _other(error, ledger)
        else:
            messages.success(request, f"已保存{ledger.noun}“{record}”。")
            made(request, detail_url(ledger, record.pk))
            if "save_and_add" in request.POST:
                return redirect(create_url(ledger))
            return redirect(detail_url(ledger, record.pk))
    context = {"ledger": ledger, "form": form, "duplicate": duplicate, "plain_url": list_url(ledger)}
    status = 422 if request.method == "POST" else 200
    return render(request, "cultivation/ledgers/form.html", context, status=status)


def _initial(request: HttpRequest, actor: Actor, ledger: Ledger) -> dict[str, Any]:
    """What the page that led here knows already: ?subject=…, ?practice=…, ?kind=…, ?township=…, ?year=….

    A value the form does not offer is passed over.
    """
    found: dict[str, Any] = {}
    column = ledger.subject_column
    if column is not None and (pk := whole_number(request.GET.get("subject", ""))):
        found[column.key] = Subject.objects.visible_to(actor).filter(pk=pk).first()
    for column in ledger.form_columns:
        other = find_ledger(column.ledger) if column.kind is ColumnKind.RECORD else None
        if other is not None and (pk := whole_number(request.GET.get(column.key, ""))):
            found[column.key] = visible_records(actor, other).filter(pk=pk).first()
        elif column.kind is ColumnKind.CHOICE and request.GET.get(column.key) in dict(column.choices):
            found[column.key] = request.GET[column.key]
        elif column.kind in {ColumnKind.TOWNSHIP, ColumnKind.USER}:
            found[column.key] = whole_number(request.GET.get(column.key, ""))
    found["organization"] = whole_number(request.GET.get("organization", ""))
    if (year := whole_number(request.GET.get("year", ""))) in YEARS:
        found["year"] = year
    return {key: value for key, value in found.items() if value is not None}


def _save(form: RecordForm, actor: Actor, ledger: Ledger, record: Any) -> Any:
    """Create or change; warnings the clerk has seen and sent again are confirmed."""

    def attempt(confirm: bool) -> Any:
        shared = {"actor": actor, "ledger": ledger, "values": form.values_for_service, "now": clock.now()}
        shared |= {**form.filing, "confirm_warnings": confirm}
        if record is None:
            return create_record(**shared)
        version = form.cleaned_data.get("version") or 0
        return update_record(record=record, expected_version=version, **shared)

    try:
        return attempt(False)
    except NeedsConfirmation as warning:
        if form.confirms(warning.slips):
            return attempt(True)
        form.ask_to_confirm(warning.slips)
        raise


def _other(error: DomainError, ledger: Ledger) -> dict[str, Any] | None:
    """The record that is there already, as a link."""
    other = error.other if isinstance(error, DuplicateRecord | NeedsConfirmation) else None
    return {"label": str(other), "url": detail_url(ledger, other.pk)} if other is not None else None


@requires()
@require_http_methods(["GET", "POST"])
def ledger_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A stale version answers 409: what was not touched takes the stored value, of what both changed both are shown."""
    actor, ledger, record = open_record(request, slug, pk, keep=True)
    back = detail_url(ledger, pk)
    form = record_form(ledger)(request.POST or None, actor=actor, record=record, cancel_url=back)
    context: dict[str, Any] = {
        "ledger": ledger,
        "form": form,
        "record": record,
        "plain_url": list_url(ledger),
    }
    refused = refuse_change(actor, ledger, record)
    if refused:
        return render(request, "errors/403.html", {"status": 403, "message": refused}, status=403)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _save(form, actor, ledger, record)
            except ConflictError as error:
                status = error.status
                form.add_domain_error(error)
                stored = get_record(actor, ledger, pk)
                if stored is not None:
                    now_shown = record_form(ledger)(actor=actor, record=stored).initial
                    context |= form.merge_stored(now_shown).context(actor.user.pk, stored.updated_by)
            except DomainError as error:
                form.add_domain_error(error)
                context["duplicate"] = _other(error, ledger)
            else:
                messages.success(request, "已保存。")
                return redirect(back)
    return render(request, "cultivation/ledgers/form.html", context, status=status)


@requires()
@require_GET
def ledger_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    actor, ledger, record = open_record(request, slug, pk)
    may_change = actor.role in ledger.keepers and not refuse_change(actor, ledger, record)
    subject = ledger.subject_column
    labels = {column.key: column.header for column in ledger.columns} | FIELD_WORDS
    context = {
        "ledger": ledger,
        "record": record,
        "plain_url": list_url(ledger),
        "facts": record_facts(actor, ledger, record),
        "long_facts": long_facts(ledger, record),
        "again_for": _open_to(actor, getattr(record, subject.key)) if subject else None,
        "may_change": may_change,
        "create_url": create_url(ledger) if actor.role in ledger.keepers else "",
        "urls": {
            name: ledger_url(f"ledger_{name}", ledger, pk) for name in ("edit", "remove", "paper", "upload")
        },
        "timeline": timeline_of(ledger.kind, record.pk, labels=labels),
        **record_files(ledger, record, editable=may_change),
        **detail_context(slug, actor, record),
    }
    template = select_template([f"cultivation/ledgers/{slug}/detail.html", "cultivation/ledgers/detail.html"])
    return HttpResponse(template.render(context, request))


def _open_to(actor: Actor, subject: Subject | None) -> Subject | None:
    """The subject when the actor may enter another record for it."""
    if subject is None or subject.state != SubjectState.ACTIVE or moved_away(actor, subject):
        return None
    return subject


def record_facts(actor: Actor, ledger: Ledger, record: Any) -> list[tuple[str, str]]:
    """The short columns in words, then where and in which year the record is filed."""
    rows = [
        (column.header, _linked(actor, column, record))
        for column in ledger.columns
        if column.kind is not ColumnKind.LONG_TEXT
    ]
    rows.append(("填报单位", record.organization.name))
    if record.township is not None and "township" not in ledger.by_key:
        rows.append(("乡镇（街道）、园区", record.township.name))
    rows.append(("年度", f"{record.year_id}年度"))
    if record.backfilled:
        rows.append(("补录来源", record.source_document))
    return rows


def _opens(actor: Actor, column: Column, pk: int) -> bool:
    """Whether the page of what a row names would open for this actor. Statements: one for those who see a part."""
    if actor.role not in NARROW_READERS:
        return True
    if column.kind is ColumnKind.SUBJECT:
        return Subject.objects.readable_by(actor).filter(pk=pk).exists()
    other = find_ledger(column.ledger)
    return other is not None and readable_records(actor, other).filter(pk=pk).exists()


def _linked(actor: Actor, column: Column, record: Any) -> str:
    """The words of a column, leading to what they name: the subject, the row of another ledger, the web address."""
    words = with_unit(column, cell(column, record))
    value = getattr(record, column.key, None)
    if not words or value is None:
        return words
    if column.kind in {ColumnKind.SUBJECT, ColumnKind.RECORD} and not _opens(actor, column, value.pk):
        return words
    if column.kind is ColumnKind.SUBJECT:
        return format_html(
            '<a href="{}">{}</a>', reverse("cultivation:subject_detail", args=[value.pk]), words
        )
    if column.kind is ColumnKind.RECORD and (other := find_ledger(column.ledger)) is not None:
        return format_html('<a href="{}">{}</a>', detail_url(other, value.pk), words)
    if column.kind is ColumnKind.URL:
        return format_html(
            '<a href="{}" target="_blank" rel="noopener noreferrer">{}（新窗口）</a>', words, words
        )
    return words


def long_facts(ledger: Ledger, record: Any) -> list[tuple[str, str]]:
    return [
        (column.header, cell(column, record))
        for column in ledger.columns
        if column.kind is ColumnKind.LONG_TEXT and cell(column, record)
    ]


@requires()
@require_POST
def ledger_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """At once, with 撤销 on the next page (E16)."""
    actor, ledger, record = open_record(request, slug, pk, keep=True)
    remove_record(actor=actor, ledger=ledger, record=record, now=clock.now())
    offer_undo(request, f"已删除 1 {ledger.unit}{ledger.noun}。", ledger_url("ledger_restore", ledger, pk))
    return htmx_redirect(request, way_back(request, list_url(ledger)))


@requires()
@require_POST
def ledger_restore(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    actor, ledger, record = open_record(request, slug, pk, keep=True, removed=True)
    restore_record(actor=actor, ledger=ledger, record=record, now=clock.now())
    messages.success(request, f"已恢复{ledger.noun}“{record}”。")
    return htmx_redirect(request, detail_url(ledger, pk))


@requires()
@require_POST
def ledger_upload(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Its signed paper (?purpose=SCAN), or what else belongs to it; rights are asked of the attachment access."""
    _, ledger, record = open_record(request, slug, pk, keep=True)
    return handle_upload(
        request,
        ledger.kind,
        record.pk,
        organization=record.organization,
        back_url=detail_url(ledger, pk),
        purpose=request.GET.get("purpose", ""),
    )


@requires()
@require_http_methods(["GET", "POST"])
def ledger_inline(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The row of a list as a form (E11): saved it is the row again, refused it stays a form (422, 409).

    Without htmx the form is a page of its own and leads back to the list. `?cancel` gives the row back.
    """
    actor, ledger, record = open_record(request, slug, pk, keep=True)
    if not ledger.inline:
        raise Http404
    htmx = request.headers.get("HX-Request") == "true"
    if "cancel" in request.GET:
        return HttpResponse(draw_row(actor, ledger, record)) if htmx else redirect(list_url(ledger))
    form = inline_form(ledger, record, actor, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            typed = {key: form.cleaned_data[key] for key in ledger.inline}
            try:
                update_record(
                    actor=actor,
                    ledger=ledger,
                    record=record,
                    expected_version=form.cleaned_data["version"],
                    values=typed,
                    now=clock.now(),
                    confirm_warnings=True,
                )
            except DomainError as error:
                status = error.status
                form.add_domain_error(error)
            else:
                fresh = get_record(actor, ledger, pk)
                return HttpResponse(draw_row(actor, ledger, fresh)) if htmx else redirect(list_url(ledger))
    context = {
        "ledger": ledger,
        "form": form,
        "record": record,
        "title": cell(ledger.title_column, record),
        "columns": len(table_heads(actor, ledger)) + 2,  # the box before them and the button behind
        "url": ledger_url("ledger_inline", ledger, pk),
        "plain_url": list_url(ledger),
    }
    name = "cultivation/ledgers/_inline_form.html" if htmx else "cultivation/ledgers/inline.html"
    return render(request, name, context, status=status)
