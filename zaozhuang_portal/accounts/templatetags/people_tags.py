"""Filters for people and the audit log."""

from __future__ import annotations

from typing import Any

from django import template

from zaozhuang_portal.accounts.words import ACTIONS, KINDS

register = template.Library()


@register.filter
def masked_phone(phone: str) -> str:
    """138****1234: enough to recognize, too little to collect (security.md 61)."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else phone and f"****{phone[-4:]}"


@register.filter
def audit_action(code: str) -> str:
    return ACTIONS.get(code, code)


@register.filter
def audit_kind(code: str) -> str:
    return KINDS.get(code, code)


@register.filter
def audit_changes(changes: Any) -> list[str]:
    """「字段 旧 → 新」 for each changed field."""
    lines = []
    for name, pair in (changes or {}).items():
        old, new = pair if isinstance(pair, list) and len(pair) == 2 else ("", pair)
        lines.append(f"{name} {_word(old)} → {_word(new)}")
    return lines


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None or value in ("", [], {}):
        return "空"
    if isinstance(value, list):
        return "、".join(_word(item) for item in value)
    if isinstance(value, dict):
        return "，".join(f"{name}：{_word(item)}" for name, item in value.items())
    return str(value)
