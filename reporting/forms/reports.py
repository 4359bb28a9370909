"""Forms of the annual report."""

from __future__ import annotations

from django import forms

from zaozhuang_portal.kernel.forms import PortalForm


class NarrativeForm(PortalForm):
    """One section of the report. The text is kept as typed; only its length is bounded."""

    text = forms.CharField(
        label="内容", required=False, max_length=20_000, strip=False, widget=forms.Textarea
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class ReturnForm(PortalForm):
    submit_label = "退回修改"
    comment = forms.CharField(
        label="退回意见",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明哪里需要改、怎样改，至少5个字。",
    )
