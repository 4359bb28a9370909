"""One rectification, and what the city does with it: change, issue, withdraw, answer, re-check, close."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.rules.work_days import add_working_days
from cultivation.selectors.work_days import work_calendar, working_day_note
from evaluation.forms.rectifications.orders import AnswerForm, OrderForm, RecheckForm, WithdrawOrderForm
from evaluation.models import Rectification
from evaluation.permissions.rectifications import require_rechecker
from evaluation.permissions.roles import RECTIFICATION_KEEPERS
from evaluation.selectors.rectifications.files import MEASURE_FILES
from evaluation.selectors.rectifications.findings import finding_links
from evaluation.services.rectifications.asks import decide_extension, decide_objection
from evaluation.services.rectifications.mending import close_rectification, recheck_rectification
from evaluation.services.rectifications.orders import (
    change_rectification,
    issue_rectification,
    withdraw_rectification,
)
from evaluation.views.rectifications.common import FORM, Rows, act, deadline_of, load
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.selectors.attachments import attachments_of


@requires()
@require_GET
def rectification_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything of one rectification, and the next act. Statements: constant, whatever hangs at it."""
    actor, page = load(request, pk)
    files = attachments_of(MEASURE_FILES, [one.pk for one in page.measures])
    editable = "measure" in page.may
    context = {
        "page": page,
        "record": page.record,
        "finding": page.record.finding,
        "links": finding_links(actor, page.record.finding),
        "measures": [(one, files.get(one.pk, []), editable and not one.handed_in) for one in page.measures],
        "deadline": deadline_of(page.record, clock.now()),
        "timeline": timeline_of("Rectification", pk),
        "in_list": actor.sees_whole_city or page.is_unit,
    }
    return render(request, "evaluation/rectifications/detail.html", context)


@requires(*RECTIFICATION_KEEPERS)
@require_http_methods(FORM)
def rectification_edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor, page = load(request, pk)
    form = OrderForm(request.POST or None, initial=OrderForm.of(page.record))

    def run() -> None:
        seen = form.cleaned_data["seen_revision"]
        change_rectification(
            actor=actor,
            rectification=page.record,
            entry=form.entry(),
            seen_revision=-1 if seen is None else seen,
            now=clock.now(),
        )

    def stored(_: object) -> Rows:
        """What is stored now stands over what was typed; the next press saves over it knowingly."""
        now_stored = Rectification.objects.get(pk=pk)
        form.data = form.data.copy()
        form.data["seen_revision"] = str(now_stored.revision)
        names = ("requirement", "criterion", "term_days", "consequence", "reporting_way")
        return [(f"已保存的{form.fields[name].label}", getattr(now_stored, name)) for name in names]

    return act(request, page, "edit", "修改整改通知书", run, "已保存。", form=form, refused=stored)


@requires(*RECTIFICATION_KEEPERS)
@require_http_methods(FORM)
def rectification_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """下达: number, last day and letter in one act."""
    actor, page = load(request, pk)
    record, today = page.record, clock.shanghai_date(clock.now())
    due = add_working_days(today, record.term_days, work_calendar())
    note = working_day_note(today, due)
    rows: Rows = [
        ("整改要求", record.requirement),
        ("销号标准", record.criterion),
        (
            "整改期限",
            f"{record.term_days}个工作日，今天下达的至{due:%Y-%m-%d}" + (f"（{note}）" if note else ""),
        ),
        ("逾期后果", record.consequence),
        ("报送方式", record.reporting_way or "—"),
    ]
    return act(
        request,
        page,
        "issue",
        "下达整改通知书",
        lambda: issue_rectification(actor=actor, rectification=record, now=clock.now()),
        "已下达，并通知单位签收。",
        rows=rows,
        consequence="下达后编号、不能再修改，单位会收到通知并须签收；内容有误的撤销后另行登记。",
    )


@requires(*RECTIFICATION_KEEPERS)
@require_http_methods(FORM)
def rectification_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    actor, page = load(request, pk)
    form = WithdrawOrderForm(request.POST or None)
    return act(
        request,
        page,
        "withdraw",
        "撤销整改",
        lambda: withdraw_rectification(
            actor=actor, rectification=page.record, now=clock.now(), **form.cleaned_data
        ),
        "已撤销。",
        form=form,
        consequence="撤销后不能恢复，文号不再使用；理由单位可以看到，记录保留。",
        danger=True,
    )


@requires(*RECTIFICATION_KEEPERS)
@require_http_methods(FORM)
def extension_answer(request: HttpRequest, pk: int, extension_pk: int) -> HttpResponse:
    actor, page = load(request, pk)
    asked = next((one for one in page.extensions if one.pk == extension_pk), None)
    if asked is None:
        raise Http404
    form = AnswerForm(request.POST or None)
    return act(
        request,
        page,
        "answer_extension",
        "答复延期申请",
        lambda: decide_extension(actor=actor, extension=asked, now=clock.now(), **form.cleaned_data),
        "已答复，并告知单位。",
        form=form,
        rows=[
            ("现在的期限", page.record.due_on),
            ("申请延至", asked.until),
            ("延期理由", asked.reason),
        ],
        consequence="同意的，整改期限随即改为申请的日期。",
    )


@requires(*RECTIFICATION_KEEPERS)
@require_http_methods(FORM)
def objection_answer(request: HttpRequest, pk: int) -> HttpResponse:
    actor, page = load(request, pk)
    raised = page.objection
    if raised is None:
        raise Http404
    form = AnswerForm(request.POST or None)
    return act(
        request,
        page,
        "answer_objection",
        "答复异议",
        lambda: decide_objection(actor=actor, objection=raised, now=clock.now(), **form.cleaned_data),
        "已答复，并告知单位。",
        form=form,
        rows=[("异议事项", raised.get_ground_display()), ("异议内容", raised.words)],
        consequence="答复后不能更改。同意的，请随后另行撤销整改通知书。",
    )


@requires()
@require_http_methods(FORM)
def rectification_recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """复查 by other eyes of the city, or by the 主检 of the check it came from."""
    actor, page = load(request, pk)
    require_rechecker(actor, page.record)
    form = RecheckForm(request.POST or None, initial={"checked_on": clock.shanghai_date(clock.now())})
    rows: Rows = [("销号标准", page.record.criterion)]
    rows += [(f"措施{number}", f"{one.words}：{one.result}") for number, one in enumerate(page.done, 1)]
    return act(
        request,
        page,
        "recheck",
        "登记复查",
        lambda: recheck_rectification(
            actor=actor, rectification=page.record, now=clock.now(), **form.cleaned_data
        ),
        "已登记复查，并告知单位。",
        form=form,
        rows=rows,
        consequence="通过的，另由市三方委员会办公室销号；未通过的退回单位继续整改。",
    )


@requires(*RECTIFICATION_KEEPERS)
@require_http_methods(FORM)
def rectification_close(request: HttpRequest, pk: int) -> HttpResponse:
    actor, page = load(request, pk)
    last = page.rechecks[-1] if page.rechecks else None
    rows: Rows = [("销号标准", page.record.criterion)]
    if last is not None:
        rows.append(("复查", f"{last}（{last.checked_by}，{last.checked_on:%Y-%m-%d}）：{last.words}"))
    return act(
        request,
        page,
        "close",
        "销号",
        lambda: close_rectification(actor=actor, rectification=page.record, now=clock.now()),
        "已销号，并告知单位。",
        rows=rows,
        consequence="销号后不能恢复，整改记录长期保留。销号不改变得分；得分变化须另行录入市级层。",
    )
