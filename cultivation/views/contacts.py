"""经办人 of a subject for the district, and the claim for the person of the firm."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from cultivation.forms.contacts import ClaimAccountForm, ClaimCodeForm
from cultivation.models import Subject, SubjectContact
from cultivation.services.contacts import (
    CLAIM_LIFETIME,
    claim_for_account,
    claim_key,
    claim_with_new_account,
    end_contact,
    find_claim,
    issue_claim,
)
from cultivation.views.subjects import KEEPERS, load_subject
from zaozhuang_portal.accounts.access import actor_of, capacity_not_required, requires
from zaozhuang_portal.accounts.once import creates_once, made
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
@creates_once
def subject_contacts(request: HttpRequest, pk: int) -> HttpResponse:
    """Who fills in for the subject; POST issues a claim code and shows the slip once."""
    actor, subject = load_subject(request, pk)
    issued = None
    link = ""
    if request.method == "POST":
        try:
            issued = issue_claim(actor=actor, subject=subject, now=clock.now())
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("cultivation:subject_contacts", pk=pk)
        made(request, request.path)  # the slip is shown once: a second sending makes no other code
        path = reverse("cultivation:claim_link", args=[claim_key(subject), issued.code])
        link = request.build_absolute_uri(path)
    context = {
        "issued": issued,
        "link": link,
        "qr": mark_safe(segno.make(link, error="m").svg_inline(scale=4, border=2)) if link else "",  # noqa: S308 -- drawn by the library from our own link
    }
    return _contacts_page(request, subject, context)


def _contacts_page(
    request: HttpRequest, subject: Subject, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    contacts = subject.contacts.select_related("user").order_by("-valid_from", "-id")
    return render(
        request,
        "cultivation/contacts/list.html",
        {
            "subject": subject,
            "contacts": contacts,
            "today": clock.shanghai_date(clock.now()),
            "key": claim_key(subject),
            "days": CLAIM_LIFETIME.days,
            "phone": settings.PORTAL_PHONE,
            **context,
        },
        status=status,
    )


@requires(*KEEPERS)
@require_POST
def contact_end(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    contact = get_object_or_404(SubjectContact.objects.select_related("subject", "user"), pk=pk)
    _, subject = load_subject(request, contact.subject_id)
    reason = request.POST.get("reason", "")
    try:
        end_contact(actor=actor, contact=contact, reason=reason, now=clock.now())
    except DomainError as error:
        refused = {"ending": pk, "reason": reason, "error": error.message}
        return _contacts_page(request, subject, refused, status=error.status)
    messages.success(request, f"已结束{contact.user.full_name}的经办人身份。")
    return redirect("cultivation:subject_contacts", pk=contact.subject_id)


@login_not_required
@capacity_not_required
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """Type the credit code and the claim code from the slip."""
    form = ClaimCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key, code = form.cleaned_data["key"], form.cleaned_data["code"].replace("-", "")
        try:
            find_claim(key=key, code=code, now=clock.now())
        except DomainError as error:
            form.add_domain_error(error)
        else:
            return redirect("cultivation:claim_link", key=key, code=code)
    return render(
        request,
        "cultivation/contacts/claim.html",
        {"form": form},
        status=422 if request.method == "POST" else 200,
    )


@login_not_required
@capacity_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def claim_link(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """Behind the link or QR: open an account, or add the subject to the account one is signed in with."""
    now = clock.now()
    try:
        _, subject = find_claim(key=key, code=code, now=now, count_failure=request.method == "POST")
    except DomainError as error:
        return render(request, "cultivation/contacts/refused.html", {"message": error.message}, status=404)
    signed_in = request.user.is_authenticated
    form = ClaimAccountForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if signed_in and "join" in request.POST:
                claim_for_account(actor_user=request.user, key=key, code=code, now=now)  # type: ignore[arg-type]  # signed in
                messages.success(request, f"已成为“{subject.name}”的经办人，请在页首切换身份。")
                return redirect("/")
            if form.is_valid():
                data = form.cleaned_data
                claim_with_new_account(
                    key=key,
                    code=code,
                    username=data["username"],
                    full_name=data["full_name"],
                    phone=data["phone"],
                    password=data["password1"],
                    now=now,
                    signed_in=request.user if signed_in else None,  # type: ignore[arg-type]  # signed in
                )
                messages.success(request, "账号已开通，请登录。")
                return redirect("account_login")
        except DomainError as error:
            form.add_domain_error(
                DomainError(error.message, field="password1" if error.field == "password" else error.field)
            )
            status = error.status
    return render(
        request,
        "cultivation/contacts/open.html",
        {"form": form, "subject": subject, "signed_in": signed_in},
        status=status,
    )
