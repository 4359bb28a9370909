"""The progress page of a job and the download centre."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from zaozhuang_portal.accounts.access import actor_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.http import htmx_redirect
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.selectors.jobs import JobView, find_job, list_jobs, view_job
from zaozhuang_portal.operations.services.jobs import (
    cancel_job,
    mark_jobs_seen,
    remove_job,
    repeat_job,
    retry_job,
)

# htmx asks every second, after half a minute every three (ux L2).
FAST_SECONDS = 30


def go_to_job(request: HttpRequest, job: Job) -> HttpResponse:
    """The answer of a view that requested a job: its progress page."""
    return htmx_redirect(request, reverse("operations:job", args=[job.uid]))


@require_safe
def show_job(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Progress. htmx polls the same address and gets the panel alone, without a trigger once the job has ended."""
    job = find_job(actor_of(request), uid)
    view = view_job(job)
    fragment = request.headers.get("HX-Request") == "true" and "poll" in request.GET
    said = request.GET.get("said", "")
    word = announcement(view)
    context = {
        "view": view,
        "job": job,
        "announcement": word,
        "announce": word != said,
        "poll_url": f"{request.path}?{urlencode({'poll': 1, 'said': word})}",
        "poll_seconds": 1 if (clock.now() - job.requested_at).total_seconds() < FAST_SECONDS else 3,
        "fragment": fragment,
    }
    return render(request, "operations/_job_panel.html" if fragment else "operations/job.html", context)


def announcement(view: JobView) -> str:
    """What a screen reader hears: at the start, at half, at the end, nothing between (ux L2)."""
    if not view.is_open:
        return f"任务{view.job.get_state_display()}"
    return "任务已完成一半" if view.half_done else "任务已开始，完成后这里会提示"


@require_POST
def cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    job = find_job(actor_of(request), uid)
    try:
        cancel_job(actor=actor_of(request), job=job, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
    return go_to_job(request, job)


@require_POST
def retry(request: HttpRequest, uid: UUID) -> HttpResponse:
    job = find_job(actor_of(request), uid)
    try:
        job = retry_job(actor=actor_of(request), job=job, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
    return go_to_job(request, job)


@require_POST
def repeat(request: HttpRequest, uid: UUID) -> HttpResponse:
    """重新生成: a new job, its own page."""
    job = find_job(actor_of(request), uid)
    try:
        job = repeat_job(actor=actor_of(request), job=job, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
    return go_to_job(request, job)


@require_POST
def seen(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The ended job was looked at: its badge goes."""
    mark_jobs_seen(actor=actor_of(request), job_id=find_job(actor_of(request), uid).pk, now=clock.now())
    return HttpResponse(status=204)


@require_safe
def downloads(request: HttpRequest) -> HttpResponse:
    page = list_jobs(actor_of(request), request.GET.dict())
    return render(request, "operations/downloads.html", {"page": page, "rows": page.rows})


@require_POST
def all_seen(request: HttpRequest) -> HttpResponse:
    """The list was looked at: htmx says so by itself, without script there is a button."""
    mark_jobs_seen(actor=actor_of(request), now=clock.now())
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204)
    return htmx_redirect(request, reverse("operations:downloads"))


@require_POST
def remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    job = find_job(actor_of(request), uid)
    try:
        remove_job(actor=actor_of(request), job=job, now=clock.now())
        messages.success(request, f"已删除“{job.title}”。")
    except DomainError as error:
        messages.error(request, error.message)
    return htmx_redirect(request, reverse("operations:downloads"))
