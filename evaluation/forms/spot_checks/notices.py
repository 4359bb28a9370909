"""Sending 检查通知书: which checks, and the day of each visit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from evaluation.models import SpotCheck
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm


class NoticeForm(PortalForm):
    """A tick and a day for each check that waits; an error of a row stands at its day."""

    submit_label = "发出检查通知书"

    def __init__(self, *args: Any, checks: Sequence[SpotCheck], ticked: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.checks = list(checks)
        for check in self.checks:
            name = f"通知“{check.name}”"
            self.fields[f"send_{check.pk}"] = forms.BooleanField(
                label=name, required=False, initial=not ticked or check.pk in ticked
            )
            self.fields[f"day_{check.pk}"] = LooseDateField(
                label=f"“{check.name}”检查日期", required=False, initial=check.planned_on
            )

    late_is_meant = forms.BooleanField(label="确需在完成期限以后检查", required=False)

    def rows(self) -> list[tuple[SpotCheck, Any, Any]]:
        return [(check, self[f"send_{check.pk}"], self[f"day_{check.pk}"]) for check in self.checks]

    @property
    def chosen(self) -> list[SpotCheck]:
        return [check for check in self.checks if self.cleaned_data.get(f"send_{check.pk}")]

    @property
    def planned(self) -> dict[int, date]:
        days = {check.pk: self.cleaned_data.get(f"day_{check.pk}") for check in self.chosen}
        return {pk: day for pk, day in days.items() if day}
