"""三方（四家）会签 of a plan or a roster: one page for both papers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cultivation.forms.countersignatures import CountersignForm, OfflineSignatureForm
from cultivation.selectors.countersignatures import (
    CountersignaturePanel,
    SeatLine,
    SignedPaper,
    countersignature_panel,
    get_paper,
    signing_timeline,
)
from cultivation.services.countersignatures import (
    ask_for_signatures,
    countersign,
    enter_offline_signature,
)
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Seat
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.views.uploads import file_list_context, handle_upload

SIGNERS = (Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER)
OFFICE = (Role.DISTRICT_OFFICE,)
READERS = (Role.CITY_OFFICE, Role.CITY_MEMBER, Role.LEADER, *SIGNERS)


def _load(request: HttpRequest, kind: str, pk: int) -> tuple[Actor, SignedPaper, CountersignaturePanel]:
    actor = actor_of(request)
    paper = get_paper(actor, kind, pk)
    return actor, paper, countersignature_panel(actor, plan=paper.plan, roster=paper.roster)


def _seat(lines: list[SeatLine], pk: int) -> Seat:
    return next(line.seat for line in lines if line.seat.pk == pk)


def _page(paper: SignedPaper) -> str:
    return reverse("cultivation:countersign", kwargs={"kind": paper.kind, "pk": paper.pk})


@requires(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
@creates_once
def countersign_page(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Who has signed, and the form of those who may sign here and now."""
    actor, paper, panel = _load(request, kind, pk)
    mine = panel.my_lines
    form = None
    status = 200
    if mine:
        form = CountersignForm(
            request.POST or None, lines=mine, initial={"version": paper.version}, cancel_url=paper.url
        )
    if request.method == "POST":
        status = 403 if form is None else 422
        if form is not None and form.is_valid():
            data = form.cleaned_data
            try:
                countersign(
                    actor=actor,
                    paper=paper,
                    seat=_seat(mine, data["seat"]),
                    opinion=data["opinion"],
                    comment=data["comment"],
                    expected_version=data["version"],
                    now=clock.now(),
                )
            except DomainError as error:
                status = error.status
                form.add_domain_error(error)
                form.data = form.data.copy()
                form.data["version"] = str(paper.version)
            else:
                messages.success(request, "会签意见已提交。")
                return redirect(_page(paper))
    context = {
        "paper": paper,
        "panel": panel,
        "form": form,
        "timeline": signing_timeline(paper),
        **file_list_context(paper.scan_kind, paper.pk, editable=panel.may_enter_offline),
    }
    return render(request, "cultivation/countersign/page.html", context, status=status)


@requires(*OFFICE)
@require_http_methods(["GET", "HEAD", "POST"])
@creates_once
def countersign_offline(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """代录 of the signed sheet: the scan first, then each seat as it stands on the sheet."""
    actor, paper, panel = _load(request, kind, pk)
    form = OfflineSignatureForm(request.POST or None, lines=panel.lines, cancel_url=_page(paper))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            enter_offline_signature(
                actor=actor,
                paper=paper,
                seat=_seat(panel.lines, data.pop("seat")),
                now=clock.now(),
                **data,
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "线下会签意见已代录。")
            return redirect(f"{request.path}" if "save_and_add" in request.POST else _page(paper))
    context = {
        "paper": paper,
        "panel": panel,
        "form": form,
        **file_list_context(paper.scan_kind, paper.pk, editable=True),
    }
    return render(
        request, "cultivation/countersign/offline.html", context, status=422 if form.is_bound else 200
    )


@requires(*OFFICE)
@require_POST
def countersign_files(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The scan of the signed sheet."""
    _, paper, _ = _load(request, kind, pk)
    return handle_upload(
        request, paper.scan_kind, paper.pk, organization=paper.organization, back_url=_page(paper)
    )


@requires(*OFFICE)
@require_POST
def countersign_ask(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    actor, paper, panel = _load(request, kind, pk)
    try:
        told = ask_for_signatures(actor=actor, panel=panel, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        without = "没有可通知的人员，请线下会签。"
        messages.success(request, f"已通知 {told} 人会签。" if told else without)
    return redirect(_page(paper))


@requires(*READERS)
@require_safe
def countersign_sheet(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """会签表 to print: one row per seat, signed or to be signed by hand."""
    _, paper, panel = _load(request, kind, pk)
    context = {"paper": paper, "panel": panel, "printed_at": clock.now()}
    return render(request, "cultivation/countersign/sheet.html", context)
