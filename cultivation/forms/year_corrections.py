"""更正 of a closed year: the request, the city's answer."""

from __future__ import annotations

from typing import Any

from django import forms

from cultivation.enums import CorrectionArea
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm
from zaozhuang_portal.kernel.phrases import PhrasedTextarea

REFUSAL_PHRASES = ("依据不足，请补充文件后重新申请。", "不影响已报送的数据，不予更正。")


class CorrectionForm(PortalForm):
    year = forms.TypedChoiceField(label="年度", coerce=int)
    area = forms.ChoiceField(label="更正范围", choices=CorrectionArea.choices)
    content = forms.CharField(
        label="更正内容",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="原来是什么，应当是什么，如“5月6日一次指导服务漏登，补登1次”",
    )
    reason = forms.CharField(
        label="更正理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}), help_text="至少5个字"
    )
    document_number = forms.CharField(
        label="依据文号", max_length=60, help_text="如“滕人社函〔2027〕3号”，以后出具的本年度材料都会列明"
    )
    submit_label = "提交更正申请"

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, f"{year}年度") for year in years]


class ConsentForm(PortalForm):
    open_until = LooseDateField(
        label="办理期限", required=False, help_text="到期后不能再改；不填为15天（系统设定）"
    )
    note = forms.CharField(label="意见", max_length=200, required=False)
    submit_label = "同意更正"


class RefusalForm(PortalForm):
    reason = forms.CharField(
        label="不同意的理由", max_length=200, widget=PhrasedTextarea(REFUSAL_PHRASES, attrs={"rows": 3})
    )
    submit_label = "不同意更正"
