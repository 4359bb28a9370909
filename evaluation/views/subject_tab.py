"""The tab 自评 of a subject's page. It needs cultivation and evaluation, so it stands here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cultivation.views.subject_pages import TAB_READERS, tab_context
from cultivation.views.subjects import load_subject
from evaluation.selectors.subject_tab import assessment_rows
from zaozhuang_portal.accounts.access import requires


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
