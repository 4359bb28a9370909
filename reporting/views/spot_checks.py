"""抽查与整改 of the city's year: the chapter on screen and as a Word file, from the figures of the dashboards."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from cultivation.models import CampaignYear
from evaluation.permissions.roles import ROUND_PUBLISHERS
from reporting.rules.city_spot_checks import compose_city_chapter
from reporting.rules.report_content import ReportContent
from reporting.selectors.spot_checks import spot_check_figures
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.selectors.code_tables import districts
from zaozhuang_portal.kernel import clock

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _content(year: int) -> ReportContent:
    """Statements: 4 for the city and 4 for each of the seven."""
    held = get_object_or_404(CampaignYear, pk=year)
    today = clock.shanghai_date(clock.now())
    if held.period_start > today:
        raise Http404
    city = spot_check_figures(year=year, organization=None, as_of=today)
    units = [
        (one.name, spot_check_figures(year=year, organization=one, as_of=today))
        for one in Organization.objects.filter(level=Level.DISTRICT).order_by("sort_order", "code")
    ]
    return compose_city_chapter(year, city, units, as_of=today.isoformat())


@requires(*ROUND_PUBLISHERS)
@require_GET
def city_chapter(request: HttpRequest, year: int) -> HttpResponse:
    content = _content(year)
    begun = CampaignYear.objects.filter(period_start__lte=clock.shanghai_date(clock.now()))
    years = sorted(begun.values_list("pk", flat=True))
    context = {"content": content, "year": year, "years": years, "noted_units": districts()}
    return render(request, "reporting/reports/city_spot_checks.html", context)


@requires(*ROUND_PUBLISHERS)
@require_GET
def city_chapter_docx(request: HttpRequest, year: int) -> HttpResponse:
    """The same content on paper."""
    from reporting.documents.docx import render_docx

    content = _content(year)
    headers = {"Content-Disposition": content_disposition_header(True, f"{content.title}.docx") or ""}
    return HttpResponse(render_docx(content, draft=True), content_type=DOCX, headers=headers)
