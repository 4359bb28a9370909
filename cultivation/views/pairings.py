"""结对一览 in the browser: the matrix with its gaps, a pairing from a gap, its end, renewal of many."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.enums import PairingRole
from cultivation.forms.ledgers import digest
from cultivation.forms.pairings import EndForm, PairingForm
from cultivation.ledgers.base import KEEPERS
from cultivation.ledgers.details import register_detail_context
from cultivation.ledgers.pairings import PAIRINGS
from cultivation.models import CampaignYear, Pairing, Subject
from cultivation.rules.pairings import not_over
from cultivation.selectors.ledgers import get_record
from cultivation.selectors.pairings import pairing_matrix, pairings_by_district, renewable_pairings
from cultivation.services.ledgers import NeedsConfirmation, RecordRefused
from cultivation.services.pairings import end_pairing, open_pairing, renew_pairings
from cultivation.services.reassigning import may_reassign
from cultivation.views.scope import current_year, district_for, posted_ids
from cultivation.views.subjects import READERS, load_subject
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.parsing import whole_number


def _year(request: HttpRequest) -> CampaignYear:
    wanted = request.GET.get("year", "")
    number = whole_number(wanted, digits=4) or current_year()
    return get_object_or_404(CampaignYear, pk=number)


@requires(*READERS)
@require_GET
def pairing_matrix_page(request: HttpRequest) -> HttpResponse:
    """A district: subjects × units, gaps first. The city without ?district=: one line per district."""
    actor = actor_of(request)
    today = clock.shanghai_date(clock.now())
    year, district = _year(request), district_for(request, actor)
    context: dict[str, Any] = {
        "year": year,
        "years": CampaignYear.objects.all(),
        "district": district,
        "may_keep": actor.role in KEEPERS,
    }
    if district is None:
        context["districts"] = pairings_by_district(actor, year=year, today=today)
        return render(request, "cultivation/pairings/districts.html", context)
    context["matrix"] = pairing_matrix(actor, year=year, organization=district, today=today)
    return render(request, "cultivation/pairings/matrix.html", context)


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
@creates_once
def pairing_create(request: HttpRequest, pk: int) -> HttpResponse:
    """From a gap (?unit=…): everything is filled in, so that the second click saves."""
    actor, subject = load_subject(request, pk)
    year = _year(request)
    back = _matrix_url(year, subject)
    form = PairingForm(
        request.POST or None,
        subject=subject,
        initial=_defaults(request, actor, subject, year),
        cancel_url=back,
    )
    if request.method == "POST" and form.is_valid():
        try:
            pairing = _save(form, actor, subject)
        except NeedsConfirmation as warning:
            form.ask_to_confirm(digest(warning.slips))
            for slip in warning.slips:
                form.add_error(slip.field if slip.field in form.fields else None, slip.message)
        except RecordRefused as refused:
            for slip in refused.slips:
                form.add_error(slip.field if slip.field in form.fields else None, slip.message)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"“{subject.name}”已与“{pairing.partner}”结对。")
            return redirect(back)
    return render(
        request,
        "cultivation/pairings/form.html",
        {"form": form, "subject": subject, "back": back},
        status=422 if request.method == "POST" else 200,
    )


def _defaults(request: HttpRequest, actor: Actor, subject: Subject, year: CampaignYear) -> dict[str, Any]:
    """The unit of the column (else my own), open-ended from today on; a second one assists."""
    today = clock.shanghai_date(clock.now())
    starts = min(max(today, year.period_start), year.period_end)
    unit = whole_number(request.GET.get("unit"))
    own = actor.capacity.member_unit
    led = any(
        not_over(ends_on, starts)
        for ends_on in Pairing.objects.live()
        .filter(subject=subject, role=PairingRole.LEAD, starts_on__lte=year.period_end)
        .values_list("ends_on", flat=True)
    )
    return {
        "unit": unit if unit is not None else own.pk if own else None,
        "role": PairingRole.ASSISTING if led else PairingRole.LEAD,
        "starts_on": starts,
    }


def _save(form: PairingForm, actor: Actor, subject: Subject) -> Pairing:
    def attempt(confirm: bool) -> Pairing:
        return open_pairing(
            actor=actor,
            subject=subject,
            values=form.values_for_service,
            now=clock.now(),
            backfilled=form.cleaned_data["backfilled"],
            source_document=form.cleaned_data["source_document"],
            confirm_warnings=confirm,
        )

    try:
        return attempt(False)
    except NeedsConfirmation as warning:
        if form.cleaned_data["confirmed"] == digest(warning.slips):
            return attempt(True)
        raise


def _matrix_url(year: CampaignYear, subject: Subject) -> str:
    query = f"?year={year.pk}&district={subject.managing_organization_id}"
    return reverse("cultivation:pairing_matrix") + query


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
def pairing_end(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    pairing: Pairing | None = get_record(actor, PAIRINGS, pk)
    if pairing is None:
        raise Http404
    back = reverse("cultivation:ledger_detail", kwargs={"slug": PAIRINGS.slug, "pk": pk})
    today = clock.shanghai_date(clock.now())
    form = EndForm(request.POST or None, initial={"ends_on": max(today, pairing.starts_on)}, cancel_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            end_pairing(actor=actor, pairing=pairing, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"已结束“{pairing}”的结对，记录保留。")
            return redirect(back)
    return render(
        request,
        "cultivation/pairings/end.html",
        {"form": form, "pairing": pairing},
        status=422 if request.method == "POST" else 200,
    )


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
@creates_once
def pairing_renew(request: HttpRequest) -> HttpResponse:
    """Tick what carries on into the next year; those already on next year's roster are ticked."""
    actor = actor_of(request)
    year, district = _year(request), district_for(request, actor)
    following = CampaignYear.objects.filter(pk=year.pk + 1).first()
    if district is None or following is None:
        return redirect("cultivation:pairing_matrix")
    offered = renewable_pairings(actor, year=year, organization=district)
    ticked = {pairing.pk for pairing, enrolled in offered if enrolled}
    error = ""
    if request.method == "POST":
        ticked = posted_ids(request, "pairing")
        chosen = [pairing for pairing, _ in offered if pairing.pk in ticked]
        if len(chosen) != len(ticked):
            raise Http404
        try:
            if not chosen:
                raise DomainError("请先勾选要续签的结对。")
            renewed = renew_pairings(actor=actor, pairings=chosen, old=year, new=following, now=clock.now())
        except DomainError as problem:
            error = problem.message
        else:
            messages.success(request, f"已续到{following}：{len(renewed)} 对。")
            query = f"?year={following.pk}&district={district.pk}"
            return redirect(reverse("cultivation:pairing_matrix") + query)
    return render(
        request,
        "cultivation/pairings/renew.html",
        {
            "year": year,
            "following": following,
            "district": district,
            "offered": [(pairing, enrolled, pairing.pk in ticked) for pairing, enrolled in offered],
            "error": error,
        },
        status=422 if error else 200,
    )


def pairing_context(actor: Actor, pairing: Pairing) -> dict[str, Any]:
    """What the record page of a pairing shows beside its columns."""
    today = clock.shanghai_date(clock.now())
    return {
        "is_running": not_over(pairing.ends_on, today),
        "may_hand_on": may_reassign(actor, "pairing", pairing, clock.now()),
        "visit_count": pairing.subject.visits.live()  # type: ignore[attr-defined]  # related name
        .filter(happened_on__gte=pairing.starts_on)
        .filter(**({"happened_on__lte": pairing.ends_on} if pairing.ends_on else {}))
        .count(),
    }


register_detail_context(PAIRINGS.slug, pairing_context)
