"""培育名单 of a year: the list with its quota meter, confirmation, changes with a reason, the paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cultivation.enums import EnrollmentState, RosterState, SubjectKind
from cultivation.forms.targets import RemovalForm
from cultivation.models import CampaignYear, Enrollment
from cultivation.permissions.rosters import CHOOSERS, CONFIRMERS
from cultivation.rules.countersignatures import SeatStanding
from cultivation.selectors.countersignatures import countersignature_panel
from cultivation.selectors.rosters import roster_changes, roster_for, roster_overview
from cultivation.selectors.targets import evaluate_year_targets, roster_of
from cultivation.services.enrollments import confirm_enrollments, remove_enrollment
from cultivation.services.rosters import ADDING_EXAMPLE, set_roster_document
from cultivation.views.scope import current_year, district_for, posted_ids
from cultivation.views.subjects import READERS
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

__all__ = ["current_year", "district_for"]
OWED = (SeatStanding.UNSIGNED, SeatStanding.STALE)
# The offices that countersign, and those who read what they signed.
SIGNED_FOR = (Role.CITY_OFFICE, Role.CITY_MEMBER, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER, Role.LEADER)


def roster_url(year: int, district_id: int) -> str:
    return f"{reverse('cultivation:roster', kwargs={'year': year})}?district={district_id}"


@requires(*READERS)
@require_GET
def roster_home(request: HttpRequest) -> HttpResponse:
    """The menu's entry: the running year."""
    return redirect("cultivation:roster", year=current_year())


@requires(*READERS)
@require_GET
def roster(request: HttpRequest, year: int) -> HttpResponse:
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    district = district_for(request, actor)
    if district is None:
        today = clock.shanghai_date(clock.now())
        return render(
            request,
            "cultivation/rosters/districts.html",
            {
                "year": campaign_year,
                "years": CampaignYear.objects.all(),
                "lines": roster_overview(actor, year=year, today=today),
                "may_confirm": actor.role in CONFIRMERS,
            },
        )
    return _roster_page(request, actor, campaign_year, district)


def _roster_page(
    request: HttpRequest,
    actor: Actor,
    year: CampaignYear,
    district: Organization,
    error: DomainError | None = None,
) -> HttpResponse:
    """The list of one district; with `error` what was ticked and typed for the confirmation stays."""
    rows = roster_of(actor, year=year.pk, organization=district)
    evaluated = [
        item
        for item in evaluate_year_targets(actor, years=[year.pk], today=clock.shanghai_date(clock.now()))
        if item.organization.pk == district.pk
    ]
    paper = roster_for(year=year.pk, organization=district)
    context: dict[str, Any] = {
        "year": year,
        "district": district,
        "rows": rows,
        "roster": paper,
        "is_confirmed": paper is not None and paper.state == RosterState.CONFIRMED,
        "changes": roster_changes(actor, paper),
        "panel": countersignature_panel(actor, roster=paper) if paper and actor.role in SIGNED_FOR else None,
        "targets": evaluated[0].targets if evaluated else [],
        "completion": evaluated[0].completion if evaluated else None,
        "candidates": [row for row in rows if row.enrollment.state == EnrollmentState.CANDIDATE],
        "may_choose": actor.role in CHOOSERS,
        "may_confirm": actor.role in CONFIRMERS,
        "years": CampaignYear.objects.all(),
        "error": error,
        "errors": [(_box_of(request, error), error.message)] if error else [],
        "adding_example": ADDING_EXAMPLE,
        "ticked": posted_ids(request, "enrollment") if error else None,
        "typed": request.POST,
    }
    return render(request, "cultivation/rosters/roster.html", context, status=error.status if error else 200)


def _box_of(request: HttpRequest, error: DomainError) -> str:
    """Where the summary leads: both forms of the page have a number."""
    number = "f-document" if "enrollment" in request.POST else "f-number"
    return {"reason": "f-reason", "document_number": number}.get(error.field, "")


