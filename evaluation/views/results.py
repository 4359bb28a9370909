"""自评核验结果: what the subject said beside what each layer found, every difference with its reasons (ux F19)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from evaluation.forms.results import build_result
from evaluation.permissions.roles import RESULT_READERS
from evaluation.rules.losses import explain_losses
from evaluation.selectors.rectifications.improvements import lost_points
from evaluation.views.review_common import head, review_page
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

ONLY = "differences"


@requires(*RESULT_READERS)
@require_GET
def assessment_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Offices from the moment it was handed in (provisional until verified); the subject once it is verified."""
    actor, page = review_page(request, pk)
    is_contact = actor.role == Role.SUBJECT_CONTACT
    if is_contact and not page.is_reviewed:
        raise Http404
    home = "evaluation:assessment_home" if is_contact else "evaluation:review_detail"
    result = build_result(page.result, page.assessment.subject.kind)
    context = head(page, actor, clock.now()) | {
        "only": request.GET.get("only") == ONLY,
        "result": result,
        "declared": [
            ("一票否决事项", result.vetoes),
            ("扣分事项", result.deductions),
            ("职工满意度测评", result.surveys),
        ],
        "verified_reasons": page.verified.result.reasons if page.scores.outcome else (),
        "lost": lost_points(actor, page.assessment, explain_losses(page.verified.result))
        if page.is_reviewed
        else [],
        "is_contact": is_contact,
        "back_url": reverse(home, args=[pk]),
        "printed_at": clock.now(),
    }
    return render(request, "evaluation/review/result.html", context)
