"""初步结论, 反馈意见, 结论."""

from __future__ import annotations

from django import forms

from evaluation.enums import Conclusion
from evaluation.rules.lengths import MAX_COMMENT
from zaozhuang_portal.kernel.forms import PortalForm


class ConclusionForm(PortalForm):
    conclusion = forms.ChoiceField(label="结论", choices=[("", "请选择"), *Conclusion.choices])
    words = forms.CharField(
        label="说明",
        max_length=MAX_COMMENT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="被检查单位看到的就是这些文字",
    )


class AnswerForm(PortalForm):
    answer = forms.CharField(
        label="反馈意见",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="没有意见的写“无意见”。佐证材料请先在检查页上传",
    )
