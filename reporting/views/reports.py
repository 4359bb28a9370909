"""The November report in the browser: list, editor, documents, workflow."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cultivation.models import CampaignYear
from cultivation.rules.calendar import YEARS, campaign_year_of, year_at_hand
from evaluation.permissions.roles import ROUND_PUBLISHERS
from reporting.documents.text import places_without_glyph
from reporting.forms.reports import CityReturnForm, NarrativeForm, PointsForm, ReturnForm, word_key
from reporting.models import AnnualReport, NarrativeSection
from reporting.permissions import SCANS, readable_reports
from reporting.rules.annual_report import compose_report, content_gaps
from reporting.rules.cutoffs import cutoff_words
from reporting.rules.differences import find_differences
from reporting.rules.narrative import GAPS, SKELETON
from reporting.selectors.figures import collect_figures
from reporting.selectors.filings import due_of_next, filings_of, refuse_step, steps_of
from reporting.selectors.report_points import ASKING, asked_points, points_of
from reporting.selectors.reports import document_jobs, filing_overview, may_backfill, past_gaps
from reporting.selectors.todos import report_identity
from reporting.services.annual_reports import (
    figures_of,
    move_report,
    open_report,
    refresh_figures,
    save_narrative,
)
from reporting.services.backfilled_reports import may_correct
from reporting.services.report_documents import (
    FORMATS,
    JOB_KIND,
    paper_day,
    provenance_of,
    request_documents,
)
from reporting.services.report_explanations import Unexplained
from reporting.workflows import ANNUAL_REPORT
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.conflicts import who_saved
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.operations.selectors.todos import reminders_of
from zaozhuang_portal.operations.views.uploads import file_list_context

DISTRICT = (Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER)
READERS = (Role.CITY_OFFICE, Role.CITY_MEMBER, Role.LEADER, *DISTRICT)
MOVERS = (Role.CITY_OFFICE, *DISTRICT)
# Actions that ask for a written comment on a page of their own.
COMMENTED = {"return_for_changes", "send_back"}
# Days offered for filing again after a return of the city.
DAYS_TO_MEND = timedelta(days=10)


def _load(request: HttpRequest, pk: int, *, content: bool = True) -> tuple[Actor, AnnualReport]:
    """The report: with `content` only if the actor may read what it says."""
    actor = actor_of(request)
    reports = readable_reports(actor) if content else AnnualReport.objects.visible_to(actor)
    report = get_object_or_404(
        reports.select_related(
            "year", "organization", "snapshot", "prepared_by", "reviewed_by", "submitted_by"
        ),
        pk=pk,
    )
    return actor, report


def _year(request: HttpRequest) -> int:
    return campaign_year_of(request.GET.get("year")) or year_at_hand(clock.shanghai_date(clock.now()))


# What entries of a report name besides its own columns.
CHANGE_LABELS = {
    "late": "逾期报送",
    "filed_on": "报送日期",
    "source_document": "盖章件文号（来源）",
    "return_due_on": "再次报送期限",
}


@requires(*READERS)
@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    year = get_object_or_404(CampaignYear, pk=_year(request))
    overview = filing_overview(actor, year=year, now=clock.now())
    told = reminders_of(
        report_identity(year.pk, row.organization.pk) for row in overview.rows if not row.filed
    )
    return render(
        request,
        "reporting/reports/list.html",
        {
            "overview": overview,
            "rows": [(row, told.get(report_identity(year.pk, row.organization.pk))) for row in overview.rows],
            "may_remind": actor.role == Role.CITY_OFFICE and overview.filed < len(overview.rows),
            "may_read_checks": actor.role in ROUND_PUBLISHERS
            and year.period_start <= clock.shanghai_date(clock.now()),
            "year": year,
            "years": YEARS,
            "may_write": actor.role in DISTRICT,
            "gaps": past_gaps(actor, overview, today=clock.shanghai_date(clock.now())),
            "may_backfill": may_backfill(actor, year, today=clock.shanghai_date(clock.now())),
            "may_ask": actor.role == Role.DISTRICT_OFFICE and year.in_use,
        },
    )


@requires(*DISTRICT)
@require_http_methods(["GET", "POST"])
@creates_once
def report_current(request: HttpRequest, year: int) -> HttpResponse:
    """The district's report of the year. GET shows it or offers to begin; POST begins."""
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    report = AnnualReport.objects.visible_to(actor).filter(year=campaign_year).first()
    if report is None and request.method == "POST" and actor.district is not None:
        report = open_report(actor=actor, year=campaign_year, organization=actor.district, now=clock.now())
    if report is not None:
        return redirect("reporting:report_detail", pk=report.pk)
    return render(
        request,
        "reporting/reports/start.html",
        {
            "year": campaign_year,
            "district": actor.district,
            "not_begun": clock.shanghai_date(clock.now()) < campaign_year.period_start,
        },
    )


