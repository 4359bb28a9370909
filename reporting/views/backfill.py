"""历史补录 of a stamped annual report: one form with its scan, and more scans later."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cultivation.enums import BackfillMatter
from cultivation.models import CampaignYear
from cultivation.selectors.backfill import YEAR_IN_USE, consent_of
from reporting.forms.reports import BackfillForm, CorrectBackfillForm
from reporting.models import AnnualReport
from reporting.permissions import SCANS
from reporting.services.backfilled_reports import (
    backfill_report,
    correct_backfilled_report,
    may_correct,
)
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.once import creates_once, made
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.views.uploads import handle_upload, receive_uploads

DISTRICT = (Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER)


@requires(*DISTRICT)
@require_http_methods(["GET", "POST"])
@creates_once
def report_backfill(request: HttpRequest, year: int) -> HttpResponse:
    """A refused scan does not lose the rest: the report is recorded and its page asks for the scan again."""
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    district = actor.district
    if district is None:
        raise Http404
    back = f"{reverse('reporting:report_list')}?year={year}"
    consent = consent_of(campaign_year, district.pk, BackfillMatter.ANNUAL_REPORT)
    closed = (
        YEAR_IN_USE.format(year=campaign_year, matter=BackfillMatter.ANNUAL_REPORT.after_year)
        if campaign_year.in_use and consent is None
        else ""
    )
    form = BackfillForm(
        request.POST or None,
        request.FILES or None,
        cancel_url=back,
        paper_on=consent.paper_on if consent else None,
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            report = backfill_report(
                actor=actor,
                year=campaign_year,
                organization=district,
                filed_on=data["filed_on"],
                source_document=data["source_document"],
                signed_by=data["signed_by"],
                now=clock.now(),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            made(request, reverse("reporting:report_detail", args=[report.pk]))
            outcome = receive_uploads(request, SCANS, report.pk, organization=district, field_name="scan")
            for refusal in outcome.refusals:
                messages.error(
                    request,
                    f"报告已补录，但扫描件“{refusal.name}”没有收下：{refusal.message}请在本页重新上传。",
                )
            if not outcome.refusals:
                messages.success(request, f"{campaign_year}报告已补录，等待市三方委员会办公室确认收到。")
            return redirect("reporting:report_detail", pk=report.pk)
    return render(
        request,
        "reporting/reports/backfill.html",
        {
            "form": form,
            "year": campaign_year,
            "district": district,
            "closed": closed if request.method != "POST" else "",
        },
        status=422 if request.method == "POST" else 200,
    )


@requires(*DISTRICT)
@require_http_methods(["GET", "POST"])
def report_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """更正补录: day, document number and signer as the paper has them, until the city received it."""
    actor = actor_of(request)
    report = get_object_or_404(
        AnnualReport.objects.visible_to(actor).filter(backfilled=True).select_related("year", "organization"),
        pk=pk,
    )
    initial = {
        "filed_on": clock.shanghai_date(report.first_filed_at) if report.first_filed_at else None,
        "source_document": report.source_document,
        "signed_by": report.signed_by,
    }
    back = reverse("reporting:report_detail", kwargs={"pk": pk})
    form = CorrectBackfillForm(request.POST or None, initial=initial, cancel_url=back)
    closed = (
        "" if may_correct(report) else "市级已收的补录报告不能更正；确需更正的，请市三方委员会办公室办理。"
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                correct_backfilled_report(actor=actor, report=report, now=clock.now(), **form.cleaned_data)
            except DomainError as error:
                form.add_domain_error(error)
                status = error.status
            else:
                messages.success(request, "补录已更正，等待市三方委员会办公室确认收到。")
                return redirect(back)
    return render(
        request,
        "reporting/reports/backfill.html",
        {
            "form": form,
            "year": report.year,
            "district": report.organization,
            "corrects": True,
            "closed": closed,
        },
        status=status,
    )


@requires(*DISTRICT)
@require_POST
def report_scan_upload(request: HttpRequest, pk: int) -> HttpResponse:
    report = get_object_or_404(AnnualReport.objects.visible_to(actor_of(request)), pk=pk)
    back = reverse("reporting:report_detail", kwargs={"pk": pk})
    return handle_upload(request, SCANS, report.pk, organization=report.organization, back_url=back)
