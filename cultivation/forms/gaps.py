"""查漏补缺: which gaps become tasks, with unit and date."""

from __future__ import annotations

from django import forms

from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm


class GapForm(PortalForm):
    due_on = LooseDateField(label="完成时限")
    lead_name = forms.CharField(
        label="牵头单位",
        max_length=80,
        required=False,
        help_text="不填为缺口所在单位的三方机构",
    )
    note = forms.CharField(label="备注", max_length=200, required=False)
    submit_label = "列为任务"
