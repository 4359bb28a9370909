"""One subject: its overview and the tabs pairings, services, trainings, files, timeline."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from cultivation.enums import SubjectState
from cultivation.ledgers.base import FIELD_KEEPERS
from cultivation.models import Subject
from cultivation.rules.industries import industry_label
from cultivation.selectors.best_practices import awaiting_consent
from cultivation.selectors.risk_classes import risk_rating_of
from cultivation.selectors.subject_pages import (
    deeds_of,
    enrollments_of,
    files_of,
    former_names_of,
    history_of,
    liaisons_of,
    moved_away,
    pairings_of,
    services_of,
    subject_timeline,
    trainings_of,
)
from cultivation.subject_tabs import tabs_for
from cultivation.views.subjects import KEEPERS, READERS, load_subject
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.views.uploads import handle_upload

TAB_READERS = (*READERS, Role.SUBJECT_CONTACT)


def tab_context(actor: Actor, subject: Subject, current: str) -> dict[str, Any]:
    """What the frame of every tab needs; upper apps' tabs use it too."""
    gone = moved_away(actor, subject)
    may_keep = actor.role in KEEPERS and not gone
    return {
        "subject": subject,
        "tabs": tabs_for(actor.role, subject.pk, current),
        "moved_away": gone,
        "may_keep": may_keep,
        "may_edit": subject.state == SubjectState.ACTIVE and (may_keep or actor.role == Role.SUBJECT_CONTACT),
        "may_record": actor.role in FIELD_KEEPERS and not gone,
        "is_contact": actor.role == Role.SUBJECT_CONTACT,
    }


@requires(Role.SUBJECT_CONTACT)
@require_GET
def own_subject(request: HttpRequest) -> HttpResponse:
    """本企业档案: the contact's own page, whose address the menu cannot know."""
    subject = get_object_or_404(Subject.objects.visible_to(actor_of(request)))
    return redirect("cultivation:subject_detail", pk=subject.pk)


@requires(*TAB_READERS)
@require_GET
def subject_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor, subject = load_subject(request, pk, to_read=True)
    context = {
        **tab_context(actor, subject, "overview"),
        "industry": industry_label(subject.industry_code),
        "enrollments": enrollments_of(subject),
        "former_names": former_names_of(subject),
        "risk_rating": risk_rating_of(subject, on=clock.shanghai_date(clock.now())),
        "awaiting_consent": actor.role == Role.SUBJECT_CONTACT and awaiting_consent(actor).count(),
    }
    return render(request, "cultivation/subjects/detail.html", context)


@requires(*TAB_READERS)
@require_GET
def subject_pairings(request: HttpRequest, pk: int) -> HttpResponse:
    actor, subject = load_subject(request, pk, to_read=True)
    context = {
        **tab_context(actor, subject, "pairings"),
        "pairings": pairings_of(actor, subject),
        "liaisons": liaisons_of(actor, subject),
        "today": clock.shanghai_date(clock.now()),
    }
    return render(request, "cultivation/subjects/pairings.html", context)


@requires(*TAB_READERS)
@require_GET
def subject_services(request: HttpRequest, pk: int) -> HttpResponse:
    actor, subject = load_subject(request, pk, to_read=True)
    context = {**tab_context(actor, subject, "services"), "rows": services_of(actor, subject)}
    return render(request, "cultivation/subjects/services.html", context)


@requires(*TAB_READERS)
@require_GET
def subject_trainings(request: HttpRequest, pk: int) -> HttpResponse:
    actor, subject = load_subject(request, pk, to_read=True)
    context = {**tab_context(actor, subject, "trainings"), "rows": trainings_of(actor, subject)}
    return render(request, "cultivation/subjects/trainings.html", context)


@requires(*TAB_READERS)
@require_GET
def subject_files(request: HttpRequest, pk: int) -> HttpResponse:
    actor, subject = load_subject(request, pk, to_read=True)
    context = {**tab_context(actor, subject, "files"), "files": files_of(actor, subject)}
    return render(request, "cultivation/subjects/files.html", context)


@requires(*KEEPERS)
@require_POST
def subject_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """A file of the subject itself (营业执照, 园区批复 …)."""
    _, subject = load_subject(request, pk)
    return handle_upload(request, "Subject", subject.pk, organization=subject.managing_organization)


@requires(*TAB_READERS)
@require_GET
def subject_timeline_page(request: HttpRequest, pk: int) -> HttpResponse:
    actor, subject = load_subject(request, pk, to_read=True)
    context = {
        **tab_context(actor, subject, "timeline"),
        "history": history_of(subject),
        # What the other district does with the record is its own affair; the moves themselves stand above.
        "deeds": deeds_of(actor, subject, today=clock.shanghai_date(clock.now())),
        "entries": [] if moved_away(actor, subject) else subject_timeline(subject),
    }
    return render(request, "cultivation/subjects/timeline.html", context)