@requires(*READERS)
@require_GET
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor, report = _load(request, pk)
    now = clock.now()
    figures = figures_of(report.snapshot)
    sections = {section.key: section for section in report.sections.select_related("updated_by")}
    narrative = {key: section.text for key, section in sections.items()}
    content = compose_report(figures, narrative, date=paper_day(report, now).isoformat())
    current = collect_figures(
        year=report.year,
        organization=report.organization,
        as_of=clock.shanghai_date(now),
        made_on=clock.shanghai_date(now),
    )
    editable = report.state == "DRAFT" and actor.role in DISTRICT and not report.backfilled
    scans = file_list_context(SCANS, report.pk, editable=actor.role in DISTRICT)
    return render(
        request,
        "reporting/reports/detail.html",
        {
            "report": report,
            "figures": figures,
            "content": content,
            "cutoff": cutoff_words(figures),
            "parts": [
                (part, sections.get(part.key) if part.key in GAPS else None) for part in content.sections
            ],
            "gaps": content_gaps(content),
            "points": [] if report.backfilled else points_of(report, figures),
            "boxes": places_without_glyph(content),
            "differences": find_differences(figures, current),
            "actions": steps_of(report, actor, now),
            "filings": filings_of(report),
            "jobs": document_jobs(actor, report, kind=JOB_KIND),
            "formats": FORMATS,
            "timeline": timeline_of("AnnualReport", report.pk, labels=CHANGE_LABELS),
            "provenance": provenance_of(report) if report.backfilled else "",
            "may_correct": actor.role in DISTRICT and may_correct(report),
            **scans,
            "editable_files": scans["editable"],
            "editable": editable,
        },
    )


