"""现场检查 on the phone: one line a screen, saves that answer the same when they come again, photos apart, the printed sheet.

Every page and answer starts from `inspected_check`: nobody but the team, in its time. A save of the script (outbox.js)
is answered in JSON, a plain POST by a page; both are 422 or 409 with everything as typed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from evaluation.enums import Hindrance, Judgement, Manner, Severity
from evaluation.forms.spot_checks.site import LineForm, SavedForm, VisitForm, compare, line_form, visit_form
from evaluation.selectors.spot_checks.site import (
    CHECK_FILES,
    LINE_FILES,
    SitePage,
    inspected_check,
    load_site,
    save_that_arrived,
    saved_last,
)
from evaluation.services.spot_checks.judging import LineReceipt, judge_line
from evaluation.services.spot_checks.visiting import VisitReceipt, record_visit
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.autosaving import is_autosave
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.kernel.http import SeeOther
from zaozhuang_portal.operations.views.uploads import handle_upload

VISIT = "END"
INDEX = "LIST"


def _site(request: HttpRequest, round_pk: int, pk: int) -> SitePage:
    actor = actor_of(request)
    check = inspected_check(actor, round_pk, pk)
    if check is None:
        raise Http404
    return compare(load_site(actor, check))


def _site_url(page: SitePage, code: str = "") -> str:
    url = reverse("evaluation:check_site", args=[page.check.round_id, page.check.pk])
    return f"{url}?line={code}" if code else url


def _draw(
    request: HttpRequest, page: SitePage, code: str, sent: SavedForm | None = None, status: int = 200
) -> HttpResponse:
    """The whole page; `code` is the screen shown, `sent` its form as typed."""
    cards = [
        {
            "item": item,
            "form": sent
            if isinstance(sent, LineForm) and sent.item.code == item.code
            else line_form(item, uuid.uuid4()),
            "before": page.lines[item.number - 2].code if item.number > 1 else INDEX,
            "next": page.after(item.code),
            "photo_uid": uuid.uuid4(),
        }
        for item in page.lines
    ]
    context = {
        "page": page,
        "check": page.check,
        "cards": cards,
        "visit": sent if isinstance(sent, VisitForm) else visit_form(page, uuid.uuid4()),
        "shown": code,
        "place": f"{page.check.pk}",
        "bottom_links": (),
    }
    return render(request, "evaluation/spot_checks/site.html", context, status=status)


@requires()
@require_GET
def check_site(request: HttpRequest, round_pk: int, pk: int) -> HttpResponse:
    page = _site(request, round_pk, pk)
    code = request.GET.get("line", INDEX)
    if code not in {INDEX, VISIT} and page.find(code) is None:
        code = INDEX
    return _draw(request, page, code)


@requires()
@require_POST
def check_line_save(request: HttpRequest, round_pk: int, pk: int, code: str) -> HttpResponse:
    if (late := _answered_late(request, round_pk, pk)) is not None:
        return late
    page = _site(request, round_pk, pk)
    item = page.find(code)
    if item is None:
        raise Http404
    form = line_form(item, "", request.POST)
    if not form.is_valid():
        return _refused(request, page, code, form)
    line, fields = item.line, form.cleaned_data
    receipt = _tried(
        request,
        page,
        code,
        form,
        lambda: judge_line(
            actor=actor_of(request),
            line=line,
            uid=fields["uid"],
            seen_revision=fields["seen_revision"],
            entry=form.entry(),
            now=clock.now(),
        ),
    )
    if isinstance(receipt, HttpResponse):
        return receipt
    if not is_autosave(request):
        messages.success(request, f"已保存 {item.label}。")
        return SeeOther(_site_url(page, page.after(code)))
    page = _site(request, round_pk, pk)
    stored = page.find(code)
    if stored is None:
        raise Http404
    after = render_to_string(
        "evaluation/spot_checks/_after.html", {"item": stored, "form": line_form(stored, "")}, request
    )
    return _receipt(receipt, {f"#after-{code}": after}, line_form(stored, "").values())


@requires()
@require_POST
def check_visit_save(request: HttpRequest, round_pk: int, pk: int) -> HttpResponse:
    if (late := _answered_late(request, round_pk, pk)) is not None:
        return late
    page = _site(request, round_pk, pk)
    form = visit_form(page, "", request.POST)
    if not form.is_valid():
        return _refused(request, page, VISIT, form)
    fields = form.cleaned_data
    receipt = _tried(
        request,
        page,
        VISIT,
        form,
        lambda: record_visit(
            actor=actor_of(request),
            check=page.check,
            uid=fields["uid"],
            seen_revision=fields["seen_revision"],
            entry=form.entry(),
            now=clock.now(),
        ),
    )
    if isinstance(receipt, HttpResponse):
        return receipt
    if not is_autosave(request):
        messages.success(request, "已保存检查情况。")
        return SeeOther(_site_url(page, VISIT))
    page = _site(request, round_pk, pk)
    signed = render_to_string("evaluation/spot_checks/_signed.html", {"page": page}, request)
    return _receipt(receipt, {"#site-signed": signed}, visit_form(page, "").values())


Receipt = TypeVar("Receipt", LineReceipt, VisitReceipt)


def _tried(
    request: HttpRequest,
    page: SitePage,
    code: str,
    form: LineForm | VisitForm,
    save: Callable[[], Receipt],
) -> Receipt | HttpResponse:
    """The receipt of one save, or its refusal with everything as typed: 409 with both texts, else 422."""
    try:
        return save()
    except NotAllowed:
        raise
    except ConflictError as error:
        return _clash(request, page, code, form, error)
    except DomainError as error:
        form.add_domain_error(error)
        return _refused(request, page, code, form, error)


def _answered_late(request: HttpRequest, round_pk: int, pk: int) -> HttpResponse | None:
    """The receipt of a save that did arrive, asked for again after the team's time: the phone may let go of it."""
    actor = actor_of(request)
    if not is_autosave(request) or inspected_check(actor, round_pk, pk) is not None:
        return None
    save = save_that_arrived(actor, pk, _uid(request))
    if save is None:
        return None
    return _receipt(VisitReceipt(save.uid, save.revision, save.saved_at, already=True), {}, {})


