"""What the unit does: measures with their proof, who sees to it, handing in, going on, asking for time, objecting."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from evaluation.forms.rectifications.mending import (
    ExtensionForm,
    MeasureForm,
    ObjectionForm,
    ResponsibleForm,
)
from evaluation.models import RectificationMeasure
from evaluation.permissions.rectifications import require_rectifier
from evaluation.permissions.roles import RECTIFIERS
from evaluation.selectors.rectifications.files import MEASURE_FILES
from evaluation.selectors.rectifications.pages import RectificationPage
from evaluation.selectors.rectifications.words import nameable_people
from evaluation.services.rectifications.asks import ask_extension, raise_objection
from evaluation.services.rectifications.mending import (
    add_measure,
    change_measure,
    continue_rectification,
    name_responsible,
    submit_rectification,
)
from evaluation.views.rectifications.common import FORM, Rows, act, load, url_of
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.views.uploads import handle_upload


def _load_own(request: HttpRequest, pk: int) -> tuple[Actor, RectificationPage]:
    """Of the actor's own unit: whoever only re-checks it does not mend it."""
    actor, page = load(request, pk)
    require_rectifier(actor, page.record)
    return actor, page


@requires(*RECTIFIERS)
@require_http_methods(FORM)
@creates_once
def measure_new(request: HttpRequest, pk: int) -> HttpResponse:
    actor, page = _load_own(request, pk)
    form = MeasureForm(request.POST or None)
    return act(
        request,
        page,
        "measure",
        "登记整改措施",
        lambda: add_measure(actor=actor, rectification=page.record, entry=form.entry(), now=clock.now()),
        "已登记措施。佐证材料在该措施下上传。",
        form=form,
        rows=[("整改要求", page.record.requirement), ("销号标准", page.record.criterion)],
    )


@requires(*RECTIFIERS)
@require_http_methods(FORM)
def measure_edit(request: HttpRequest, pk: int, measure_pk: int) -> HttpResponse:
    """What is planned, and later what came of it."""
    actor, page = _load_own(request, pk)
    measure = get_object_or_404(RectificationMeasure, pk=measure_pk, rectification=page.record)
    form = MeasureForm(request.POST or None, initial=MeasureForm.of(measure))

    def run() -> None:
        seen = form.cleaned_data["seen_revision"]
        change_measure(
            actor=actor,
            measure=measure,
            entry=form.entry(),
            seen_revision=-1 if seen is None else seen,
            now=clock.now(),
        )

    def stored(_: object) -> Rows:
        measure.refresh_from_db()
        form.data = form.data.copy()
        form.data["seen_revision"] = str(measure.revision)
        names = ("words", "person", "due_on", "done_on", "result", "evidence_of")
        return [(f"已保存的{form.fields[name].label}", getattr(measure, name) or "—") for name in names]

    return act(request, page, "measure", "填写整改措施", run, "已保存。", form=form, refused=stored)


@requires(*RECTIFIERS)
@require_POST
def measure_proof(request: HttpRequest, pk: int, measure_pk: int) -> HttpResponse:
    _, page = _load_own(request, pk)
    measure = get_object_or_404(RectificationMeasure, pk=measure_pk, rectification=page.record)
    return handle_upload(
        request, MEASURE_FILES, measure.pk, organization=page.record.organization, back_url=url_of(page)
    )


@requires(*RECTIFIERS)
@require_http_methods(FORM)
def rectification_name(request: HttpRequest, pk: int) -> HttpResponse:
    """整改责任人, of the unit's own accounts."""
    actor, page = _load_own(request, pk)
    people = nameable_people(actor, page.record, clock.shanghai_date(clock.now()))
    form = ResponsibleForm(
        request.POST or None, people=people, initial={"user": page.record.responsible_user_id}
    )
    return act(
        request,
        page,
        "name",
        "指定整改责任人",
        lambda: name_responsible(
            actor=actor,
            rectification=page.record,
            user=form.people[form.cleaned_data["user"]],
            now=clock.now(),
        ),
        "已指定整改责任人。",
        form=form,
    )


@requires(*RECTIFIERS)
@require_http_methods(FORM)
def rectification_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """报送复查."""
    actor, page = _load_own(request, pk)
    open_ones = [one for one in page.measures if one.done_on is None]
    rows: Rows = [(f"措施{number}", f"{one.words}：{one.result}") for number, one in enumerate(page.done, 1)]
    rows += [("未完成的措施", one.words) for one in open_ones]
    return act(
        request,
        page,
        "submit",
        "报送复查",
        lambda: submit_rectification(actor=actor, rectification=page.record, now=clock.now()),
        "已报送复查。",
        rows=rows,
        consequence="报送后已完成的措施和佐证不能再改，由本单位以外的人员对照销号标准复查。",
    )


@requires(*RECTIFIERS)
@require_http_methods(FORM)
def rectification_continue(request: HttpRequest, pk: int) -> HttpResponse:
    """继续整改 after a re-check that was not passed."""
    actor, page = _load_own(request, pk)
    return act(
        request,
        page,
        "continue",
        "继续整改",
        lambda: continue_rectification(actor=actor, rectification=page.record, now=clock.now()),
        "已转为整改中。请登记新的措施和佐证，再报送复查。",
    )


@requires(*RECTIFIERS)
@require_http_methods(FORM)
def extension_ask(request: HttpRequest, pk: int) -> HttpResponse:
    actor, page = _load_own(request, pk)
    form = ExtensionForm(request.POST or None)
    return act(
        request,
        page,
        "extend",
        "申请延期",
        lambda: ask_extension(actor=actor, rectification=page.record, now=clock.now(), **form.cleaned_data),
        "已提交延期申请，答复前期限不变。",
        form=form,
        rows=[("现在的期限", page.record.due_on)],
        consequence="由市三方委员会办公室答复；同意以前，期限不变。",
    )


@requires(*RECTIFIERS)
@require_http_methods(FORM)
def objection_raise(request: HttpRequest, pk: int) -> HttpResponse:
    actor, page = _load_own(request, pk)
    form = ObjectionForm(request.POST or None)
    return act(
        request,
        page,
        "object",
        "提出异议",
        lambda: raise_objection(actor=actor, rectification=page.record, now=clock.now(), **form.cleaned_data),
        "已提出异议，由市三方委员会办公室答复。",
        form=form,
        consequence="每份整改通知书只能提出一次异议。答复以前，整改期限照常计算。",
    )
