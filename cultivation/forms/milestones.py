"""登记完成 of a date the portal keeps no records of."""

from __future__ import annotations

from django import forms

from cultivation.services.milestones import LONGEST_BASIS
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm


class MilestoneDoneForm(PortalForm):
    done_on = LooseDateField(label="完成日期", required=False, help_text="留空并写明理由，即取消已有的登记。")
    basis = forms.CharField(
        label="完成依据",
        max_length=LONGEST_BASIS,
        help_text="通报、纪要等文号或名称，如“枣劳三方〔2026〕8号抽查通报”。",
    )
    submit_label = "登记完成"
