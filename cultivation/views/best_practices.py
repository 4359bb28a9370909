"""典型经验: the library of cards, and on a subject's page the firm's consent."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from cultivation.ledgers.base import READERS
from cultivation.ledgers.details import register_detail_context
from cultivation.ledgers.situation import BEST_PRACTICES
from cultivation.models import BestPractice
from cultivation.rules.best_practices import may_cite
from cultivation.rules.calendar import YEARS, campaign_year_of
from cultivation.selectors.best_practices import (
    PracticeFilters,
    adoptions_of,
    practice_library,
    practices_of_subject,
)
from cultivation.services.best_practices import give_consent, withdraw_consent
from cultivation.subject_tabs import SubjectTab, register_subject_tab
from cultivation.views.scope import district_for
from cultivation.views.subject_pages import TAB_READERS, tab_context
from cultivation.views.subjects import load_subject
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.selectors.code_tables import districts
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import searched
from zaozhuang_portal.kernel.parsing import whole_number


@requires(*READERS)
@require_GET
def practice_library_page(request: HttpRequest) -> HttpResponse:
    """Short cards with tags, citable ones marked. Statements: session, capacity, 1 (2 with ?district=)."""
    actor = actor_of(request)
    wanted = request.GET.get("year", "")
    district = district_for(request, actor) if actor.sees_whole_city else None
    filters = PracticeFilters(
        year=campaign_year_of(wanted),
        organization=district.pk if district else None,
        tag=searched(request.GET.get("tag", "")),
        citable=request.GET.get("citable") == "1",
    )
    page = practice_library(actor, filters, cursor=request.GET.dict())
    context = {
        "page": page,
        "filters": filters,
        "years": YEARS,
        "district": district,
        "districts": districts() if actor.sees_whole_city else [],
        "may_keep": actor.role in BEST_PRACTICES.keepers,
    }
    return render(request, "cultivation/practices/library.html", context)


@requires(*TAB_READERS)
@require_GET
def subject_practices(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab 典型经验 of a subject; its contact reads each text and agrees or not."""
    actor, subject = load_subject(request, pk, to_read=True)
    context = {**tab_context(actor, subject, "practices"), "cards": practices_of_subject(actor, subject)}
    return render(request, "cultivation/practices/subject.html", context)


@requires(Role.SUBJECT_CONTACT)
@require_POST
def practice_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """同意引用 or 撤回同意 (field `act`), by the contact of the subject."""
    actor = actor_of(request)
    if actor.subject_id is None:
        raise Http404
    practice = get_object_or_404(BestPractice.objects.live(), pk=pk, subject_id=actor.subject_id)
    try:
        if request.POST.get("act") == "withdraw":
            withdraw_consent(actor=actor, practice=practice, now=clock.now())
            messages.success(request, "已撤回同意。已报送的报告不变，以后的报告不再引用。")
        else:
            version = request.POST.get("version", "")
            expected = whole_number(version, digits=9) or 0
            give_consent(actor=actor, practice=practice, expected_version=expected, now=clock.now())
            messages.success(request, f"已同意引用“{practice.title}”。")
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("cultivation:subject_practices", pk=actor.subject_id)


def practice_context(actor: Actor, practice: Any) -> dict[str, Any]:
    """What the practice's record page shows beside its columns."""
    return {
        "practice": practice,
        "citation": may_cite(practice),
        "adoptions": adoptions_of(practice),
        "may_adopt": actor.role in BEST_PRACTICES.keepers,
    }


register_detail_context(BEST_PRACTICES.slug, practice_context)
register_subject_tab(SubjectTab("practices", "典型经验", "cultivation:subject_practices", 50))
