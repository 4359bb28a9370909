"""The import in the browser (ux E12): template → upload or paste → columns → preview → confirm → result → undo."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cultivation.enums import ImportKindChoice, ImportState
from cultivation.forms.imports import ImportStartForm, mapping_options, read_mapping, sheet_choices
from cultivation.models import ImportBatch, ImportReport
from cultivation.permissions.rosters import CONFIRMERS
from cultivation.rules.imports_errors import group_by_cause
from cultivation.rules.imports_fields import ImportKind, KindSpec
from cultivation.selectors.imports import SUBJECT_KIND, get_batch, list_batches
from cultivation.services.imports import batch_sheets, cancel_import, map_columns, stage_import
from cultivation.services.imports_access import BATCH_FILES
from cultivation.services.imports_examine import visible_sheets
from cultivation.services.imports_files import make_marked_workbook, make_template
from cultivation.services.imports_jobs import begin_check, begin_confirm
from cultivation.services.imports_paste import is_made_up
from cultivation.services.imports_registry import adapter_of, find_adapter
from cultivation.services.imports_report import read_doubts
from cultivation.services.imports_undo import UNDO_TIME, may_still_undo, undo_import
from cultivation.workflows import IMPORTERS
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once, made
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.views.uploads import file_list_context, handle_upload

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KIND_OF_SUBJECT = {subject.value: ImportKind(kind).value for kind, subject in SUBJECT_KIND.items()}
_SHOWN_PER_CAUSE = 50


def load_batch(request: HttpRequest, pk: int) -> tuple[Actor, ImportBatch]:
    """The actor and a batch it may see; a stranger's is 404."""
    actor = actor_of(request)
    batch = get_batch(actor, pk)
    if batch is None:
        raise Http404
    return actor, batch


def _kind_of(text: str) -> str:
    """An import kind from itself or from the kind of subject a list page names; enterprises otherwise."""
    kind = _KIND_OF_SUBJECT.get(text, text)
    return kind if kind in ImportKindChoice.values else ImportKindChoice.ENTERPRISES.value


@requires(*IMPORTERS)
@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    return render(request, "cultivation/imports/list.html", {"batches": list_batches(actor_of(request))})


@requires(*IMPORTERS)
@require_http_methods(["GET", "POST"])
@creates_once
def import_new(request: HttpRequest) -> HttpResponse:
    """② Upload or paste. With our own template the answer is the preview itself (or the job that makes it)."""
    actor = actor_of(request)
    if request.method == "GET":
        form = ImportStartForm(actor=actor, initial={"kind": _kind_of(request.GET.get("kind", ""))})
        return _start_page(request, form, 200)
    form = ImportStartForm(request.POST, request.FILES, actor=actor)
    if form.is_valid() and form.district_chosen is not None:
        batch = stage_posted(actor, form, form.cleaned_data["kind"])
        if batch is not None:
            made(request, reverse("cultivation:import_detail", args=[batch.pk]))
            return check_or_map(request, actor, batch)
    return _start_page(request, form, form.status)


def stage_posted(actor: Actor, form: ImportStartForm, kind: str) -> ImportBatch | None:
    """Keep what was posted; None when it was refused, with the reason on the form."""
    data, filename, pasted = form.content
    chosen = form.district_chosen
    if chosen is None:
        return None
    try:
        return stage_import(
            actor=actor,
            kind=kind,
            organization=chosen,
            data=data,
            filename=filename,
            pasted=pasted,
            backfilled=bool(form.cleaned_data.get("backfilled")),
            source_document=form.cleaned_data.get("source_document") or "",
            now=clock.now(),
        )
    except DomainError as error:
        if error.field == "file" and pasted:
            error.field = "text"
        form.add_domain_error(error)
        form.status = error.status
        return None


def check_or_map(request: HttpRequest, actor: Actor, batch: ImportBatch) -> HttpResponse:
    """④ when every column is sure, else ③."""
    if batch.state == ImportState.MAPPED:
        return _check(request, actor, batch)
    return redirect("cultivation:import_detail", pk=batch.pk)


def _start_page(request: HttpRequest, form: ImportStartForm, status: int) -> HttpResponse:
    kind = _kind_of(str(form.data.get("kind") or form.initial.get("kind") or ""))
    return render(
        request,
        "cultivation/imports/new.html",
        {
            "form": form,
            "kind": kind,
            "kind_label": ImportKindChoice(kind).label,
            "kinds": ImportKindChoice.choices,
            "may_import_rosters": actor_of(request).role in CONFIRMERS,
        },
        status=status,
    )


