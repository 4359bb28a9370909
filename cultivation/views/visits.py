"""指导服务 on a phone: choose whom, write, photograph, save (ux J1); join a visit; follow-ups."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cultivation.enums import SubjectState
from cultivation.forms.ledgers import digest
from cultivation.forms.visits import FollowUpForm, VisitForm
from cultivation.indicator_offers import indicator_names, indicator_offers
from cultivation.ledgers.base import FIELD_KEEPERS
from cultivation.ledgers.details import register_detail_context
from cultivation.ledgers.visits import VISITS
from cultivation.models import GuidanceVisit, Subject
from cultivation.selectors.calendar import years_judged
from cultivation.selectors.ledgers import get_record, suggest_subjects
from cultivation.selectors.visits import my_follow_ups, offered_subjects, open_follow_ups, visits_of_day
from cultivation.services.ledger_values import gone_words
from cultivation.services.ledgers import NeedsConfirmation, RecordRefused, refuse_change
from cultivation.services.reassigning import may_reassign
from cultivation.services.visit_photos import VISIT_DRAFT, adopt_photos, forget_old_photos, kept_photos
from cultivation.services.visits import complete_follow_up, join_visit, record_visit
from cultivation.views.subjects import READERS, load_subject
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import searched
from zaozhuang_portal.kernel.parsing import whole_number
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.views.uploads import receive_uploads

MOST_FOLLOW_UPS = 200


@requires(*FIELD_KEEPERS)
@require_GET
def visit_choose(request: HttpRequest) -> HttpResponse:
    """Whom did you visit? Big buttons of the likely ones, and a search. ?subject=… goes straight on."""
    actor = actor_of(request)
    chosen, text = whole_number(request.GET.get("subject")), searched(request.GET.get("q", ""))
    if chosen is not None:
        return redirect("cultivation:visit_create", pk=chosen)
    today = clock.shanghai_date(clock.now())
    context: dict[str, Any] = {"text": text}
    if text:
        context["found"] = suggest_subjects(actor, text)
    else:
        context["offered"] = offered_subjects(actor, years=years_judged(today), today=today)
    return render(request, "cultivation/visits/choose.html", context)


@requires(*FIELD_KEEPERS)
@require_http_methods(["GET", "POST"])
@creates_once
def visit_create(request: HttpRequest, pk: int) -> HttpResponse:
    """One form, one POST with the photos. What was typed and photographed outlives a refusal or a question."""
    actor, subject = load_subject(request, pk)
    if request.method != "POST" and subject.state != SubjectState.ACTIVE:
        messages.warning(request, gone_words(subject))
        return redirect("cultivation:subject_detail", pk=subject.pk)
    today = clock.shanghai_date(clock.now())
    form = VisitForm(
        request.POST or None,
        request.FILES or None,
        actor=actor,
        subject=subject,
        offers=indicator_offers(subject.kind, today),
    )
    kept = kept_photos(actor, request.POST.getlist("kept"))
    asked, day = False, today
    if request.method == "POST":
        valid = form.is_valid()
        day = form.cleaned_data.get("happened_on") or today  # before a refusal takes it out of the form
        if valid:
            try:
                visit = _save(form, actor, subject)
            except NeedsConfirmation as warning:
                asked = True
                form.ask_to_confirm(digest(warning.slips))
                for slip in warning.slips:
                    form.add_error("happened_on", slip.message)
            except RecordRefused as refused:
                for slip in refused.slips:
                    form.add_error(slip.field if slip.field in form.fields else None, slip.message)
            except DomainError as error:
                form.add_domain_error(error)
            else:
                return _saved(request, actor, visit, kept)
        kept += _keep(request, actor, form)
    return render(
        request,
        "cultivation/visits/form.html",
        {
            "form": form,
            "subject": subject,
            "same_day": visits_of_day(actor, subject, day),
            "kept": kept,
            "asked": asked,
            "chosen_indicators": request.POST.getlist("indicators"),
        },
        status=422 if request.method == "POST" else 200,
    )


def _save(form: VisitForm, actor: Actor, subject: Subject) -> GuidanceVisit:
    def attempt(confirm: bool) -> GuidanceVisit:
        return record_visit(
            actor=actor,
            subject=subject,
            values=form.values_for_service,
            attendees=form.attendees,
            indicator_codes=form.cleaned_data["indicators"],
            backfilled=form.cleaned_data["backfilled"],
            source_document=form.cleaned_data["source_document"],
            now=clock.now(),
            confirm_warnings=confirm,
        )

    try:
        return attempt(False)
    except NeedsConfirmation as warning:
        if form.cleaned_data["confirmed"] == digest(warning.slips):
            return attempt(True)
        raise


def _saved(request: HttpRequest, actor: Actor, visit: GuidanceVisit, kept: list[Attachment]) -> HttpResponse:
    """The photos of this POST and those kept from an earlier try go to the record; a refused one is named there."""
    adopt_photos(actor=actor, visit=visit, photos=kept, now=clock.now())
    count = len(kept)
    if request.FILES.getlist("photos"):
        outcome = receive_uploads(
            request, VISITS.kind, visit.pk, organization=visit.organization, field_name="photos"
        )
        count += len(outcome.stored)
        for refusal in outcome.refusals:
            messages.warning(
                request, f"照片“{refusal.name}”没有存上：{refusal.message}记录已保存，可在本页重新上传。"
            )
    photos = f"，照片 {count} 张" if count else ""
    messages.success(request, f"已记下对“{visit.subject.name}”的指导服务{photos}。")
    return redirect(_record_url(visit.pk))


def _keep(request: HttpRequest, actor: Actor, form: VisitForm) -> list[Attachment]:
    """Store the photos of a form that could not be saved; they come with the next try."""
    if not request.FILES.getlist("photos"):
        return []
    forget_old_photos(actor=actor, now=clock.now())
    outcome = receive_uploads(request, VISIT_DRAFT, actor.user.pk, field_name="photos")
    for refusal in outcome.refusals:
        form.add_error("photos", f"“{refusal.name}”：{refusal.message}")
    return outcome.stored


def _record_url(pk: int) -> str:
    return reverse("cultivation:ledger_detail", kwargs={"slug": VISITS.slug, "pk": pk})


def _load_visit(request: HttpRequest, pk: int) -> tuple[Actor, GuidanceVisit]:
    actor = actor_of(request)
    visit: GuidanceVisit | None = get_record(actor, VISITS, pk)
    if visit is None:
        raise Http404
    return actor, visit


@requires(*FIELD_KEEPERS)
@require_POST
def visit_join(request: HttpRequest, pk: int) -> HttpResponse:
    """One click instead of a second record."""
    actor, visit = _load_visit(request, pk)
    join_visit(actor=actor, visit=visit, now=clock.now())
    messages.success(request, "已把您加入这次指导服务，仍按一次计算。照片和意见可在本页补充。")
    return redirect(_record_url(pk))


@requires(*FIELD_KEEPERS)
@require_http_methods(["GET", "POST"])
def visit_follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    actor, visit = _load_visit(request, pk)
    form = FollowUpForm(
        request.POST or None,
        initial={"follow_up_done_on": clock.shanghai_date(clock.now())},
        cancel_url=_record_url(pk),
    )
    if request.method == "POST" and form.is_valid():
        try:
            complete_follow_up(
                actor=actor,
                visit=visit,
                done_on=form.cleaned_data["follow_up_done_on"],
                note=form.cleaned_data["follow_up_note"],
                now=clock.now(),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"“{visit.subject.name}”的跟进已办结。")
            return redirect("cultivation:follow_up_list" if "next" in request.POST else _record_url(pk))
    return render(
        request,
        "cultivation/visits/follow_up.html",
        {"form": form, "visit": visit, "may_hand_on": may_reassign(actor, "follow_up", visit, clock.now())},
        status=422 if request.method == "POST" else 200,
    )


@requires(*READERS)
@require_GET
def follow_up_list(request: HttpRequest) -> HttpResponse:
    """What is owed to whom, by its day; overdue ones stay until done. Statements: 1 beside session and capacity."""
    actor = actor_of(request)
    today = clock.shanghai_date(clock.now())
    mine, overdue = request.GET.get("mine") == "1", request.GET.get("overdue") == "1"
    owed = my_follow_ups(actor) if mine else open_follow_ups(actor)
    if overdue:
        owed = owed.filter(follow_up_due__lt=today)
    rows = list(owed[: MOST_FOLLOW_UPS + 1])
    context = {
        "mine": mine,
        "overdue": overdue,
        "rows": [
            (row, (row.follow_up_due - today).days) for row in rows[:MOST_FOLLOW_UPS] if row.follow_up_due
        ],
        "more": len(rows) > MOST_FOLLOW_UPS,
        "most": MOST_FOLLOW_UPS,
        "may_act": actor.role in VISITS.keepers,
    }
    return render(request, "cultivation/visits/follow_ups.html", context)


def visit_context(actor: Actor, visit: GuidanceVisit) -> dict[str, Any]:
    """What the record page of a visit shows beside its columns."""
    now = clock.now()
    participants = list(visit.participants.select_related("unit", "user"))
    keeper = actor.role in VISITS.keepers
    foreign = actor.district is not None and actor.district.pk != visit.organization_id
    mine = visit.follow_up_by_id == actor.user.pk
    open_promise = visit.follow_up_due is not None and visit.follow_up_done_on is None
    names: dict[str, str] = {}
    label = ""
    if visit.indicator_codes:
        names = indicator_names(visit.subject.kind, visit.happened_on)
        label = next((offer.label for offer in indicator_offers(visit.subject.kind, visit.happened_on)), "")
    return {
        "participants": participants,
        "may_join": keeper and not foreign and all(row.user_id != actor.user.pk for row in participants),
        "may_hand_on": may_reassign(actor, "follow_up", visit, now),
        "may_follow_up": open_promise and keeper and (mine or not refuse_change(actor, VISITS, visit)),
        "follow_up_days": (visit.follow_up_due - clock.shanghai_date(now)).days
        if visit.follow_up_due
        else None,
        "indicators": [(code, names.get(code, "")) for code in visit.indicator_codes],
        "indicator_label": label,
    }


register_detail_context(VISITS.slug, visit_context)
