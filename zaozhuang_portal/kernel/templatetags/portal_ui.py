"""The components as template tags; docs/front-end.md shows how to use each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.core.signals import setting_changed
from django.forms import BaseForm, BaseFormSet
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from zaozhuang_portal.kernel.clock import SHANGHAI, DeadlineText
from zaozhuang_portal.kernel.components import Change, Chip, Step, TimelineEntry, UndoOffer
from zaozhuang_portal.kernel.error_lines import errors_of
from zaozhuang_portal.kernel.form_keys import FIELD, key_for
from zaozhuang_portal.kernel.preferences import DENSITIES
from zaozhuang_portal.kernel.rows import render_rows
from zaozhuang_portal.kernel.wording import filesize_zh, notice_place, or_blank, points, yes_no

register = template.Library()
for word in (filesize_zh, notice_place, or_blank, points, yes_no):
    register.filter(word)

LIGHTS = {
    "ON_TRACK": ("on-track", "正常"),
    "BEHIND": ("behind", "滞后"),
    "CRITICAL": ("critical", "严重滞后"),
    "NO_DATA": ("no-data", "未填报"),
}
SHAPES: dict[str, SafeString] = {
    "on-track": SafeString('<circle cx="8" cy="8" r="6"/>'),
    "behind": SafeString('<path d="M8 2 15 14H1z"/>'),
    "critical": SafeString('<path d="M2 2h12v12H2z"/>'),
    "no-data": SafeString('<circle cx="8" cy="8" r="6"/>'),
}
SAVE_STATES = {
    "saved": ("check-lg", "已保存"),
    "unsaved": ("pencil", "未保存"),
    "saving": ("arrow-repeat", "正在保存…"),
    "failed": ("exclamation-triangle", "未保存：网络中断，正在重试"),
    "conflict": ("exclamation-triangle", "未保存：此项在别处已修改"),
}
RECONSTRUCTION = "重构稿，待官方文本核定"


# --- marks ----------------------------------------------------------------------------------------------------------
@register.simple_tag
@cache
def icon(name: str, label: str = "") -> SafeString:
    """A symbol of static/icons.svg; without `label` it is decoration."""
    href = f"{static('icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}" focusable="false"><use href="{}"></use></svg>',
            label,
            href,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', href
    )


def _forget_icons(**_: object) -> None:
    icon.cache_clear()


# Only tests change settings while the process runs; the addresses of static files hang on them.
setting_changed.connect(_forget_icons, dispatch_uid="portal_ui.icon")


@register.simple_tag
def status_tag(kind: str, text: str) -> SafeString:
    """A word on a tinted ground; kinds ok, warn, danger, info, neutral, draft."""
    return format_html('<span class="tag tag-{}">{}</span>', kind or "neutral", text)


@register.simple_tag
def light(status: str, word: str = "") -> SafeString:
    """Target light: shape, word and colour; an unknown status is 未填报."""
    css, default = LIGHTS.get(str(status), LIGHTS["NO_DATA"])
    return format_html(
        '<span class="light light-{}"><svg class="light-shape" viewBox="0 0 16 16" aria-hidden="true" '
        'focusable="false">{}</svg>{}</span>',
        css,
        SHAPES[css],
        word or default,
    )


@register.simple_tag
def reconstruction_label(indicator_set: Any) -> SafeString:
    """The label of a standard whose official text is not at hand; nothing for an official one."""
    status = getattr(indicator_set, "status", indicator_set)
    if str(status) != "RECONSTRUCTION":
        return SafeString("")
    return format_html('<span class="reconstruction">{}</span>', RECONSTRUCTION)


@register.simple_tag
def save_state(state: str, at: datetime | None = None) -> SafeString:
    """已保存 14:02 and its sisters; the words are also what portal.js writes."""
    symbol, words = SAVE_STATES[state]
    clock = f" {at.astimezone(SHANGHAI):%H:%M}" if at is not None and state == "saved" else ""
    return format_html(
        '<span class="save-state save-state-{}">{}{}{}</span>', state, icon(symbol), words, clock
    )


@register.simple_tag
def deadline_text(deadline: DeadlineText) -> SafeString:
    """Absolute date, weekday and days left; amber in the last week, red when overdue."""
    css = "tag tag-danger" if deadline.days < 0 else "tag tag-warn" if deadline.days <= 7 else "nowrap"
    return format_html('<span class="{}">{}</span>', css, deadline)


@register.simple_tag
def copy_button(target: str, label: str = "复制") -> SafeString:
    return format_html(
        '<button type="button" class="btn btn-sm btn-outline-secondary" data-copy="{}" hidden>{}{}</button>',
        target,
        icon("copy"),
        label,
    )


# --- numbers --------------------------------------------------------------------------------------------------------
@register.simple_tag
def meter(value: float, total: float, label: str = "", kind: str = "") -> SafeString:
    """A bar without a style attribute. With `label` it is an image with that text, otherwise decoration."""
    share = min(100.0, max(0.0, 100.0 * float(value) / float(total))) if total else 0.0
    named = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="meter{}" viewBox="0 0 100 8" preserveAspectRatio="none" focusable="false" {}>'
        '<rect class="meter-track" width="100" height="8"/><rect class="meter-fill" width="{}" height="8"/></svg>',
        f" meter-{kind}" if kind else "",
        named,
        f"{share:.1f}",
    )


@register.inclusion_tag("components/quota_meter.html")
def quota_meter(done: int, target: int, label: str = "", href: str = "", unit: str = "家") -> dict[str, Any]:
    """`3／4 家` with a bar and 还差 1 家, or 已达标. A target of 0 is 不适用."""
    return {
        "done": done,
        "target": target,
        "missing": max(0, target - done),
        "label": label,
        "href": href,
        "unit": unit,
    }


@register.inclusion_tag("components/progress.html")
def progress(done: int, total: int, stage: str = "") -> dict[str, Any]:
    """Stage and count; a bar only with a true total."""
    return {"done": done, "total": total, "stage": stage, "percent": done * 100 // total if total else None}


@register.inclusion_tag("components/kpi_card.html")
def kpi_card(
    name: str, value: str, href: str = "", note: str = "", status: str = "", as_of: str = ""
) -> dict[str, Any]:
    return {"name": name, "value": value, "href": href, "note": note, "status": status, "as_of": as_of}


# --- lists ----------------------------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def query_string_without(context: template.Context, *names: str) -> str:
    """The present query string (with `?`) minus some keys."""
    query = _query(context)
    for name in names:
        query.pop(name, None)
    return f"?{query.urlencode()}" if query else "?"


def _query(context: template.Context) -> QueryDict:
    request: HttpRequest | None = context.get("request")
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


@register.simple_tag(takes_context=True)
def pager(context: template.Context, page: Any, unit: str = "条") -> SafeString:
    """Links of a kernel.keyset.KeysetPage; filters in the query string are kept."""

    def link(cursor: str) -> str:
        query = _query(context)
        query.pop("page", None)
        if cursor:
            query["page"] = cursor
        return f"?{query.urlencode()}" if query else "?"

    links = (
        ("首页", "chevron-double-left", link("") if page.has_first else ""),
        ("上一页", "chevron-left", link(page.previous) if page.previous else ""),
        ("下一页", "chevron-right", link(page.next) if page.next else ""),
        ("末页", "chevron-double-right", link("last") if page.has_last else ""),
    )
    request = context.get("request")
    return render_rows(
        "pager.jinja",
        page=page,
        links=links,
        unit=unit,
        needed=any(href for _, _, href in links),
        densities=DENSITIES,
        density=context.get("density", "normal"),
        here=request.get_full_path() if request is not None else "/",
        csrf_token=str(context.get("csrf_token", "")),
    )


@register.inclusion_tag("components/filter_chips.html")
def filter_chips(chips: Sequence[Chip], clear_url: str = "?") -> dict[str, Any]:
    return {"chips": chips, "clear_url": clear_url}


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: template.Context, label: str, column: str, sort: str = "", css: str = ""
) -> dict[str, Any]:
    """A column head that sorts: `sort` is the present value of ?sort=, a minus in front means descending."""
    query = _query(context)
    query.pop("page", None)
    direction = "ascending" if sort == column else "descending" if sort == f"-{column}" else ""
    query["sort"] = f"-{column}" if direction == "ascending" else column
    return {"label": label, "url": f"?{query.urlencode()}", "direction": direction, "css": css}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: str, text: str = "", action_url: str = "", action_label: str = "") -> dict[str, Any]:
    """What would be here, why it is empty, one action."""
    return {"title": title, "text": text, "action_url": action_url, "action_label": action_label}


@register.simple_block_tag
def table_region(content: str, label: str) -> SafeString:
    """A table that scrolls inside its own region."""
    return format_html(
        '<div class="table-region" role="region" tabindex="0" aria-label="{}">{}</div>', label, content
    )


@register.simple_tag
def crumbs(*pairs: str) -> SafeString:
    """Breadcrumbs from label, url, label, url …; an empty url is the page itself."""
    items = [(pairs[index], pairs[index + 1]) for index in range(0, len(pairs) - 1, 2)]
    shown = [
        format_html('<a href="{}">{}</a>', url, label)
        if url
        else format_html('<span aria-current="page">{}</span>', label)
        for label, url in items
    ]
    listed = format_html_join("", "<li>{}</li>", ((item,) for item in shown))
    return format_html('<nav class="crumbs" aria-label="位置"><ol>{}</ol></nav>', listed)


@cache
def _option(value: object, label: str) -> tuple[str, str]:
    """The option as it stands, and as it stands when chosen."""
    head, tail = format_html('<option value="{}"', value), format_html(">{}</option>", label)
    return f"{head}{tail}", f"{head} selected{tail}"


@register.simple_tag
def options(pairs: Iterable[tuple[object, str]], chosen: object = "", blank: str = "") -> SafeString:
    """The options of a filter's select from (value, label) pairs of a code table; `blank` names the empty choice."""
    wanted = "" if chosen is None else str(chosen)
    first = format_html('<option value="">{}</option>', blank) if blank else ""
    return SafeString(first + "".join(_option(value, label)[str(value) == wanted] for value, label in pairs))


