"""The register in the browser: list, create, edit. The record itself is views.subject_pages."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.enums import SizeClass, SubjectKind, SubjectState
from cultivation.forms.subjects import FORMS, subject_initial
from cultivation.models import Subject
from cultivation.rules.industries import division_choices, industry_label
from cultivation.selectors.saved_filters import default_query
from cultivation.selectors.subjects import SubjectFilters, find_duplicates, get_subject, list_subjects
from cultivation.services.subjects import create_subject, update_subject
from cultivation.views.filters import chips_for, list_filters, sort_urls, without
from cultivation.views.ledger_parts import draw_bulk_bar, page_size
from cultivation.views.saved_filters import filter_links
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.once import creates_once, made
from zaozhuang_portal.accounts.selectors.code_tables import (
    OrganizationEntry,
    districts,
    organization_names,
    townships_of,
)
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.rows import address, render_rows

READERS = (
    Role.CITY_OFFICE,
    Role.CITY_MEMBER,
    Role.DISTRICT_OFFICE,
    Role.DISTRICT_MEMBER,
    Role.TOWNSHIP_STAFF,
    Role.INSTRUCTOR,
    Role.LEADER,
)
KEEPERS = (Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER)
CELLS = itemgetter(
    "id", "name", "credit_code", "pilot_year", "managing_organization_id", "township_id", "industry_code", "size_class",
    "employee_count", "contact_name", "state", "backfilled",
)  # fmt: skip
UNITS = {SubjectKind.ENTERPRISE: "家"}
STATES = [(SubjectState.ACTIVE, "在册"), (SubjectState.DEREGISTERED, "已注销")]
SIZE_LABELS = {"": "", **dict(SizeClass.choices)}


def load_subject(request: HttpRequest, pk: int, *, to_read: bool = False) -> tuple[Actor, Subject]:
    """The actor and a subject it looks after (`to_read`: or once did); a stranger's is 404."""
    actor = actor_of(request)
    subject = get_subject(actor, pk, to_read=to_read)
    if subject is None:
        raise Http404
    return actor, subject


@requires(*READERS)
@require_GET
def subject_list(request: HttpRequest) -> HttpResponse:
    """Statements: session, capacity, rows with their count (organization names come from the code table)."""
    actor = actor_of(request)
    filters = list_filters(request.GET)
    page_key = f"subjects:{filters.kind}"
    if not request.GET and (query := default_query(actor, page_key)):
        return redirect(f"{request.path}?{query}")
    chips = chips_for(request.GET, filters)
    page = list_subjects(actor, filters, cursor=request.GET.dict(), size=page_size(request.GET))
    token = get_token(request)
    return render(
        request,
        "cultivation/subjects/list.html",
        {
            "page": page,
            "filters": filters,
            "kind_label": SubjectKind(filters.kind).label,
            "csrf_token": token,
            "actions": list_actions(request, actor, filters, token),
            "filter_bar": filter_bar(actor, filters),
            "table": subject_table(page.rows, filters, sort_urls(request.GET, filters)),
            "bulk_bar": draw_bulk_bar(
                request,
                page,
                unit=UNITS.get(filters.kind, "个"),
                export_url=address("cultivation:register_export"),
            ),
            "chips": chips,
            **filter_links(request, page_key, chips),
            "plain_url": home_of_kind(filters.kind),
            "empty_hint": empty_hint(actor, filters),
        },
    )


def empty_hint(actor: Actor, filters: SubjectFilters) -> str:
    """What this reader can do about an empty register."""
    if actor.role not in KEEPERS:
        return "由所在区（市）三方办公室登记，登记后显示在这里。"
    return "可新增。" if filters.kind == SubjectKind.TOWNSHIP else "可新增，或从Excel导入。"


def filter_bar(actor: Actor, filters: SubjectFilters) -> SafeString:
    district = actor.district
    scope = filters.organization or (district.pk if district else None)
    return render_rows(
        "subject_filters.jinja",
        filters=filters,
        kinds=SubjectKind.choices,
        districts=choices(districts()) if actor.sees_whole_city else [],
        townships=choices(townships_of(scope)) if scope else [],
        sizes=SizeClass.choices,
        industries=division_choices(),
        states=STATES,
    )


