"""选取: candidates with their groundwork beside them, and the quota as it stands while one ticks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from cultivation.enums import EnrollmentState, SizeClass, SubjectKind, SubjectState
from cultivation.models import CampaignYear, Enrollment, Subject
from cultivation.permissions.rosters import CHOOSERS
from cultivation.rules.industries import division_choices, industry_label
from cultivation.rules.targets import METRIC_KINDS
from cultivation.selectors.rosters import profiles_of, standing_of
from cultivation.selectors.subjects import SubjectFilters, list_subjects
from cultivation.selectors.targets import EvaluatedTarget, evaluate_year_targets
from cultivation.services.enrollments import choose_subjects
from cultivation.views.filters import list_filters
from cultivation.views.rosters import roster_url
from cultivation.views.scope import district_for, posted_ids
from cultivation.views.subjects import choices
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.selectors.code_tables import organization_name, townships_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


@dataclass(frozen=True)
class QuotaMeter:
    """One target while choosing: `base` = confirmed + candidates; `live` when ticks of this page count toward it."""

    evaluated: EvaluatedTarget
    candidates: int
    live: bool

    @property
    def base(self) -> int:
        return self.evaluated.result.actual + self.candidates

    @property
    def gap(self) -> int:
        return max(self.evaluated.result.minimum - self.base, 0)


def _filters(request: HttpRequest, district: Organization) -> SubjectFilters:
    found = list_filters(request.GET)
    return SubjectFilters(
        kind=found.kind,
        organization=district.pk,
        township=found.township,
        size=found.size if found.kind == SubjectKind.ENTERPRISE else "",
        industry=found.industry if found.kind == SubjectKind.ENTERPRISE else "",
        state=SubjectState.ACTIVE,
        text=found.text,
        sort=found.sort,
    )


def _meters(actor: Actor, year: int, district: Organization, kind: str) -> list[QuotaMeter]:
    waiting: Counter[str] = Counter(
        dict(
            Enrollment.objects.filter(
                year_id=year, organization=district, state=EnrollmentState.CANDIDATE, is_key=True
            )
            .order_by()
            .values_list("subject__kind")
            .annotate(n=Count("pk"))
        )
    )
    today = clock.shanghai_date(clock.now())
    return [
        QuotaMeter(
            item,
            sum(waiting[k] for k in METRIC_KINDS[item.target.metric]),
            kind in METRIC_KINDS[item.target.metric],
        )
        for group in evaluate_year_targets(actor, years=[year], today=today)
        if group.organization.pk == district.pk
        for item in group.targets
    ]


def _add(request: HttpRequest, actor: Actor, year: CampaignYear, district: Organization) -> int:
    """Take the ticked subjects as candidates. A foreign id is 404; DomainError for nothing ticked."""
    picked = posted_ids(request, "subject")
    subjects = list(Subject.objects.visible_to(actor).filter(pk__in=picked, managing_organization=district))
    if len(subjects) != len(picked):
        raise Http404
    if not subjects:
        raise DomainError("请先勾选要列入名单的对象。", code="nothing_chosen")
    return len(choose_subjects(actor=actor, year=year, subjects=subjects, now=clock.now()))


@requires(*CHOOSERS)
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, year: int) -> HttpResponse:
    """Search and filter, compare, tick, add. Ticks survive an error."""
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    district = district_for(request, actor)
    if district is None:
        return redirect("cultivation:roster", year=year)
    error = ""
    if request.method == "POST":
        try:
            count = _add(request, actor, campaign_year, district)
        except DomainError as problem:
            error = problem.message
        else:
            messages.success(request, f"已列入 {count} 个候选对象，名单确认后计入目标。")
            return redirect(roster_url(year, district.pk))
    filters = _filters(request, district)
    page = list_subjects(actor, filters, cursor=request.GET.dict(), size=50)
    ids = [row["id"] for row in page.rows]
    profiles = profiles_of(ids)
    standing, continued = standing_of(ids, year=year)
    picked = posted_ids(request, "subject")
    for row in page.rows:
        pk = row["id"]
        row["groundwork"], row["labor_status"] = profiles.get(pk, ("", ""))
        row["enrolled"] = standing.get(pk, "")
        row["last_year"] = pk in continued
        row["picked"] = pk in picked
        row["size"] = SizeClass(row["size_class"]).label if row["size_class"] else ""
        row["industry"] = industry_label(row["industry_code"])
        row["place"] = organization_name(row["township_id"])
    return render(
        request,
        "cultivation/rosters/choose.html",
        {
            "year": campaign_year,
            "last_year": year - 1,
            "district": district,
            "page": page,
            "kind": filters.kind,
            "kinds": SubjectKind.choices,
            "filters": filters,
            "townships": choices(townships_of(district.pk)),
            "sizes": SizeClass.choices,
            "industries": division_choices(),
            "meters": _meters(actor, year, district, filters.kind),
            "error": error,
        },
        status=422 if error else 200,
    )
