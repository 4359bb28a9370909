"""初步结论, 反馈意见, 结论."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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

    vetoes = forms.MultipleChoiceField(
        label="否决情形",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="结论为“触发否决”时必选；作出结论后写入认定的市级层",
    )

    def __init__(self, *args: Any, vetoes: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["vetoes"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(code, f"{code} {name}") for code, name in vetoes]
        if not vetoes:
            del self.fields["vetoes"]


class AnswerForm(PortalForm):
    answer = forms.CharField(
        label="反馈意见",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="没有意见的写“无意见”。佐证材料请先在检查页上传",
    )