# --- records --------------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/facts.html")
def facts(rows: Iterable[tuple[str, Any]], wide: bool = False) -> dict[str, Any]:
    return {"rows": rows, "wide": wide}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[TimelineEntry]) -> dict[str, Any]:
    shown = [
        {
            "entry": entry,
            "timed": isinstance(entry.at, datetime),
            "changes": [
                change if isinstance(change, Change) else Change(*change) for change in entry.changes
            ],
        }
        for entry in entries
    ]
    return {"entries": shown}


@register.inclusion_tag("components/steps.html")
def steps(items: Sequence[Step], label: str = "办理进度") -> dict[str, Any]:
    return {"items": items, "label": label}


@register.inclusion_tag("components/task_item.html")
def task_item(name: str, href: str = "", kind: str = "", status: str = "", note: str = "") -> dict[str, Any]:
    """A row of a task list. `kind` empty: plain words (已完成); without `href`: 暂不能开始."""
    return {"name": name, "href": href, "kind": kind, "status": status or "暂不能开始", "note": note}


@register.inclusion_tag("components/undo_bar.html", takes_context=True)
def undo_bar(context: template.Context, offer: UndoOffer | str, url: str = "") -> dict[str, Any]:
    shown = offer if isinstance(offer, UndoOffer) else UndoOffer(str(offer), url)
    return {"offer": shown, "csrf_token": context.get("csrf_token")}


