"""Cells of an entry grid."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cultivation.forms.grids import SHOWN, EntryGrid

register = template.Library()


@register.simple_tag
def grid_cell(grid: EntryGrid[Any], key: str, label: str) -> SafeString:
    """One box; `label` is its accessible name (row, column). Errors and others' numbers stand below it."""
    cell = grid.cell(key)
    note, described = SafeString(""), SafeString("")
    if cell.error or cell.other:
        note = format_html(
            '<span class="field-error" id="{}-note">{}</span>',
            cell.name,
            cell.error or f"现在是：{cell.other}",
        )
        described = format_html(' aria-invalid="true" aria-describedby="{}-note"', cell.name)
    return format_html(
        '<input class="form-control grid-cell{}" type="text" inputmode="decimal" autocomplete="off" '
        'id="{}" name="{}" value="{}" aria-label="{}"{}>{}',
        " is-invalid" if note else "",
        cell.name,
        cell.name,
        cell.text,
        label,
        described,
        note,
    )


@register.simple_tag
def grid_shown(grid: EntryGrid[Any]) -> SafeString:
    """The hidden field with what the page showed; once per grid."""
    return format_html('<input type="hidden" name="{}" value="{}">', SHOWN, grid.shown_json)


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """mapping[key], or "" when it is not there."""
    return mapping.get(key, "") if mapping else ""