def _check(request: HttpRequest, actor: Actor, batch: ImportBatch) -> HttpResponse:
    try:
        job = begin_check(actor=actor, batch=batch, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
        job = None
    return (
        redirect("operations:job", uid=job.uid) if job else redirect("cultivation:import_detail", pk=batch.pk)
    )


@requires(*IMPORTERS)
@require_GET
def import_template(request: HttpRequest, kind: str) -> HttpResponse:
    """① The template; a district's own townships are its drop-down."""
    if kind not in ImportKindChoice.values:
        raise Http404
    content = make_template(kind, actor_of(request).district)
    return download(content, f"{ImportKindChoice(kind).label}导入模板.xlsx")


def download(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return HttpResponse(content, content_type=_XLSX, headers=headers)


@requires(*IMPORTERS)
@require_GET
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """③ columns, ⑤ preview or ⑦ result, by the state of the batch."""
    _, batch = load_batch(request, pk)
    return _detail_page(request, batch)


def _detail_page(
    request: HttpRequest, batch: ImportBatch, *, error: str = "", status: int = 200
) -> HttpResponse:
    adapter = find_adapter(batch.kind)
    if adapter is None:
        raise Http404
    context = {
        "batch": batch,
        "kind_label": adapter.spec.label,
        "unit": adapter.spec.unit,
        "error": error,
        "posted": request.POST,
        "list_address": adapter.list_address(),
    }
    if batch.state == ImportState.STAGED:
        return render(
            request,
            "cultivation/imports/mapping.html",
            context | _mapping_context(batch, adapter.spec, request.POST),
            status=status,
        )
    report = ImportReport.objects.filter(batch=batch).first()
    if batch.state == ImportState.MAPPED or report is None:
        context["job"] = Job.objects.filter(uid=batch.job_uid).first() if batch.job_uid else None
        return render(request, "cultivation/imports/waiting.html", context, status=status)
    now = clock.now()
    groups = group_by_cause(read_doubts(report, "errors"), most=_SHOWN_PER_CAUSE)
    context |= {
        "report": report,
        "preview": report.preview,
        "groups": groups,
        "warnings": group_by_cause(read_doubts(report, "warnings"), most=_SHOWN_PER_CAUSE),
        "good_count": batch.created_count + batch.changed_count,
        "may_undo": batch.state == ImportState.CONFIRMED and may_still_undo(batch, now),
        "undo_until": batch.confirmed_at + UNDO_TIME if batch.confirmed_at else None,
        "undo_result": report.undo_result,
        "source_files": file_list_context(BATCH_FILES, batch.pk, editable=batch.state != ImportState.UNDONE),
    }
    name = "preview" if batch.state == ImportState.CHECKED else "result"
    return render(request, f"cultivation/imports/{name}.html", context, status=status)


def _mapping_context(batch: ImportBatch, spec: KindSpec, posted: Mapping[str, str]) -> dict[str, object]:
    """Every sheet with a heading; after an error what was chosen stands as chosen."""
    sheets = visible_sheets(batch_sheets(batch))
    choices = sheet_choices(spec, sheets, batch.mapping)
    if posted:
        choices = sheet_choices(spec, sheets, batch.mapping | read_mapping(choices, posted))
    return {
        "choices": choices,
        "options": list(mapping_options(spec)),
        "made_up": all(is_made_up(column.heading) for sheet in choices for column in sheet.columns),
    }


@requires(*IMPORTERS)
@require_POST
def import_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """③ Keep the choice of columns and go on to the check."""
    actor, batch = load_batch(request, pk)
    try:
        choices = sheet_choices(adapter_of(batch).spec, visible_sheets(batch_sheets(batch)), batch.mapping)
        mapping = read_mapping(choices, request.POST)
        map_columns(actor=actor, batch=batch, mapping=mapping, now=clock.now())
    except DomainError as error:
        return _detail_page(request, batch, error=error.message, status=error.status)
    return _check(request, actor, batch)


@requires(*IMPORTERS)
@require_POST
def import_check(request: HttpRequest, pk: int) -> HttpResponse:
    """④ Check again against the register of now."""
    actor, batch = load_batch(request, pk)
    return _check(request, actor, batch)


@requires(*IMPORTERS)
@require_POST
def import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """⑥ Write. The digest of the preview travels with the form; a register that moved on answers 409."""
    actor, batch = load_batch(request, pk)
    try:
        job = begin_confirm(
            actor=actor,
            batch=batch,
            digest=request.POST.get("digest", ""),
            only_good=request.POST.get("mode") == "only_good",
            code_note=request.POST.get("code_note", ""),
            now=clock.now(),
        )
    except DomainError as error:
        batch.refresh_from_db()
        return _detail_page(request, batch, error=error.message, status=error.status)
    return redirect("operations:job", uid=job.uid) if job else redirect("cultivation:import_detail", pk=pk)


@requires(*IMPORTERS)
@require_POST
def import_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Scans of the stamped source of a batch, kept with it as proof."""
    _, batch = load_batch(request, pk)
    return handle_upload(
        request,
        BATCH_FILES,
        batch.pk,
        organization=batch.organization,
        back_url=reverse("cultivation:import_detail", args=[batch.pk]),
    )


@requires(*IMPORTERS)
@require_POST
def import_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    actor, batch = load_batch(request, pk)
    try:
        cancel_import(actor=actor, batch=batch, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("cultivation:import_detail", pk=pk)
    messages.success(request, "已放弃本次导入，没有写入任何内容。")
    return redirect("cultivation:import_new")


@requires(*IMPORTERS)
@require_POST
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """撤销本批."""
    actor, batch = load_batch(request, pk)
    try:
        undo_import(actor=actor, batch=batch, now=clock.now())
    except DomainError as error:
        return _detail_page(request, batch, error=error.message, status=error.status)
    return redirect("cultivation:import_detail", pk=pk)


@requires(*IMPORTERS)
@require_GET
def import_marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The user's own workbook with 导入结果; ?errors=1: only the rows with errors."""
    _, batch = load_batch(request, pk)
    if not batch.file or not ImportReport.objects.filter(batch=batch).exists():
        raise Http404
    errors_only = request.GET.get("errors") == "1"
    stem = batch.label.rpartition(".")[0] or batch.label
    name = f"{stem}_{'错误行' if errors_only else '导入结果'}.xlsx"
    return download(make_marked_workbook(batch, errors_only=errors_only), name)
