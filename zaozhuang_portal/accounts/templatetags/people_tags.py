"""Filters for people and the audit log."""

from __future__ import annotations

from django import template

from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.accounts.selectors.timeline import kind_word, told_changes
from zaozhuang_portal.accounts.words import ACTIONS

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
    return kind_word(code)


@register.filter
def audit_changes(entry: AuditEntry) -> list[str]:
    """「字段 旧 → 新」 for each changed thing, in the words of its model."""
    return [f"{name} {old} → {new}" for name, old, new in told_changes(entry, whole=True)]
