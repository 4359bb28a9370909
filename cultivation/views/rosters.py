"""培育名单 of a year: choose candidates, confirm, take off with a reason; the quota meter beside it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cultivation.enums import EnrollmentState, SubjectKind
from cultivation.forms.targets import RemovalForm
from cultivation.models import CampaignYear, Enrollment, Subject
from cultivation.selectors.subjects import SubjectFilters, list_subjects
from cultivation.selectors.targets import evaluate_year_targets, roster_of
from cultivation.services.enrollments import (
    CHOOSERS,
    CONFIRMERS,
    choose_subjects,
    confirm_enrollments,
    remove_enrollment,
)
from cultivation.views.subjects import READERS
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

COUNTED_KINDS = (
    SubjectKind.ENTERPRISE,
    SubjectKind.INDUSTRIAL_PARK,
    SubjectKind.TOWNSHIP,
    SubjectKind.INDUSTRY_PILOT,
)


def district_for(request: HttpRequest, actor: Actor) -> Organization | None:
    """The district whose page is shown: the actor's own, or the one a city actor picked with ?district=."""
    if actor.district is not None:
        return actor.district
    picked = request.GET.get("district", "")
    if not actor.sees_whole_city or not picked.isdigit():
        return None
    return Organization.objects.districts().filter(pk=picked).first()


def current_year() -> int:
    """The campaign year of today in Shanghai, kept within 2023–2027."""
    return min(max(clock.shanghai_date(clock.now()).year, 2023), 2027)


@requires(*READERS)
@require_GET
def roster(request: HttpRequest, year: int) -> HttpResponse:
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    district = district_for(request, actor)
    if district is None:
        districts = Organization.objects.districts()
        return render(
            request, "cultivation/rosters/districts.html", {"year": campaign_year, "districts": districts}
        )
    today = clock.shanghai_date(clock.now())
    rows = roster_of(actor, year=year, organization=district)
    evaluated = [
        item
        for item in evaluate_year_targets(actor, years=[year], today=today)
        if item.organization.pk == district.pk
    ]
    return render(
        request,
        "cultivation/rosters/roster.html",
        {
            "year": campaign_year,
            "district": district,
            "rows": rows,
            "targets": evaluated[0].targets if evaluated else [],
            "completion": evaluated[0].completion if evaluated else None,
            "candidates": [row for row in rows if row.enrollment.state == EnrollmentState.CANDIDATE],
            "may_choose": actor.role in CHOOSERS,
            "may_confirm": actor.role in CONFIRMERS,
            "years": CampaignYear.objects.all(),
        },
    )


@requires(*CHOOSERS)
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, year: int) -> HttpResponse:
    """Pick subjects for the year: search and filter, tick, add. Ticks survive an error."""
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    district = district_for(request, actor)
    if district is None:
        return redirect("cultivation:roster", year=year)
    kind = request.GET.get("kind", SubjectKind.ENTERPRISE)
    if kind not in SubjectKind.values:
        kind = SubjectKind.ENTERPRISE
    error = ""
    picked: set[int] = set()
    if request.method == "POST":
        picked = {int(value) for value in request.POST.getlist("subject") if value.isdigit()}
        subjects = list(
            Subject.objects.visible_to(actor).filter(pk__in=picked, managing_organization=district)
        )
        if len(subjects) != len(picked):
            raise Http404
        try:
            if not subjects:
                raise DomainError("请先勾选要列入名单的对象。", code="nothing_chosen")
            chosen = choose_subjects(actor=actor, year=campaign_year, subjects=subjects, now=clock.now())
        except DomainError as problem:
            error = problem.message
        else:
            messages.success(request, f"已列入 {len(chosen)} 个候选对象，名单确认后计入目标。")
            return redirect(f"{reverse('cultivation:roster', kwargs={'year': year})}?district={district.pk}")
    filters = SubjectFilters(kind=kind, organization=district.pk, text=request.GET.get("q", "").strip()[:60])
    page = list_subjects(actor, filters, cursor=request.GET.dict(), size=50)
    enrolled = dict(
        Enrollment.objects.filter(
            year=campaign_year, subject_id__in=[row["id"] for row in page.rows]
        ).values_list("subject_id", "state")
    )
    for row in page.rows:
        row["enrolled"] = enrolled.get(row["id"], "")
        row["picked"] = row["id"] in picked
    return render(
        request,
        "cultivation/rosters/choose.html",
        {
            "year": campaign_year,
            "district": district,
            "page": page,
            "kind": kind,
            "kinds": SubjectKind.choices,
            "filters": filters,
            "error": error,
        },
        status=422 if error else 200,
    )


@requires(*CONFIRMERS)
@require_POST
def confirm(request: HttpRequest, year: int) -> HttpResponse:
    """Confirm ticked candidates (or all of them). A foreign id refuses the whole batch."""
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    ids = {int(value) for value in request.POST.getlist("enrollment") if value.isdigit()}
    rows = list(
        Enrollment.objects.visible_to(actor).filter(year=campaign_year, pk__in=ids).select_related("subject")
    )
    if len(rows) != len(ids):
        raise Http404
    try:
        if not rows:
            raise DomainError("没有勾选候选对象。请先勾选，再确认名单。")
        confirmed = confirm_enrollments(actor=actor, enrollments=rows, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"已确认 {len(confirmed)} 个重点培育对象。")
    suffix = f"?district={rows[0].organization_id}" if rows else ""
    return redirect(reverse("cultivation:roster", kwargs={"year": year}) + suffix)


@requires(*CHOOSERS)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    enrollment = get_object_or_404(
        Enrollment.objects.visible_to(actor).select_related("subject", "organization"), pk=pk
    )
    form = RemovalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            remove_enrollment(
                actor=actor, enrollment=enrollment, reason=form.cleaned_data["reason"], now=clock.now()
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"“{enrollment.subject.name}”已调出{enrollment.year_id}年度名单。")
            url = reverse("cultivation:roster", kwargs={"year": enrollment.year_id})
            return redirect(f"{url}?district={enrollment.organization_id}")
    return render(
        request,
        "cultivation/rosters/remove.html",
        {"form": form, "enrollment": enrollment},
        status=422 if request.method == "POST" else 200,
    )
