"""The tabs 自评 and 抽查 of a subject's page. They need cultivation and evaluation, so they stand here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from cultivation.views.subject_pages import TAB_READERS, tab_context
from cultivation.views.subjects import load_subject
from evaluation.permissions.roles import CHECKED_SUBJECTS
from evaluation.selectors.spot_checks.subject_tab import subject_checks
from evaluation.selectors.subject_tab import assessment_rows
from zaozhuang_portal.accounts.access import actor_of, requires


@requires(*TAB_READERS)
@require_GET
def subject_assessments(request: HttpRequest, pk: int) -> HttpResponse:
    actor, subject = load_subject(request, pk, to_read=True)
    context = {
        **tab_context(actor, subject, "assessments"),
        "rows": assessment_rows(actor, subject),
        "may_review": actor.is_district or actor.sees_whole_city,
    }
    return render(request, "evaluation/subject_assessments.html", context)


@requires(*TAB_READERS)
@require_GET
def subject_spot_checks(request: HttpRequest, pk: int) -> HttpResponse:
    """Every check and result of the subject, of whatever year, for whoever may see them."""
    actor, subject = load_subject(request, pk, to_read=True)
    context = {**tab_context(actor, subject, "spot_checks"), "checks": subject_checks(actor, subject)}
    return render(request, "evaluation/subject_spot_checks.html", context)


@requires(*CHECKED_SUBJECTS)
@require_GET
def own_spot_checks(request: HttpRequest) -> HttpResponse:
    """The menu's way of a contact to the tab of the own subject."""
    return redirect("evaluation:subject_spot_checks", actor_of(request).subject_id)
