"""通知: the list, a new one, one letter with its receipts, 签收, the paper signed at the unit, withdrawing, printing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluation.enums import LetterKind
from evaluation.forms.letters import LetterForm, PaperReceiptForm, ReceiveForm, WithdrawForm
from evaluation.models import LetterReceipt
from evaluation.permissions.roles import CHECK_PACKERS, LETTER_READERS, LETTER_RECEIVERS, LETTER_SENDERS
from evaluation.selectors.letters import LetterPage, find_letter, letter_rows
from evaluation.services.letters import receive_letter, receive_on_paper, send_letter, withdraw_letter
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page

PAGE_SIZE = 50
NEWEST = (SortKey("id", descending=True),)
# A letter about a rectification or a result is withdrawn with the thing itself.
WITHDRAWN_HERE = frozenset({LetterKind.LETTER, LetterKind.CHECK_NOTICE})


@requires(*LETTER_READERS)
@require_GET
def letter_list(request: HttpRequest) -> HttpResponse:
    """Newest first. Statements: rows, count, their receipts."""
    actor = actor_of(request)
    kind = request.GET.get("kind", "")
    open_only = request.GET.get("open") == "1"
    rows = letter_rows(actor, kind=kind if kind in LetterKind.values else "", open_only=open_only)
    page = fetch_page(rows, NEWEST, cursor=request.GET.dict(), size=PAGE_SIZE)
    context = {
        "page": page,
        "kind": kind,
        "kinds": LetterKind.choices,
        "open_only": open_only,
        "may_send": actor.role in LETTER_SENDERS,
        "whole_city": actor.sees_whole_city,
    }
    return render(request, "evaluation/letters/list.html", context)


@requires(*LETTER_SENDERS)
@require_http_methods(["GET", "POST"])
@creates_once
def letter_create(request: HttpRequest) -> HttpResponse:
    form = LetterForm(request.POST or None, cancel_url=reverse("evaluation:letter_list"))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            letter = send_letter(
                actor=actor_of(request),
                kind=LetterKind.LETTER,
                year=form.years[data["year"]],
                title=data["title"],
                sections=[("依据", data["basis"]), ("", data["body"]), ("要求", data["demand"])],
                addressees=data["addressees"],
                sign_by=data["sign_by"],
                now=clock.now(),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"已发出{letter.number}，收件单位会收到提醒。")
            return redirect("evaluation:letter_detail", letter.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "evaluation/letters/form.html", {"form": form}, status=status)


def _load(request: HttpRequest, pk: int) -> tuple[Actor, LetterPage]:
    actor = actor_of(request)
    page = find_letter(actor, pk)
    if page is None:
        raise Http404
    return actor, page


@requires(*LETTER_READERS)
@require_GET
def letter_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor, page = _load(request, pk)
    form = ReceiveForm(initial={"receiver_name": actor.user.full_name}) if page.to_sign else None
    return _detail(request, actor, page, form)


def _detail(
    request: HttpRequest, actor: Actor, page: LetterPage, form: ReceiveForm | None, status: int = 200
) -> HttpResponse:
    office = actor.role in LETTER_SENDERS
    context = {
        "found": page,
        "letter": page.letter,
        "form": form,
        "office": office,
        "pack_of": page.letter.about_id
        if page.letter.kind == LetterKind.CHECK_NOTICE and actor.role in CHECK_PACKERS
        else None,
        "may_withdraw": office and page.letter.withdrawn_at is None and page.letter.kind in WITHDRAWN_HERE,
        "timeline": timeline_of("Letter", page.letter.pk) if office else [],
    }
    return render(request, "evaluation/letters/detail.html", context, status=status)


@requires(*LETTER_RECEIVERS)
@require_POST
def letter_receive(request: HttpRequest, pk: int) -> HttpResponse:
    """签收; signed already, the page says by whom."""
    actor, page = _load(request, pk)
    form = ReceiveForm(request.POST)
    if not page.mine:
        raise Http404
    if form.is_valid():
        receipt = next((row for row in page.mine if row.received_at is None), page.mine[0])
        first = receipt.received_at is None
        try:
            receipt = receive_letter(actor=actor, receipt=receipt, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            if error.field not in form.fields:
                raise
            form.add_domain_error(error)
        else:
            if first and receipt.received_by_id == actor.user.pk:
                messages.success(request, "已签收。")
            else:
                messages.info(request, f"该通知已由{receipt.receiver_name}签收，没有重复登记。")
            return redirect("evaluation:letter_detail", pk)
    return _detail(request, actor, page, form, status=422)


@requires(*LETTER_SENDERS)
@require_http_methods(["GET", "POST"])
def letter_paper(request: HttpRequest, pk: int, receipt_pk: int) -> HttpResponse:
    """登记纸质签收: who signed the paper, on which day."""
    actor, page = _load(request, pk)
    receipt = get_object_or_404(LetterReceipt.objects.visible_to(actor), pk=receipt_pk, letter=page.letter)
    form = PaperReceiptForm(request.POST or None, initial={"received_on": clock.shanghai_date(clock.now())})
    if request.method == "POST" and form.is_valid():
        try:
            receive_on_paper(actor=actor, receipt=receipt, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            if error.field not in form.fields:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, "已登记纸质签收。")
            return redirect("evaluation:letter_detail", pk)
    context = {
        "heading": "登记纸质签收",
        "rows": [("通知", str(page.letter)), ("收件单位", receipt.addressee)],
        "form": form,
        "confirm_label": "登记纸质签收",
        "cancel_url": reverse("evaluation:letter_detail", args=[pk]),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "components/confirm_page.html", context, status=status)


@requires(*LETTER_SENDERS)
@require_http_methods(["GET", "POST"])
def letter_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    actor, page = _load(request, pk)
    if page.letter.kind not in WITHDRAWN_HERE:
        raise Http404
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_letter(actor=actor, letter=page.letter, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            if error.field not in form.fields:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, "已撤回，收件单位会收到提醒。")
            return redirect("evaluation:letter_detail", pk)
    context = {
        "heading": "撤回通知",
        "rows": [("通知", str(page.letter)), ("已签收", f"{page.received}／{len(page.receipts)}")],
        "consequence": "撤回后仍可查看，标明“已撤回”，不再签收。文号不再使用，改好后另行发出。",
        "form": form,
        "confirm_label": "撤回通知",
        "cancel_url": reverse("evaluation:letter_detail", args=[pk]),
        "danger": True,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "components/confirm_page.html", context, status=status)


@requires(*LETTER_READERS)
@require_GET
def letter_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper: one page to each addressee the actor may see, with the slip that is signed and torn off."""
    _, page = _load(request, pk)
    chosen = request.GET.get("to", "")
    receipts = [row for row in page.receipts if not chosen or str(row.pk) == chosen]
    if not receipts:
        raise Http404
    return render(request, "evaluation/letters/print.html", {"letter": page.letter, "receipts": receipts})
