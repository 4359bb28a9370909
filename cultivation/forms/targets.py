"""Forms of the yearly choice and of targets."""

from __future__ import annotations

from django import forms

from zaozhuang_portal.kernel.forms import LooseIntegerField, PortalForm


class TargetForm(PortalForm):
    submit_label = "保存目标"
    minimum = LooseIntegerField(label="最少（个）", maximum=1000)
    maximum = LooseIntegerField(
        label="最多（个）", maximum=1000, required=False, help_text="不设上限的留空。"
    )
    reason = forms.CharField(label="调整理由", max_length=200, required=False)
    document = forms.CharField(
        label="依据文号", max_length=60, required=False, help_text="如：枣人社字〔2026〕12号。"
    )


class SeparateForm(PortalForm):
    submit_label = "保存计数方式"
    separate = forms.TypedChoiceField(
        label="园区与乡镇（街道）",
        choices=[
            ("0", "合并计数：每个区（市）园区或乡镇（街道）不少于1个"),
            ("1", "分别计数：园区、乡镇（街道）各不少于1个"),
        ],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="调整理由", max_length=200, required=False)
    document = forms.CharField(
        label="依据文号", max_length=60, required=False, help_text="如：枣人社字〔2026〕12号。"
    )


class RemovalForm(PortalForm):
    submit_label = "调出名单"
    reason = forms.CharField(
        label="调出理由",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="至少5个字，将记入名单调整记录和日志。",
    )
    document_number = forms.CharField(
        label="调整文号", max_length=60, required=False, help_text="有正式文件的填写，没有可不填。"
    )