def list_actions(request: HttpRequest, actor: Actor, filters: SubjectFilters, token: str) -> SafeString:
    """New, import and export; only keepers write, and townships come with the organization tree, not from a file."""
    keeps = actor.role in KEEPERS
    importable = keeps and filters.kind != SubjectKind.TOWNSHIP
    return render_rows(
        "subject_actions.jinja",
        kind=filters.kind,
        kind_label=SubjectKind(filters.kind).label,
        create_url=reverse("cultivation:subject_create", args=[filters.kind]) if keeps else "",
        import_url=address("cultivation:import_new") if importable else "",
        export_query=without(request.GET, "after", "before", "size"),
        csrf_token=token,
    )


def choices(entries: list[OrganizationEntry]) -> list[tuple[int, str]]:
    return [(entry.pk, entry.name) for entry in entries]


def subject_table(
    rows: list[dict[str, Any]], filters: SubjectFilters, sort_links: Mapping[str, str]
) -> SafeString:
    return render_rows(
        "subjects.jinja",
        rows=map(CELLS, rows),
        kind=filters.kind,
        kind_label=SubjectKind(filters.kind).label,
        sort=filters.sort,
        name_url=sort_links.get("name", ""),
        employee_url=sort_links.get("-employee_count", ""),
        places=organization_names(),
        sizes=SIZE_LABELS,
        industry_label=industry_label,
    )


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
@creates_once
def subject_create(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in FORMS:
        raise Http404
    actor = actor_of(request)
    form = FORMS[kind](request.POST or None, actor=actor, cancel_url=home_of_kind(kind))
    duplicates = []
    if request.method == "POST" and form.is_valid():
        data = form.data_for_service
        duplicates = find_duplicates(
            actor,
            kind=kind,
            name=data["name"],
            credit_code=data.get("credit_code") or "",
            organization_id=data["managing_organization"].pk,
            pilot_year=data.get("pilot_year"),
        )
        likely = [item for item in duplicates if not item.exact]
        try:
            if likely and form.cleaned_data["confirmed_name"] != data["name"]:
                form.data = form.data.copy()
                form.data["confirmed_name"] = data["name"]
                raise DomainError(f"{likely[0].message}如确为另一家，请再次点击保存。", field="name")
            subject = create_subject(actor=actor, kind=kind, data=data, now=clock.now())
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"已保存“{subject.name}”。")
            made(request, reverse("cultivation:subject_detail", args=[subject.pk]))
            if "save_and_add" in request.POST:
                return redirect("cultivation:subject_create", kind=kind)
            return redirect("cultivation:subject_detail", pk=subject.pk)
    return render(
        request,
        "cultivation/subjects/form.html",
        {"form": form, "kind": SubjectKind(kind), "duplicates": duplicates, "kinds": SubjectKind.choices},
        status=422 if request.method == "POST" else 200,
    )


@requires(*KEEPERS, Role.SUBJECT_CONTACT)
@require_http_methods(["GET", "POST"])
def subject_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A stale version answers 409: what was not touched takes the stored value, of what both changed both are shown."""
    actor, subject = load_subject(request, pk)
    back = reverse("cultivation:subject_detail", kwargs={"pk": subject.pk})
    form = FORMS[subject.kind](request.POST or None, actor=actor, subject=subject, cancel_url=back)
    context: dict[str, Any] = {"form": form, "subject": subject, "kind": SubjectKind(subject.kind)}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                update_subject(
                    actor=actor,
                    subject=subject,
                    expected_version=form.cleaned_data.get("version") or 0,
                    data=form.data_for_service,
                    now=clock.now(),
                )
            except ConflictError as error:
                subject.refresh_from_db()
                form.add_domain_error(error)
                context |= form.merge_stored(subject_initial(subject)).context(
                    actor.user.pk, subject.updated_by
                )
                status = error.status
            except DomainError as error:
                form.add_domain_error(error)
            else:
                messages.success(request, "已保存。")
                return redirect("cultivation:subject_detail", pk=subject.pk)
    return render(request, "cultivation/subjects/form.html", context, status=status)


def home_of_kind(kind: str) -> str:
    return f"{address('cultivation:subject_list')}?kind={kind}"