def _receipt(
    receipt: LineReceipt | VisitReceipt, fragments: dict[str, str], values: dict[str, list[str]]
) -> JsonResponse:
    body = {
        "uid": str(receipt.uid),
        "revision": receipt.revision,
        "saved_at": _hour(receipt.saved_at),
        "already": receipt.already,
        "fragments": fragments,
        "values": values,
    }
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


def _hour(at: datetime) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%H:%M}"


def _refused(
    request: HttpRequest, page: SitePage, code: str, form: SavedForm, error: DomainError | None = None
) -> HttpResponse:
    status = error.status if error is not None else 422
    if not is_autosave(request):
        return _draw(request, page, code, form, status)
    words = error.message if error is not None else form.first_words
    body = {"errors": [{"code": error.code if error else "invalid", "message": words}]}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def _clash(
    request: HttpRequest, page: SitePage, code: str, form: LineForm | VisitForm, error: ConflictError
) -> HttpResponse:
    """Both texts. On the page the typed one stays in the boxes, on the newest revision: saving again is a choice in sight."""
    page = _site(request, page.check.round_id, page.check.pk)
    item = page.find(code)
    stored: LineForm | VisitForm = line_form(item, "") if item is not None else visit_form(page, "")
    last = saved_last(line=item.line) if item is not None else saved_last(check=page.check)
    revision = item.line.revision if item is not None else page.check.visit_revision
    theirs = {
        "revision": revision,
        "values": stored.values(),
        "said": stored.said(),
        "by": last.user.full_name if last else "",
        "at": _hour(last.saved_at) if last else "",
    }
    if is_autosave(request):
        body = {"errors": [{"code": error.code, "message": error.message}], "theirs": theirs}
        return JsonResponse(body, status=409, json_dumps_params={"ensure_ascii": False})
    data = request.POST.copy()
    data["seen_revision"] = str(revision)
    data["uid"] = str(uuid.uuid4())
    again: LineForm | VisitForm = (
        line_form(item, "", data) if item is not None else visit_form(page, "", data)
    )
    again.theirs = theirs
    return _draw(request, page, code, again, 409)


@requires()
@require_POST
def check_photos(request: HttpRequest, round_pk: int, pk: int, code: str) -> HttpResponse:
    """Photos of one line. Sent again under its id, a photo is the one already stored."""
    page = _site(request, round_pk, pk)
    item = page.find(code)
    if item is None:
        raise Http404
    return handle_upload(
        request,
        LINE_FILES,
        item.line.pk,
        organization=page.check.organization,
        back_url=_site_url(page, code),
        uid=_uid(request),
    )


@requires()
@require_POST
def check_scan(request: HttpRequest, round_pk: int, pk: int) -> HttpResponse:
    """The signed sheet, scanned back."""
    page = _site(request, round_pk, pk)
    return handle_upload(
        request,
        CHECK_FILES,
        page.check.pk,
        organization=page.check.organization,
        back_url=_site_url(page, VISIT),
        uid=_uid(request),
    )


def _uid(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("uid", ""))
    except ValueError:
        return None


@requires()
@require_GET
def check_sheet(request: HttpRequest, round_pk: int, pk: int) -> HttpResponse:
    """The same lines on paper with empty boxes, for inspectors without an account and for a dead phone. No score on it."""
    page = _site(request, round_pk, pk)
    context = {
        "page": page,
        "check": page.check,
        "printed_on": clock.now(),
        "back": _site_url(page),
        "manners": Manner.labels,
        "verdicts": Judgement.labels,
        "severities": Severity.labels,
        "hindrances": Hindrance.labels,
    }
    return render(request, "evaluation/spot_checks/sheet.html", context)
