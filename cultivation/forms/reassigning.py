"""转办: to whom, and why."""

from __future__ import annotations

from typing import Any

from django import forms

from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.forms import PortalForm


class ReassignForm(PortalForm):
    submit_label = "转办"
    successor = forms.ModelChoiceField(
        label="转给", queryset=User.objects.none(), empty_label="请选择", help_text="只列本单位在职的人员。"
    )
    reason = forms.CharField(
        label="说明",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="接收人会看到，可以不填。",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = people
        self.fields["successor"].label_from_instance = lambda user: f"{user.full_name}（{user.username}）"
