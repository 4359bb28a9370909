"""The name of a kept filter, and who sees it."""

from __future__ import annotations

from django import forms

from zaozhuang_portal.kernel.forms import PortalForm


class SavedFilterForm(PortalForm):
    submit_label = "保存筛选"
    name = forms.CharField(label="名称", max_length=30, help_text="30 字以内，如“今年现场指导”。")
    shared = forms.BooleanField(label="本单位共享", required=False, help_text="同一单位的同事也能使用。")
    is_default = forms.BooleanField(label="每次打开列表都先用这个筛选", required=False)
