"""The lines of an error summary: where each leads and what it says."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm, BaseFormSet


def errors_of(source: Any) -> list[tuple[str, str]]:
    if source is None or not source.is_bound:
        return []
    if isinstance(source, BaseFormSet):
        rows = [pair for form in source for pair in errors_of(form)]
        return [("", str(error)) for error in source.non_form_errors()] + rows
    pairs: list[tuple[str, str]] = []
    for name, messages in source.errors.items():
        target = _first_control(source, name)
        label = source.fields[name].label or "" if name in source.fields else ""
        for message in messages:
            words = str(message)
            prefix = f"{label}：" if label and str(label) not in words else ""
            pairs.append((target, f"{prefix}{words}"))
    return pairs


def _first_control(form: BaseForm, name: str) -> str:
    """The id of the control to which the summary leads; the form's own errors for a form-wide one."""
    if name not in form.fields:
        return "form-errors"
    field = form[name]
    return field.id_for_label or f"{field.auto_id}_0"
