"""落实情况检查表: the versions, one in words, loading a new one, publishing it (like the standards)."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from evaluation.enums import ChecklistState
from evaluation.forms.indicator_sets import PublishForm
from evaluation.forms.spot_checks.checklists import ChecklistFileForm
from evaluation.models import InspectionChecklist
from evaluation.permissions.roles import ROUND_KEEPERS, ROUND_READERS
from evaluation.rules.problems import Problem
from evaluation.rules.spot_checks.checklists import Checklist, ChecklistError, write_checklist
from evaluation.selectors.spot_checks.checklists import compared_with_the_one_in_force, visible_checklists
from evaluation.services.spot_checks.checklists import (
    load_checklist,
    publish_checklist,
    read_checklist_file,
)
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import shortened


@requires(*ROUND_READERS)
@require_GET
def checklist_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = {"rows": visible_checklists(actor), "may_manage": actor.role in ROUND_KEEPERS}
    return render(request, "evaluation/spot_checks/checklists.html", context)


@requires(*ROUND_READERS)
@require_GET
def checklist_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Every line as the inspectors read it; of a draft what it changes."""
    actor = actor_of(request)
    checklist = get_object_or_404(visible_checklists(actor), pk=pk)
    context = {
        "checklist": checklist,
        "facts": _facts(checklist),
        "compared": compared_with_the_one_in_force(checklist),
        "may_publish": actor.role in ROUND_KEEPERS and checklist.state == ChecklistState.DRAFT,
    }
    return render(request, "evaluation/spot_checks/checklist.html", context)


@requires(*ROUND_READERS)
@require_GET
def checklist_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The version as an editable file."""
    row = get_object_or_404(visible_checklists(actor_of(request)), pk=pk)
    text = write_checklist(Checklist(row.code, row.version, row.title, row.source, tuple(row.lines)))
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    name = f"{row}.yaml".replace("/", "-")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
@creates_once
def checklist_upload(request: HttpRequest) -> HttpResponse:
    """A file becomes a draft, or every problem in it is listed and nothing is written."""
    form = ChecklistFileForm(request.POST or None, request.FILES or None)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            given = read_checklist_file(form.cleaned_data["file"])
            row = load_checklist(actor=actor_of(request), checklist=given, now=clock.now())
        except ChecklistError as error:
            problems = error.problems
            form.add_error("file", f"文件中有 {len(problems)} 处问题，未写入。请按下表修改后重新选择文件。")
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"{row}：检查通过，请核对后发布。")
            return redirect("evaluation:checklist_detail", pk=row.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "problems": problems}
    return render(request, "evaluation/spot_checks/checklist_upload.html", context, status=status)


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
def checklist_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, then publish exactly the content that was shown."""
    actor = actor_of(request)
    checklist = get_object_or_404(visible_checklists(actor), pk=pk)
    if request.method == "POST":
        publish_checklist(
            actor=actor,
            checklist=checklist,
            now=clock.now(),
            expected_hash=request.POST.get("content_hash") or "-",
        )
        messages.success(request, f"已发布：{checklist}。")
        return redirect("evaluation:checklist_detail", pk=pk)
    context = {
        "heading": "发布落实情况检查表",
        "rows": _facts(checklist),
        "compared": compared_with_the_one_in_force(checklist),
        "form": PublishForm(initial={"content_hash": checklist.content_hash}),
        "consequence": "发布后内容不能再改，以后建立的抽查批次用这一版，正在使用的一版停用；已建立的批次不受影响。",
        "confirm_label": "发布检查表",
        "cancel_url": reverse("evaluation:checklist_detail", args=[pk]),
    }
    return render(request, "evaluation/spot_checks/checklist_publish.html", context)


def _facts(checklist: InspectionChecklist) -> list[tuple[str, object]]:
    return [
        ("编号", checklist.code),
        ("版本", checklist.version),
        ("状态", checklist.get_state_display()),
        ("来源", checklist.source),
        ("检查事项", f"{len(checklist.lines)} 条"),
        ("发布时间", checklist.published_at or "未发布"),
        ("内容校验码", shortened(checklist.content_hash, 17)),
    ]
