"""A subject's life in the browser: rename, deregister, reinstate, merge. Each is a page of its own with its reason."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cultivation.forms.subject_lives import MergeCodesForm, MergeForm, ReasonForm, RenameForm
from cultivation.models import Subject
from cultivation.selectors.rosters import counted_years
from cultivation.services.subject_lives import deregister_subject, reinstate_subject, rename_subject
from cultivation.services.subject_merging import check_merge, codes_differ, codes_question, merge_subjects
from cultivation.views.subjects import KEEPERS, load_subject
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.forms import PortalForm
from zaozhuang_portal.kernel.parsing import whole_number


def _page_of(subject: Subject) -> str:
    return reverse("cultivation:subject_detail", kwargs={"pk": subject.pk})


def _form_page(
    request: HttpRequest, subject: Subject, form: PortalForm, title: str, words: str
) -> HttpResponse:
    return render(
        request,
        "cultivation/subjects/life.html",
        {"subject": subject, "form": form, "title": title, "words": words},
        status=422 if request.method == "POST" else 200,
    )


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
def subject_rename(request: HttpRequest, pk: int) -> HttpResponse:
    actor, subject = load_subject(request, pk)
    form = RenameForm(
        request.POST or None,
        subject=subject,
        initial={"name": subject.name, "version": subject.version},
        cancel_url=_page_of(subject),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        old = subject.name
        try:
            rename_subject(
                actor=actor,
                subject=subject,
                expected_version=data["version"],
                name=data["name"],
                reason=data["reason"],
                happened_on=data["happened_on"],
                document_number=data["document_number"],
                now=clock.now(),
            )
        except DomainError as error:
            subject.refresh_from_db()
            form.data = form.data.copy()
            form.data["version"] = str(subject.version)
            form.add_domain_error(error)
        else:
            messages.success(request, f"“{old}”已更名为“{subject.name}”，原名记入历史。")
            return redirect(_page_of(subject))
    words = "更名后各处显示新名称；历年名单、报告快照和历史记录中仍可查到原名。只是录入有误的，请用“修改档案”更正。"
    return _form_page(request, subject, form, f"更名：{subject.name}", words)


def _reason_page(
    request: HttpRequest,
    pk: int,
    *,
    service: Callable[..., Subject],
    label: str,
    submit: str,
    title: str,
    words: str,
    done: str,
) -> HttpResponse:
    actor, subject = load_subject(request, pk)
    if standing := counted_years(subject) if service is deregister_subject else []:
        years = "、".join(str(year) for year in standing)
        words += f"注意：它在{years}年度确认的重点培育名单上，注销后仍计入；不再计入的，请在该年度“培育名单”中写明理由调出。"
    form = ReasonForm(request.POST or None, label=label, submit_label=submit, cancel_url=_page_of(subject))
    if request.method == "POST" and form.is_valid():
        try:
            service(actor=actor, subject=subject, reason=form.cleaned_data["reason"], now=clock.now())
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"“{subject.name}”{done}")
            return redirect(_page_of(subject))
    return _form_page(request, subject, form, title.format(subject.name), words)


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
def subject_deregister(request: HttpRequest, pk: int) -> HttpResponse:
    return _reason_page(
        request,
        pk,
        service=deregister_subject,
        label="注销原因",
        submit="注销档案",
        title="确认注销“{}”",
        words="注销后该对象不能再列入以后年度的培育名单，未结束的结对和定点联系今日结束；档案、历年培育和评价记录全部保留。",
        done="已注销，档案和历史保留。",
    )


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
def subject_reinstate(request: HttpRequest, pk: int) -> HttpResponse:
    return _reason_page(
        request,
        pk,
        service=reinstate_subject,
        label="恢复原因",
        submit="恢复在册",
        title="恢复“{}”在册",
        words="用于误注销的情况。注销时结束的结对和定点联系不会自动恢复，请另行登记。",
        done="已恢复在册。",
    )


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
def subject_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """First the other record is found and both are shown side by side; only 确认合并 writes."""
    actor, subject = load_subject(request, pk)
    form = MergeForm(request.POST or None, actor=actor, subject=subject, cancel_url=_page_of(subject))
    confirming = "confirm" in request.POST
    if request.method == "POST" and form.is_valid():
        duplicate: Subject = form.cleaned_data["duplicate"]
        codes = None
        if codes_differ(subject, duplicate):
            codes = MergeCodesForm(request.POST if confirming else None)
        try:
            check_merge(actor=actor, heir=subject, duplicate=duplicate)
            if not confirming or (codes is not None and not codes.is_valid()):
                return _merge_question(request, subject, duplicate, form, codes)
            receipt = merge_subjects(
                actor=actor,
                heir=subject,
                duplicate=duplicate,
                reason=form.cleaned_data["reason"],
                expected_version=whole_number(request.POST.get("duplicate_version"), digits=9),
                codes_answer=codes.cleaned_data["codes_answer"] if codes is not None else "",
                now=clock.now(),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"“{duplicate.name}”已并入“{subject.name}”。{receipt.sentence()}")
            return redirect(_page_of(subject))
    words = (
        "把重复的档案并入本档案：它的历年培育、结对、服务、培训、自评和附件都转到本档案，"
        "两边同一年都列入名单的只算一次。合并后不能拆分。"
    )
    return _form_page(request, subject, form, f"把重复档案并入“{subject.name}”", words)


def _merge_question(
    request: HttpRequest, subject: Subject, duplicate: Subject, form: MergeForm, codes: MergeCodesForm | None
) -> HttpResponse:
    context = {
        "subject": subject,
        "duplicate": duplicate,
        "rows": _compare(subject, duplicate),
        "form": form,
        "codes": codes,
        "codes_question": codes_question(subject, duplicate) if codes is not None else "",
    }
    status = 422 if codes is not None and codes.is_bound else 200
    return render(request, "cultivation/subjects/merge_confirm.html", context, status=status)


def _compare(subject: Subject, duplicate: Subject) -> list[tuple[str, object, object]]:
    """(label, stays, goes) of what tells two records of one firm apart."""
    rows = [
        (str(subject._meta.get_field(name).verbose_name), getattr(subject, name), getattr(duplicate, name))
        for name in (
            "name",
            "credit_code",
            "managing_organization",
            "township",
            "employee_count",
            "contact_name",
        )
    ]
    years = [
        "、".join(f"{year}" for year in row.enrollments.order_by("year_id").values_list("year_id", flat=True))
        for row in (subject, duplicate)
    ]
    return [*rows, ("历年培育", years[0], years[1])]