@requires(*CONFIRMERS)
@require_POST
def confirm(request: HttpRequest, year: int) -> HttpResponse:
    """Confirm ticked candidates. A foreign id refuses the whole batch; a refusal keeps ticks and words."""
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    ids = posted_ids(request, "enrollment")
    rows = list(
        Enrollment.objects.visible_to(actor).filter(year=campaign_year, pk__in=ids).select_related("subject")
    )
    if len(rows) != len(ids):
        raise Http404
    try:
        if not rows:
            raise DomainError("没有勾选候选对象。请先勾选，再确认名单。", code="nothing_chosen")
        confirmed = confirm_enrollments(
            actor=actor,
            enrollments=rows,
            reason=request.POST.get("reason", ""),
            document_number=request.POST.get("document_number", ""),
            now=clock.now(),
        )
    except DomainError as error:
        district = district_for(request, actor) or _district_of(rows)
        if district is None:
            messages.error(request, error.message)
            return redirect("cultivation:roster", year=year)
        return _roster_page(request, actor, campaign_year, district, error)
    messages.success(request, f"已确认 {len(confirmed)} 个重点培育对象。")
    if any(row.subject.kind == SubjectKind.INDUSTRY_PILOT for row in rows):
        _warn_of_targets(request, actor, year)
    return redirect(roster_url(year, rows[0].organization_id))


def _warn_of_targets(request: HttpRequest, actor: Actor, year: int) -> None:
    """More pilots than the notice names is a warning where it happens, and never a bar (C078)."""
    for line in evaluate_year_targets(actor, years=[year], today=clock.shanghai_date(clock.now())):
        for item in line.targets:
            if item.result.warning:
                words = f"{line.organization.name}{year}年度{item.target.get_metric_display()}"
                messages.warning(request, f"{words}：{item.result.warning}")


def _district_of(rows: list[Enrollment]) -> Organization | None:
    return Organization.objects.filter(pk=rows[0].organization_id).first() if rows else None


@requires(*CONFIRMERS)
@require_POST
def document(request: HttpRequest, year: int) -> HttpResponse:
    """The number under which the confirmed roster was issued."""
    actor = actor_of(request)
    district = district_for(request, actor)
    paper = roster_for(year=year, organization=district) if district else None
    if paper is None or district is None:
        raise Http404
    try:
        set_roster_document(
            actor=actor,
            roster=paper,
            document_number=request.POST.get("document_number", ""),
            now=clock.now(),
        )
    except DomainError as error:
        return _roster_page(request, actor, paper.year, district, error)
    messages.success(request, "已保存名单文号。")
    return redirect(roster_url(year, district.pk))


@requires(*CHOOSERS)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    enrollment = get_object_or_404(
        Enrollment.objects.visible_to(actor).select_related("subject", "organization"), pk=pk
    )
    back = roster_url(enrollment.year_id, enrollment.organization_id)
    form = RemovalForm(request.POST or None, cancel_url=back)
    if enrollment.state != EnrollmentState.CONFIRMED:
        del form.fields["document_number"]
    if request.method == "POST" and form.is_valid():
        try:
            remove_enrollment(actor=actor, enrollment=enrollment, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"“{enrollment.subject.name}”已调出{enrollment.year_id}年度名单。")
            return redirect(back)
    return render(
        request,
        "cultivation/rosters/remove.html",
        {"form": form, "enrollment": enrollment},
        status=422 if request.method == "POST" else 200,
    )


@requires(*READERS)
@require_GET
def paper(request: HttpRequest, year: int) -> HttpResponse:
    """The roster on A4. Not yet countersigned: it says so, seat by seat, and prints all the same."""
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    district = district_for(request, actor)
    if district is None:
        return redirect("cultivation:roster", year=year)
    printed = roster_for(year=year, organization=district)
    rows = roster_of(actor, year=year, organization=district)
    panel = countersignature_panel(actor, roster=printed) if printed else None
    return render(
        request,
        "cultivation/rosters/paper.html",
        {
            "year": campaign_year,
            "district": district,
            "roster": printed,
            "is_confirmed": printed is not None and printed.state == RosterState.CONFIRMED,
            "rows": [row for row in rows if row.enrollment.state == EnrollmentState.CONFIRMED],
            "changes": roster_changes(actor, printed),
            "panel": panel,
            "unsigned": [line for line in panel.lines if line.standing in OWED] if panel else [],
            "only_own_place": actor.role == Role.TOWNSHIP_STAFF,
            "printed_at": clock.now(),
        },
    )
