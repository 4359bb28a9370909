"""参与创建: mark many at once, and the coverage with its gaps by name."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from cultivation.enums import SizeClass, SubjectKind
from cultivation.models import CampaignYear
from cultivation.permissions.rosters import CHOOSERS
from cultivation.rules.industries import division_choices, industries_by_code, industry_label
from cultivation.selectors.participation import (
    JOINED,
    MISSING,
    coverage_report,
    list_participation,
    participation_subjects,
)
from cultivation.selectors.subjects import SubjectFilters
from cultivation.services.participation import join_pasted, join_subjects, leave_campaign
from cultivation.views.filters import list_filters
from cultivation.views.scope import district_for, posted_ids
from cultivation.views.subjects import READERS, choices
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.selectors.code_tables import districts, organization_name, townships_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

STANDINGS = ((JOINED, "已参与"), (MISSING, "未参与"))


def _narrowed(request: HttpRequest) -> tuple[SubjectFilters, str, str]:
    """(filters, standing, section) of the address: what the list shows and what 「全部」 means."""
    filters = list_filters(request.GET)
    standing = request.GET.get("standing", "")
    section = request.GET.get("section", "")
    known = industries_by_code().get(section)
    return (
        SubjectFilters(
            kind=SubjectKind.ENTERPRISE,
            organization=filters.organization,
            township=filters.township,
            size=filters.size,
            industry=filters.industry,
            text=filters.text,
            sort=filters.sort,
        ),
        standing if standing in (JOINED, MISSING) else "",
        section if known is not None and not known.parent else "",
    )


def _page(
    request: HttpRequest,
    actor: Actor,
    year: CampaignYear,
    *,
    error: DomainError | None = None,
    unmatched: Any = (),
) -> HttpResponse:
    filters, standing, section = _narrowed(request)
    page = list_participation(
        actor, filters, year=year.pk, standing=standing, section=section, cursor=request.GET.dict()
    )
    picked = posted_ids(request, "subject")
    for row in page.rows:
        row["place"] = organization_name(row["township_id"]) or organization_name(
            row["managing_organization_id"]
        )
        row["size"] = SizeClass(row["size_class"]).label if row["size_class"] else "未划分"
        row["industry"] = industry_label(row["industry_code"])
        row["picked"] = row["id"] in picked
    scope = filters.organization or (actor.district.pk if actor.district else None)
    context = {
        "year": year,
        "page": page,
        "filters": filters,
        "standing": standing,
        "standings": STANDINGS,
        "section": section,
        "section_name": industries_by_code()[section].label if section else "",
        "sizes": SizeClass.choices,
        "industries": division_choices(),
        "districts": choices(districts()) if actor.sees_whole_city else [],
        "townships": choices(townships_of(scope)) if scope else [],
        "may_mark": actor.role in CHOOSERS,
        "error": error,
        "typed": request.POST,
        "unmatched": unmatched,
    }
    return render(
        request, "cultivation/participation/list.html", context, status=error.status if error else 200
    )


@requires(*READERS)
@require_GET
def participation(request: HttpRequest, year: int) -> HttpResponse:
    actor = actor_of(request)
    return _page(request, actor, get_object_or_404(CampaignYear, pk=year))


@requires(*CHOOSERS)
@require_POST
def mark(request: HttpRequest, year: int) -> HttpResponse:
    """`act` is join, join_all (everything the filters of the address name), leave or paste."""
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    act = request.POST.get("act", "")
    now = clock.now()
    try:
        if act == "leave":
            count = leave_campaign(
                actor=actor,
                year=campaign_year,
                subject_ids=posted_ids(request, "subject"),
                reason=request.POST.get("reason", ""),
                now=now,
            )
            messages.success(request, f"已取消 {count} 家企业的参与创建登记。")
            return redirect(_back(request, year))
        if act == "paste":
            outcome = join_pasted(actor=actor, year=campaign_year, text=request.POST.get("text", ""), now=now)
        else:
            outcome = join_subjects(
                actor=actor, year=campaign_year, subject_ids=_chosen(request, actor, year, act), now=now
            )
    except DomainError as error:
        return _page(request, actor, campaign_year, error=error)
    if outcome.joined or outcome.already:
        already = f"，另有 {outcome.already} 家此前已登记" if outcome.already else ""
        messages.success(request, f"已登记 {outcome.joined} 家企业参与创建{already}。")
    if outcome.unmatched:
        problem = DomainError(
            f"有 {len(outcome.unmatched)} 行没有对上，改好后再粘贴这些行即可。", field="text"
        )
        return _page(request, actor, campaign_year, error=problem, unmatched=outcome.unmatched)
    return redirect(_back(request, year))


def _chosen(request: HttpRequest, actor: Actor, year: int, act: str) -> set[int]:
    if act != "join_all":
        return posted_ids(request, "subject")
    filters, _, section = _narrowed(request)
    missing = participation_subjects(actor, filters, year=year, standing=MISSING, section=section)
    return set(missing.values_list("pk", flat=True))


def _back(request: HttpRequest, year: int) -> str:
    query = {key: value for key, value in request.GET.items() if key != "page"}
    return f"{reverse('cultivation:participation', kwargs={'year': year})}?{urlencode(query)}"


@requires(*READERS)
@require_GET
def coverage(request: HttpRequest, year: int) -> HttpResponse:
    """Numerator ÷ denominator by size, industry, township and district; each number opens its list."""
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    district = district_for(request, actor)
    report = coverage_report(actor, year=year, district_id=district.pk if district else None)
    listed = reverse("cultivation:participation", kwargs={"year": year})
    base = {"district": str(district.pk)} if district and actor.sees_whole_city else {}

    def table(title: str, rows: Any) -> dict[str, Any]:
        return {"title": title, "rows": [_linked(row, listed, base) for row in rows]}

    tables = [
        table("按规模", report.by_size),
        table("按行业门类", report.by_section),
    ]
    if report.by_district:
        tables.insert(0, table("按区（市）", report.by_district))
    return render(
        request,
        "cultivation/participation/coverage.html",
        {
            "year": campaign_year,
            "years": CampaignYear.objects.all(),
            "district": district,
            "picks_district": actor.sees_whole_city,
            "report": report,
            "tables": tables,
            "townships": table("按乡镇（街道）、园区", report.by_township),
            "all_url": f"{listed}?{urlencode(base)}",
            "missing_url": f"{listed}?{urlencode({**base, 'standing': MISSING})}",
            "may_open_list": actor.role != Role.SUBJECT_CONTACT,
        },
    )


def _linked(row: Any, listed: str, base: dict[str, str]) -> dict[str, Any]:
    query = {**base, row.key: row.value} if row.key else {}
    return {
        "label": row.label,
        "coverage": row.coverage,
        "joined_url": f"{listed}?{urlencode({**query, 'standing': JOINED})}" if query else "",
        "all_url": f"{listed}?{urlencode(query)}" if query else "",
        "missing_url": f"{listed}?{urlencode({**query, 'standing': MISSING})}" if query else "",
    }
