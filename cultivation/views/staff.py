"""协调员、指导员: load of everybody, firms given to one, leaving and handing over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.forms.staff import AssignForm, LeaveForm
from cultivation.ledgers.base import KEEPERS, READERS
from cultivation.ledgers.details import register_detail_context
from cultivation.models import LiaisonAssignment, Subject
from cultivation.rules.calendar import YEARS, campaign_year_of
from cultivation.selectors.staff import assignable_subjects, find_person, staff_load, successors_of
from cultivation.services.ledgers import refuse_change
from cultivation.services.liaisons import (
    assign_liaisons,
    end_liaisons,
    leave_service,
    ledger_of,
    open_liaisons,
)
from cultivation.views.scope import current_year, posted_ids
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import searched


@requires(*READERS)
@require_GET
def staff_page(request: HttpRequest) -> HttpResponse:
    """Load per person, zeros named and first. Statements: session, capacity, 3."""
    actor = actor_of(request)
    wanted = request.GET.get("year", "")
    year = campaign_year_of(wanted) or current_year()
    loads = staff_load(actor, year=year, today=clock.shanghai_date(clock.now()))
    context = {
        "loads": loads,
        "year": year,
        "years": YEARS,
        "idle": sum(bool(load.gaps) for load in loads),
        "may_keep": actor.role in KEEPERS,
    }
    return render(request, "cultivation/staff/load.html", context)


def _load(request: HttpRequest, kind: str, pk: int) -> tuple[Actor, Any]:
    actor = actor_of(request)
    person = find_person(actor, kind, pk)
    if person is None:
        raise Http404
    return actor, person


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
@creates_once
def staff_assign(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Tick firms, one date, done. Ticks survive an error and a search."""
    actor, person = _load(request, kind, pk)
    now = clock.now()
    today = clock.shanghai_date(now)
    form = AssignForm(request.POST or None, initial={"starts_on": today})
    picked = posted_ids(request, "subject")
    searching = "find" in request.POST
    find = searched(request.POST.get("q", "")) if searching else ""
    status, error = 200, ""
    if request.method == "POST" and not searching:
        status = 422
        subjects = list(Subject.objects.visible_to(actor).filter(pk__in=picked))
        if len(subjects) != len(picked):
            raise Http404
        if form.is_valid():
            try:
                done = assign_liaisons(
                    actor=actor,
                    person=person,
                    subjects=subjects,
                    starts_on=form.cleaned_data["starts_on"],
                    now=now,
                )
            except DomainError as refusal:
                error, status = refusal.message, refusal.status
            else:
                words = f"{person.name}新联系 {len(done.created)} 户企业。"
                if done.already:
                    words += f"{len(done.already)} 户已在联系，未重复登记。"
                messages.success(request, words)
                return redirect("cultivation:ledger_detail", slug=kind, pk=pk)
    context = {
        "person": person,
        "kind": kind,
        "noun": ledger_of(person).noun,
        "form": form,
        "error": error,
        "rows": assignable_subjects(actor, person, kind=kind, year=current_year(), find=find),
        "picked": picked,
        "find": find,
        "year": current_year(),
    }
    return render(request, "cultivation/staff/assign.html", context, status=status)


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
def staff_leave(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """办理离任或移交: what is open is shown; it goes to a successor or ends, in one step."""
    actor, person = _load(request, kind, pk)
    now = clock.now()
    today = clock.shanghai_date(now)
    liaisons = list(open_liaisons(person).select_related("coordinator", "instructor"))
    successors = successors_of(actor, kind, person, today)
    form = LeaveForm(
        request.POST or None,
        initial={"left_on": person.left_on or today},
        successors=successors,
    )
    posted = posted_ids(request, "liaison") if request.method == "POST" else {row.pk for row in liaisons}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        successor = form.successors.get(data["successor"])
        try:
            if data["stays"]:
                count = end_liaisons(
                    actor=actor,
                    liaisons=[row for row in liaisons if row.pk in posted],
                    ends_on=data["left_on"],
                    reason=data["reason"],
                    successor=successor,
                    now=now,
                )
                words = (
                    f"已移交 {count} 户给{successor.name}。"
                    if successor
                    else f"已结束 {count} 户的定点联系。"
                )
            else:
                leave_service(
                    actor=actor,
                    person=person,
                    left_on=data["left_on"],
                    reason=data["reason"],
                    successor=successor,
                    now=now,
                )
                words = f"{person.name}离任已登记。"
                if liaisons:
                    words += (
                        f"{len(liaisons)} 户企业已移交给{successor.name}。"
                        if successor
                        else f"{len(liaisons)} 户企业的联系已结束，请另行安排。"
                    )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, words)
            return redirect("cultivation:ledger_detail", slug=kind, pk=pk)
    context = {
        "person": person,
        "kind": kind,
        "noun": ledger_of(person).noun,
        "form": form,
        "liaisons": liaisons,
        "picked": posted,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "cultivation/staff/leave.html", context, status=status)


def person_context(actor: Actor, person: Any) -> dict[str, Any]:
    """What the person's record page shows beside its columns."""
    ledger = ledger_of(person)
    every = list(open_liaisons(person))
    seen = set(
        LiaisonAssignment.objects.readable_by(actor)
        .filter(pk__in=[row.pk for row in every])
        .values_list("pk", flat=True)
    )
    return {
        "person": person,
        "kind": ledger.slug,
        # A township reads its own firms'; how many there are besides is no secret.
        "liaisons": [row for row in every if row.pk in seen],
        "liaison_count": len(every),
        "may_assign": not refuse_change(actor, ledger, person),
    }


register_detail_context("coordinators", person_context)
register_detail_context("instructors", person_context)
