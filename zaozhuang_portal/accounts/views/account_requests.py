"""账号审批: what waits for a second person, deciding it, and the slips the two hand over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import AccountRequestState, Waiver
from zaozhuang_portal.accounts.forms.people import RefusalForm
from zaozhuang_portal.accounts.models import AccountRequest
from zaozhuang_portal.accounts.permissions.account_requests import (
    APPROVER_ROLES,
    REQUEST_READERS,
    approver_words,
    check_may_decide,
    visible_requests,
)
from zaozhuang_portal.accounts.permissions.people import MANAGER_ROLES
from zaozhuang_portal.accounts.selectors.account_requests import list_account_requests, namesakes
from zaozhuang_portal.accounts.services.account_requests import (
    approve_account_request,
    refuse_account_request,
    withdraw_account_request,
)
from zaozhuang_portal.accounts.services.activations import slips_for
from zaozhuang_portal.accounts.templatetags.people_tags import masked_phone
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.components import Chip
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page

PAGE_SIZE = 50
# More than one sheet of an import is never handed over at once.
MOST_SLIPS = 500
STATES = {"MINE": "待我批准", **dict(AccountRequestState.choices)}
STATE_TAGS = {
    "PENDING": "warn",
    "APPROVED": "ok",
    "REFUSED": "danger",
    "WITHDRAWN": "neutral",
    "EXPIRED": "neutral",
}


def _visible(request: HttpRequest, pk: int) -> AccountRequest:
    rows = AccountRequest.objects.filter(visible_requests(actor_of(request))).select_related(
        "user", "requested_by", "decided_by", "organization"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
@requires(*REQUEST_READERS)
def request_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    state = request.GET.get("state", "") if request.GET.get("state", "") in STATES else ""
    waiver = request.GET.get("waiver", "") if request.GET.get("waiver", "") in Waiver.values else ""
    page = fetch_page(
        list_account_requests(actor, state=state, waiver=waiver),
        [SortKey("id", descending=True)],
        cursor=request.GET,
        size=PAGE_SIZE,
        count_in_rows=True,
    )
    for row in page.rows:
        row.tag = STATE_TAGS[row.state]
        row.may_decide = row.state == AccountRequestState.PENDING and not _obstacle(actor, row)
    chips = []
    if state:
        chips.append(Chip("状态", STATES[state], f"?waiver={waiver}" if waiver else "?"))
    if waiver:
        chips.append(Chip("批准", Waiver(waiver).label, f"?state={state}" if state else "?"))
    context = {
        "page": page,
        "state": state,
        "states": STATES,
        "waiver": waiver,
        "waivers": Waiver.choices,
        "chips": chips,
        "may_approve": any(row.may_decide for row in page.rows),
    }
    return render(request, "accounts/requests/list.html", context)


def _obstacle(actor: Actor, row: AccountRequest) -> str:
    """Why this actor may not decide it; empty when he may."""
    try:
        check_may_decide(actor, row)
    except NotAllowed as refusal:
        return refusal.message
    return ""


def _minute(at: datetime) -> str:
    return at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _facts(row: AccountRequest) -> list[tuple[str, Any]]:
    payload = row.payload
    facts: list[tuple[str, Any]] = [
        ("事项", row.get_act_display()),
        ("姓名", row.full_name),
        ("用户名", row.username),
    ]
    if row.role:
        facts.append(("任职", f"{row.place}·{row.get_role_display()}"))
    if payload.get("post"):
        facts.append(("职务", payload["post"]))
    if payload.get("phone"):
        facts.append(("手机号", masked_phone(payload["phone"])))
    facts += [
        ("说明", row.reason),
        ("申请人", f"{row.requested_by.full_name}（{row.get_requester_role_display()}）"),
        ("申请时间", _minute(row.requested_at)),
    ]
    if row.state == AccountRequestState.PENDING:
        facts.append(("有效期至", _minute(row.expires_at)))
    if row.decided_by:
        facts.append(
            ("批准人" if row.state == AccountRequestState.APPROVED else "办理人", row.decided_by.full_name)
        )
    if row.waiver:
        facts.append(("批准", row.get_waiver_display()))
    if row.decided_at:
        facts.append(("办理时间", _minute(row.decided_at)))
    if row.comment:
        facts.append(("意见", row.comment))
    if row.delivery:
        facts.append(("激活码交付", row.get_delivery_display()))
    return facts


@require_safe
@requires(*REQUEST_READERS)
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _visible(request, pk), RefusalForm())


def _show(request: HttpRequest, row: AccountRequest, form: RefusalForm, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    pending = row.state == AccountRequestState.PENDING
    own = row.requested_by_id == actor.user.pk
    context = {
        "row": row,
        "tag": STATE_TAGS[row.state],
        "facts": _facts(row),
        "slips": slips_for(actor.user, [row]),
        "pending": pending,
        "own": own,
        "obstacle": _obstacle(actor, row) if pending and not own else "",
        "approvers": approver_words(row.requester_role),
        "namesakes": namesakes(row) if pending and row.act == "CREATE" else [],
        "address": request.build_absolute_uri("/activate/"),
        "form": form,
    }
    return render(request, "accounts/requests/detail.html", context, status=status)


@require_safe
@requires(*MANAGER_ROLES, *APPROVER_ROLES)
def request_slips(request: HttpRequest) -> HttpResponse:
    """All halves this person still has to hand over, one slip each, to be printed."""
    actor = actor_of(request)
    rows = AccountRequest.objects.filter(visible_requests(actor)).select_related(
        "user", "requested_by", "decided_by"
    )
    mine = rows.filter(requested_by=actor.user) | rows.filter(decided_by=actor.user)
    open_ones = mine.filter(state__in=[AccountRequestState.PENDING, AccountRequestState.APPROVED]).order_by(
        "-id"
    )[:MOST_SLIPS]
    context = {
        "slips": slips_for(actor.user, list(open_ones)),
        "address": request.build_absolute_uri("/activate/"),
    }
    return render(request, "accounts/requests/slips.html", context)


@require_POST
@requires(*APPROVER_ROLES)
def requests_approve(request: HttpRequest) -> HttpResponse:
    """Approve the ticked ones (field `request`), each by itself; what cannot be is said by name."""
    actor = actor_of(request)
    numbers = [value for value in request.POST.getlist("request") if value.isdecimal() and len(value) < 16]
    rows = list(
        AccountRequest.objects.filter(visible_requests(actor), pk__in=numbers)
        .select_related("user", "requested_by")
        .order_by("id")
    )
    if not rows:
        messages.error(request, "没有选中可以批准的申请，请先勾选。")
        return redirect("accounts:request_list")
    done = []
    for row in rows:
        try:
            approved = approve_account_request(
                actor=actor, at=clock.now(), request=row, base_url=request.build_absolute_uri("/")
            )
        except DomainError as error:
            if len(rows) == 1:
                raise
            messages.error(request, f"{row}：{error.message}")
        else:
            done.append(approved)
    if len(done) == 1:
        messages.success(request, f"已批准：{done[0]}。")
        return redirect("accounts:request_detail", pk=done[0].pk)
    if done:
        messages.success(request, f"已批准 {len(done)} 项；请打印乙联，分别交给本人。")
        return redirect("accounts:request_slips")
    return redirect("accounts:request_list")


@require_POST
@requires(*APPROVER_ROLES)
def request_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    form = RefusalForm(request.POST)
    if form.is_valid():
        try:
            refuse_account_request(
                actor=actor_of(request), at=clock.now(), request=row, comment=form.cleaned_data["comment"]
            )
        except NotAllowed:
            raise
        except DomainError as error:
            form.add_domain_error(error)
            return _show(request, row, form, error.status)
        messages.success(request, "已记为不予批准，申请人会收到通知。")
        return redirect("accounts:request_detail", pk=pk)
    return _show(request, row, form, 422)


@require_POST
@requires(*MANAGER_ROLES)
def request_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    withdraw_account_request(actor=actor_of(request), at=clock.now(), request=_visible(request, pk))
    messages.success(request, "申请已撤回。")
    return redirect("accounts:request_detail", pk=pk)
