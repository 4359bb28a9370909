"""评价标准: the list, one version in words, uploading a new one, publishing it."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluation.forms.indicator_sets import PublishForm, SetFileForm
from evaluation.models import IndicatorSet
from evaluation.models.indicator_sets import IndicatorSetState
from evaluation.permissions.roles import SET_MANAGERS
from evaluation.rules.definitions import (
    NOT_APPLICABLE_POLICIES,
    REQUIREMENTS,
    SUBJECT_KINDS,
    IndicatorSetDefinition,
)
from evaluation.rules.numbers import plain
from evaluation.rules.problems import IndicatorSetError, Problem
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.indicator_sets import compare_with_previous, visible_indicator_sets
from evaluation.services.indicator_set_files import read_indicator_set_file, write_indicator_workbook
from evaluation.services.indicator_sets import (
    UNCHANGED,
    discard_draft,
    load_indicator_set,
    publish_indicator_set,
)
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires()
@require_GET
def standard_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    return render(
        request,
        "evaluation/standards/list.html",
        {
            "indicator_sets": [(row, definition_of(row)) for row in visible_indicator_sets(actor)],
            "kinds": SUBJECT_KINDS,
            "may_manage": actor.role in SET_MANAGERS,
        },
    )


@requires()
@require_GET
def standard_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: items, rules in words, evidence, vetoes; what it changes against the version before."""
    actor = actor_of(request)
    indicator_set = get_object_or_404(visible_indicator_sets(actor), pk=pk)
    definition = definition_of(indicator_set)
    previous, changes = compare_with_previous(definition, stored=indicator_set)
    return render(
        request,
        "evaluation/standards/detail.html",
        {
            "indicator_set": indicator_set,
            "definition": definition,
            "facts": _facts(indicator_set, definition),
            "policies": NOT_APPLICABLE_POLICIES,
            "previous": previous,
            "changes": changes,
            "may_manage": actor.role in SET_MANAGERS,
            "is_draft": indicator_set.state == IndicatorSetState.DRAFT,
        },
    )


@requires()
@require_GET
def standard_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The version as an editable workbook; loaded again it gives the same standard."""
    indicator_set = get_object_or_404(visible_indicator_sets(actor_of(request)), pk=pk)
    response = HttpResponse(write_indicator_workbook(definition_of(indicator_set)), content_type=XLSX)
    label = "（重构稿）" if indicator_set.is_reconstruction else ""
    name = f"{indicator_set.title}{indicator_set.version}{label}.xlsx".replace("/", "-")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@requires(*SET_MANAGERS)
@require_http_methods(["GET", "POST"])
@creates_once
def standard_upload(request: HttpRequest) -> HttpResponse:
    """A set file becomes a draft, or every problem in it is listed and nothing is written."""
    form = SetFileForm(request.POST, request.FILES) if request.method == "POST" else SetFileForm()
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            definition = read_indicator_set_file(form.cleaned_data["file"])
            loaded = load_indicator_set(actor=actor_of(request), definition=definition, now=clock.now())
        except IndicatorSetError as error:
            problems = error.problems
            form.add_error("file", f"文件中有 {len(problems)} 处问题，未写入。请按下表修改后重新选择文件。")
        except DomainError as error:
            form.add_domain_error(error)
        else:
            done = (
                "内容与已载入的相同，未改动"
                if loaded.outcome == UNCHANGED
                else "检查通过，已存为草稿，请核对后发布"
            )
            messages.success(request, f"{loaded.indicator_set}：{done}。")
            return redirect("evaluation:standard_detail", pk=loaded.indicator_set.pk)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "evaluation/standards/upload.html", {"form": form, "problems": problems}, status=status
    )


@requires(*SET_MANAGERS)
@require_http_methods(["GET", "POST"])
def standard_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, then publish exactly the content that was shown."""
    actor = actor_of(request)
    indicator_set = get_object_or_404(visible_indicator_sets(actor), pk=pk)
    if request.method == "POST":
        publish_indicator_set(
            actor=actor,
            indicator_set=indicator_set,
            now=clock.now(),
            expected_hash=request.POST.get("content_hash") or "-",
        )
        messages.success(request, f"已发布：{indicator_set}。")
        return redirect("evaluation:standard_detail", pk=pk)
    definition = definition_of(indicator_set)
    _, changes = compare_with_previous(definition, stored=indicator_set)
    return render(
        request,
        "evaluation/standards/publish.html",
        {
            "indicator_set": indicator_set,
            "heading": f"发布评价标准 {indicator_set.code} {indicator_set.version}",
            "rows": _facts(indicator_set, definition),
            "changes": changes,
            "form": PublishForm(initial={"content_hash": indicator_set.content_hash}),
            "consequence": "发布后内容不能再改，自评将按生效日期使用这一版；要修改只能载入新的版本号。",
            "confirm_label": "发布评价标准",
            "cancel_url": reverse("evaluation:standard_detail", kwargs={"pk": pk}),
        },
    )


@requires(*SET_MANAGERS)
@require_POST
def standard_discard(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    indicator_set = get_object_or_404(visible_indicator_sets(actor), pk=pk)
    discard_draft(actor=actor, indicator_set=indicator_set, now=clock.now())
    messages.success(request, f"已删除草稿：{indicator_set}。")
    return redirect("evaluation:standard_list")


def _facts(indicator_set: IndicatorSet, definition: IndicatorSetDefinition) -> list[tuple[str, object]]:
    note = definition.threshold_notes.get("pass_score")
    pass_score = f"{plain(definition.pass_score)} 分" + (f"（{note.basis}）" if note and note.basis else "")
    lookback = definition.veto_lookback_months
    return [
        ("标准号", definition.code),
        ("版本", definition.version),
        ("状态", indicator_set.get_state_display()),
        ("来源", indicator_set.get_status_display()),
        ("适用对象", "、".join(SUBJECT_KINDS[kind] for kind in definition.applies_to)),
        ("生效日期", indicator_set.effective_from),
        ("总分", f"{plain(definition.total_score)} 分"),
        ("合格线", pass_score),
        ("否决事项回溯", "" if lookback is None else f"{lookback} 个月"),
        ("提交前须", "、".join(REQUIREMENTS[key] for key in definition.requires) or "无"),
        ("发布时间", indicator_set.published_at or "未发布"),
        ("内容校验码", indicator_set.content_hash[:16]),
    ]
