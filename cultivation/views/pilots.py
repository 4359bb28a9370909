"""行业试点: the overview by phase, one pilot, and many member firms at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.enums import SubjectKind
from cultivation.ledgers.details import register_detail_context
from cultivation.ledgers.industry import GUIDES, MEMBERS, PROGRESS
from cultivation.models import FieldStudy, IndustryGuide, Subject
from cultivation.rules.industries import industry_label
from cultivation.selectors.pilots import pilot_overview, pilot_page
from cultivation.services.pilots import add_pilot_members
from cultivation.views.scope import current_year
from cultivation.views.subjects import KEEPERS, READERS, load_subject
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


@requires(*READERS)
@require_GET
def pilot_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    return render(
        request,
        "cultivation/pilots/list.html",
        {
            "overview": pilot_overview(actor, year=current_year()),
            "may_keep": actor.role in KEEPERS,
            "today": clock.shanghai_date(clock.now()),
        },
    )


def _load(request: HttpRequest, pk: int) -> tuple[Actor, Subject]:
    actor, pilot = load_subject(request, pk)
    if pilot.kind != SubjectKind.INDUSTRY_PILOT:
        raise Http404
    return actor, pilot


@requires(*READERS)
@require_GET
def pilot_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor, pilot = _load(request, pk)
    return render(
        request,
        "cultivation/pilots/detail.html",
        {
            "page": pilot_page(actor, pilot, year=current_year()),
            "pilot": pilot,
            "industry": industry_label(pilot.industry_code),
            "may_enter": actor.role in PROGRESS.keepers,
        },
    )


@requires(*MEMBERS.keepers)
@require_http_methods(["GET", "POST"])
@creates_once
def members_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Paste a column of names or credit codes; lines that fit nothing stay in the box with their reasons."""
    actor, pilot = _load(request, pk)
    text, refused, error = request.POST.get("text", ""), (), ""
    if request.method == "POST":
        try:
            added = add_pilot_members(actor=actor, pilot=pilot, text=text, now=clock.now())
        except DomainError as problem:
            error = problem.message
        else:
            new = added.linked + added.named
            if new or added.already:
                already = f"，另有 {added.already} 家此前已加入" if added.already else ""
                words = f"已加入 {new} 家（登记表中有 {added.linked} 家）{already}。"
                messages.success(request, words)
            if not added.refused:
                return redirect("cultivation:pilot_detail", pk=pilot.pk)
            refused = added.refused
            text = "\n".join(line.text for line in refused)
            error = f"本次加入 {new} 家，有 {len(refused)} 行没有加入（行号是刚才粘贴时的行号），改好后再提交这些行即可。"
    return render(
        request,
        "cultivation/pilots/members.html",
        {"pilot": pilot, "text": text, "refused": refused, "error": error},
        status=422 if error else 200,
    )


def _studies_of(actor: Actor, guide: IndustryGuide) -> dict[str, object]:
    studies = FieldStudy.objects.visible_to(actor).live().filter(guide=guide)
    return {"studies": list(studies.order_by("-happened_on", "-id"))}


register_detail_context(GUIDES.slug, _studies_of)
