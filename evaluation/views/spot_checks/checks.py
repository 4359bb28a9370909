"""One spot check: what was looked at and found, and the three acts that end it. Each page asks readable_check()."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluation.enums import CheckKind, CheckState
from evaluation.forms.spot_checks.conclusions import AnswerForm, ConclusionForm
from evaluation.permissions.roles import ROUND_READERS
from evaluation.selectors.letters import visible_letters
from evaluation.selectors.spot_checks.facts import facts_beside
from evaluation.selectors.spot_checks.files import ANSWER_FILES
from evaluation.selectors.spot_checks.notices import ABOUT
from evaluation.selectors.spot_checks.results import CheckPage, check_page, readable_check, veto_choices
from evaluation.selectors.spot_checks.site import CHECK_FILES
from evaluation.services.spot_checks.concluding import answer_check, conclude_check, propose_conclusion
from evaluation.workflows.checks import ANSWER, CHECK_WORKFLOW, PROPOSE
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.forms import PortalForm
from zaozhuang_portal.operations.selectors.attachments import attachments_of
from zaozhuang_portal.operations.views.uploads import handle_upload

FORM = ["GET", "POST"]


def _page(request: HttpRequest, round_pk: int, pk: int) -> tuple[Actor, CheckPage]:
    actor = actor_of(request)
    check = readable_check(actor, round_pk, pk)
    if check is None:
        raise Http404
    return actor, check_page(actor, check, clock.shanghai_date(clock.now()))


def _url(page: CheckPage) -> str:
    return reverse("evaluation:check_detail", args=[page.check.round_id, page.check.pk])


@requires()
@require_GET
def check_detail(request: HttpRequest, round_pk: int, pk: int) -> HttpResponse:
    """What this person may see of the check, and the next act. Statements: check, lines, team, looks, its notice, two of files.

    `?facts=now`: of a district's check today's records beside the snapshot, by the statements of the annual report.
    """
    actor, page = _page(request, round_pk, pk)
    compares = (
        page.check.kind == CheckKind.DISTRICT and bool(page.lines) and request.GET.get("facts") == "now"
    )
    today = clock.shanghai_date(clock.now())
    facts = facts_beside(page.check, page.lines, today) if compares else {}
    context = {
        "page": page,
        "today": today,
        "compares": compares,
        "rows": [(line, facts.get(line.code, [])) for line in page.lines],
        "reads_round": actor.role in ROUND_READERS,
        "check": page.check,
        "notice": visible_letters(actor)
        .filter(about_kind=ABOUT, about_id=pk, withdrawn_at__isnull=True)
        .first(),
        "scans": attachments_of(CHECK_FILES, [pk]).get(pk, []) if page.lines else [],
        "proof": attachments_of(ANSWER_FILES, [pk]).get(pk, []) if page.lines else [],
        "may_propose": page.is_lead and page.check.state in CHECK_WORKFLOW.sources(PROPOSE),
        "may_answer": page.is_unit
        and page.check.state in CHECK_WORKFLOW.sources(ANSWER)
        and not page.overdue,
        "may_conclude": page.is_city
        and (
            page.check.state == CheckState.ANSWERED
            or (page.check.state == CheckState.PROVISIONAL and page.overdue)
        ),
    }
    return render(request, "evaluation/spot_checks/check.html", context)


@requires()
@require_http_methods(FORM)
def check_propose(request: HttpRequest, round_pk: int, pk: int) -> HttpResponse:
    actor, page = _page(request, round_pk, pk)
    if not page.is_lead:
        raise NotAllowed("初步结论由本次检查的主检提出。")
    form = ConclusionForm(request.POST or None, vetoes=veto_choices(page.check))
    if request.method == "POST" and form.is_valid():
        try:
            propose_conclusion(actor=actor, check=page.check, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            return _refused(request, page, form, error, "提出初步结论")
        messages.success(request, "已提出初步结论，并告知被检查单位。")
        return redirect(_url(page))
    return _confirm(request, page, form, "提出初步结论")


@requires()
@require_http_methods(FORM)
def check_answer(request: HttpRequest, round_pk: int, pk: int) -> HttpResponse:
    actor, page = _page(request, round_pk, pk)
    if not page.is_unit:
        raise NotAllowed("反馈意见由被检查单位填写。")
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answer_check(actor=actor, check=page.check, words=form.cleaned_data["answer"], now=clock.now())
        except DomainError as error:
            return _refused(request, page, form, error, "反馈意见")
        messages.success(request, "反馈意见已提交。")
        return redirect(_url(page))
    return _confirm(request, page, form, "反馈意见")


@requires()
@require_http_methods(FORM)
def check_conclude(request: HttpRequest, round_pk: int, pk: int) -> HttpResponse:
    actor, page = _page(request, round_pk, pk)
    if not page.is_city:
        raise NotAllowed("抽查结论由市三方委员会办公室作出。")
    given = {
        "conclusion": page.check.proposed_conclusion,
        "words": page.check.proposed_words,
        "vetoes": [code for code, _ in page.check.vetoes],
    }
    form = ConclusionForm(request.POST or None, initial=given, vetoes=veto_choices(page.check))
    if request.method == "POST" and form.is_valid():
        try:
            conclude_check(actor=actor, check=page.check, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            return _refused(request, page, form, error, "作出结论")
        messages.success(request, "已作出结论，并告知被检查单位。")
        return redirect(_url(page))
    return _confirm(request, page, form, "作出结论")


@requires()
@require_POST
def check_proof(request: HttpRequest, round_pk: int, pk: int) -> HttpResponse:
    """Proof of the inspected, with the answer to the provisional conclusion."""
    _, page = _page(request, round_pk, pk)
    if not page.is_unit:
        raise NotAllowed("佐证材料由被检查单位上传。")
    return handle_upload(
        request, ANSWER_FILES, page.check.pk, organization=page.check.organization, back_url=_url(page)
    )


def _refused(
    request: HttpRequest, page: CheckPage, form: PortalForm, error: DomainError, heading: str
) -> HttpResponse:
    """What belongs to a field stands beside it with everything as typed; the rest is its own page."""
    if error.field not in form.fields:
        raise error
    form.add_domain_error(error)
    return _confirm(request, page, form, heading)


_CONSEQUENCES = {
    "提出初步结论": "提出后现场判断不能再改，被检查单位会收到初步结论，并有机会反馈意见。",
    "反馈意见": "提交后不能再改，市三方委员会办公室据此作出结论。",
    "作出结论": "结论作出后不能更改；自评已核验的，现场核定的指标写入市级层，认定得分随之变化。",
}


def _confirm(request: HttpRequest, page: CheckPage, form: PortalForm, heading: str) -> HttpResponse:
    check = page.check
    rows = [("检查对象", check.name), ("编号", check.number), ("状态", check.get_state_display())]
    if page.lines:
        rows.append(("检查事项", f"已判断 {page.judged}／{len(page.lines)}"))
    if page.result:
        rows.append(("现在的结果", page.result))
    if check.answer and heading == "作出结论":
        rows.append(("反馈意见", check.answer))
    context = {
        "heading": heading,
        "rows": rows,
        "consequence": _CONSEQUENCES[heading],
        "form": form,
        "confirm_label": heading,
        "cancel_url": _url(page),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "components/confirm_page.html", context, status=status)
