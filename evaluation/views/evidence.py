"""Evidence of an item or declaration, and the scan behind a 代录: the owner here, the file through operations."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from evaluation.permissions.roles import ASSESSMENT_FILLERS
from evaluation.selectors.checks import ASSESSMENT
from evaluation.selectors.evidence import mark_evidence
from evaluation.selectors.self_pages import SelfPage
from evaluation.services.declarations import declarable
from evaluation.services.evidence import evidence_owner, resolve_by_file
from evaluation.views.self_common import own_assessment, own_page, section_url
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.views.uploads import handle_upload


def _known_code(page: SelfPage, code: str) -> None:
    if page.definition.indicator(code) is None and code not in declarable(page.definition):
        raise Http404


@requires(*ASSESSMENT_FILLERS)
@require_POST
def evidence_upload(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    actor, page = own_page(request, pk)
    _known_code(page, code)
    assessment, now = page.assessment, clock.now()
    owner_kind, owner_id = evidence_owner(actor=actor, assessment=assessment, code=code, now=now)
    response = handle_upload(
        request,
        owner_kind,
        owner_id,
        organization=assessment.organization,
        back_url=section_url(page, code),
        mark=lambda stored: mark_evidence(
            {**page.files, code: [*page.files.get(code, ()), *stored]}, page.scans
        ),
    )
    if response.status_code < 400:
        resolve_by_file(assessment, code, now)
    return response


@requires(*ASSESSMENT_FILLERS)
@require_POST
def scan_upload(request: HttpRequest, pk: int) -> HttpResponse:
    _, assessment = own_assessment(request, pk)
    return handle_upload(
        request,
        ASSESSMENT,
        assessment.pk,
        organization=assessment.organization,
        back_url=reverse("evaluation:assessment_home", args=[pk]),
    )
