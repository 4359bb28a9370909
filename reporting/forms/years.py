"""Closing a campaign year."""

from __future__ import annotations

from django import forms

from zaozhuang_portal.kernel.forms import PortalForm


class CloseYearForm(PortalForm):
    reason = forms.CharField(
        label="封存说明",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如“7个区（市）年度书面报告均已接收，2026年度工作封存”，至少5个字",
    )
    submit_label = "封存年度"