@requires(*READERS)
@require_GET
def report_jobs(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment the page polls while documents are being made."""
    actor, report = _load(request, pk)
    return render(
        request,
        "reporting/reports/_jobs.html",
        {"report": report, "jobs": document_jobs(actor, report, kind=JOB_KIND), "formats": FORMATS},
    )


@requires(*DISTRICT)
@require_http_methods(["GET", "POST"])
def narrative_edit(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Edit one section. A stale revision answers 409 with both texts; the typed one stays in the box."""
    actor, report = _load(request, pk)
    if key not in GAPS:
        raise Http404
    section = get_object_or_404(NarrativeSection.objects.select_related("updated_by"), report=report, key=key)
    form = NarrativeForm(request.POST or None, initial={"text": section.text, "revision": section.revision})
    status = 200
    theirs = None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                save_narrative(
                    actor=actor,
                    report=report,
                    key=key,
                    text=form.cleaned_data["text"],
                    expected_revision=form.cleaned_data["revision"],
                    now=clock.now(),
                )
            except ConflictError as error:
                form.add_domain_error(error)
                section.refresh_from_db()
                theirs = section
                form.data = form.data.copy()
                form.data["revision"] = str(section.revision)
                status = error.status
            except DomainError as error:
                form.add_domain_error(error)
                status = error.status
            else:
                messages.success(request, "已保存。")
                return redirect(f"{report_url(report)}#part-{key}")
    return render(
        request,
        "reporting/reports/narrative.html",
        {
            "form": form,
            "report": report,
            "key": key,
            "heading": SKELETON[key][1],
            "hint": GAPS[key],
            "theirs": theirs,
            "theirs_by": who_saved(actor.user.pk, theirs.updated_by) if theirs else "",
        },
        status=status,
    )


def report_url(report: AnnualReport) -> str:
    return reverse("reporting:report_detail", kwargs={"pk": report.pk})


@requires(*DISTRICT)
@require_POST
def report_refresh(request: HttpRequest, pk: int) -> HttpResponse:
    actor, report = _load(request, pk)
    try:
        snapshot = refresh_figures(actor=actor, report=report, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"数据已更新，截至 {snapshot.as_of}。")
    return redirect("reporting:report_detail", pk=pk)


@requires(*READERS)
@require_POST
def report_documents(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for one file or all three; each is a job of its own."""
    actor, report = _load(request, pk)
    formats = [name for name in request.POST.getlist("format") if name] or list(FORMATS)
    try:
        request_documents(actor=actor, report=report, formats=formats, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "已开始生成，可离开本页，完成后在下载中心领取。")
    return redirect(f"{report_url(report)}#documents")


def _late_words(report: AnnualReport) -> str:
    """What is said of a filing that came after its day."""
    filing = filings_of(report)[-1]
    if not filing.past_due:
        return ""
    return f"（已过 {filing.due_on} 24时的{'再次报送期限' if filing.after_return else '报送期限'}，如实标明）"


@requires(*MOVERS)
@require_http_methods(["GET", "POST"])
def report_move(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Confirm page (GET) and act (POST) of one step: what will happen, the summary, a comment where one is owed."""
    actor, report = _load(request, pk)
    transition = next((t for t in ANNUAL_REPORT.transitions if t.action == action), None)
    if transition is None:
        raise Http404
    form_class = CityReturnForm if action == "send_back" else ReturnForm
    form = form_class(
        request.POST if request.method == "POST" else None,
        initial={"due_on": clock.shanghai_date(clock.now()) + DAYS_TO_MEND},
    )
    figures = figures_of(report.snapshot)
    asked = asked_points(report, figures, action)
    points = PointsForm(request.POST if request.method == "POST" else None, points=asked)
    error = ""
    status = 200
    if request.method == "POST":
        valid = form.is_valid()
        try:
            if not valid and action in COMMENTED:
                raise DomainError("请更正下面标出的内容。", code="form")
            move_report(
                actor=actor,
                report=report,
                action=action,
                comment=form.cleaned_data.get("comment", ""),
                due_on=form.cleaned_data.get("due_on"),
                now=clock.now(),
                words={row.point.code: request.POST.get(word_key(row.point.code), "") for row in asked},
            )
        except Unexplained as problem:
            error, status = problem.message, problem.status
            points.is_valid()
            for code, message in problem.missing.items():
                if word_key(code) in points.fields and word_key(code) not in points.errors:
                    points.add_error(word_key(code), message)
            report.refresh_from_db()
        except DomainError as problem:
            error, status = problem.message, problem.status
            if valid:
                form.add_domain_error(problem)
            report.refresh_from_db()
        else:
            late = _late_words(report) if action == "submit" else ""
            messages.success(request, f"已{transition.label}{late}。")
            if actor.is_city and action == "send_back":
                return redirect(f"{reverse('reporting:report_list')}?year={report.year_id}")
            return redirect("reporting:report_detail", pk=pk)
    narrative = dict(report.sections.values_list("key", "text"))
    content = compose_report(figures, narrative, date=clock.shanghai_date(clock.now()).isoformat())
    return render(
        request,
        "reporting/reports/move.html",
        {
            "report": report,
            "transition": transition,
            "form": form,
            "commented": action in COMMENTED,
            "error": error,
            "gaps": content_gaps(content),
            "possible": transition in steps_of(report, actor, clock.now()),
            "closed": refuse_step(report, action, clock.now()),
            "due": due_of_next(report) if action == "submit" else None,
            "points": points if asked else None,
            "said": [row for row in asked if row.word],
            "jobs": document_jobs(actor, report, kind=JOB_KIND) if action in ASKING else [],
        },
        status=status,
    )