# --- forms ----------------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/error_summary.html")
def error_summary(*sources: BaseForm | BaseFormSet[Any] | None) -> dict[str, Any]:
    """All errors of forms and formsets, each linked to its field. Prints nothing without errors."""
    found: list[tuple[str, str]] = []
    for source in sources:
        found += errors_of(source)
    return {"errors": found}


@register.simple_tag(takes_context=True)
def form_key(context: template.Context) -> SafeString:
    """The hidden key of a form that makes something (accounts/once.py)."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, key_for(context.get("request")))


@register.inclusion_tag("components/form_buttons.html")
def form_buttons(label: str, cancel_url: str = "", danger: bool = False) -> dict[str, Any]:
    return {"label": label, "cancel_url": cancel_url, "danger": danger}


@register.inclusion_tag("components/upload_box.html", takes_context=True)
def upload_box(
    context: template.Context,
    url: str,
    label: str = "上传文件",
    accept: str = ".jpg,.jpeg,.png,.heic,.pdf,.docx,.xlsx",
    max_bytes: int = 20 * 1024 * 1024,
    target: str = "",
    name: str = "file",
    hint: str = "",
) -> dict[str, Any]:
    """Choose, take a photo, drop; each file is sent at once to `url`. `target`: selector that takes the answer."""
    return {
        "url": url,
        "label": label,
        "accept": accept,
        "max_bytes": max_bytes,
        "target": target,
        "name": name,
        "hint": hint
        or f"PDF、JPG、PNG、HEIC、DOCX、XLSX，每个不超过 {filesize_zh(max_bytes)}；旧版 .doc、.xls 请先另存为 .docx、.xlsx",
        "csrf_token": context.get("csrf_token"),
        "request": context.get("request"),
        "box_id": "upload-" + "".join(char if char.isalnum() else "-" for char in url).strip("-"),
    }


@register.inclusion_tag("components/upload_row.html", takes_context=True)
def upload_row(
    context: template.Context, attachment: Any, delete_url: str = "", note: str = ""
) -> dict[str, Any]:
    """One stored file with its size, and 删除 when `delete_url` is given."""
    url = getattr(attachment, "url", "") or (
        attachment.get_absolute_url() if hasattr(attachment, "get_absolute_url") else ""
    )
    return {
        "attachment": attachment,
        "url": url,
        "delete_url": delete_url,
        "note": note,
        "csrf_token": context.get("csrf_token"),
    }
