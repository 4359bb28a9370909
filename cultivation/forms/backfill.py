"""Forms of 补录申请."""

from __future__ import annotations

from typing import Any

from django import forms

from cultivation.enums import BackfillMatter
from cultivation.models import CampaignYear
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm
from zaozhuang_portal.kernel.phrases import PhrasedTextarea

ANSWER_PHRASES = (
    "已查收文登记，确于该日收到纸质件，同意补录。",
    "收文登记中没有该件，请在线报送。",
    "请先补报盖章件扫描件，核对后再申请。",
)


class BackfillRequestForm(PortalForm):
    """What was done on paper in a year the portal was already in use."""

    submit_label = "提出申请"
    year = forms.ModelChoiceField(CampaignYear.objects.filter(in_use=True), label="年度")
    matter = forms.ChoiceField(label="事项", choices=BackfillMatter.choices)
    paper_on = LooseDateField(label="纸质件日期", help_text="纸质件报送或确定的日期；同意后按这一天补录。")
    reason = forms.CharField(
        label="申请理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明为什么没有在线办理、纸质件何时送达，5至500个字。",
    )


class BackfillAnswerForm(PortalForm):
    answer = forms.CharField(
        label="答复意见",
        max_length=500,
        required=False,
        widget=PhrasedTextarea(ANSWER_PHRASES),
        help_text="写明依据，5至500个字，申请单位会看到。",
    )

    def __init__(self, *args: Any, submit_label: str = "答复", **kwargs: Any) -> None:
        self.submit_label = submit_label
        super().__init__(*args, **kwargs)
