"""Forms of 工作方案."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from cultivation.rules.work_plans import PARTS
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm
from zaozhuang_portal.kernel.merging import MergingForm
from zaozhuang_portal.kernel.phrases import PhrasedTextarea

_LONGEST = 20_000
RETURN_PHRASES = (
    "请补齐方案缺少的内容。",
    "请明确目标任务和完成时限。",
    "请细化责任分工，落实到单位和人员。",
    "培育对象与已确认的重点培育名单不一致，请核对。",
    "请完成三方（四家）会签后再报送。",
)


class WorkPlanForm(MergingForm):
    """The six parts of the notice as fields; none is required to save, all are listed while they are missing."""

    title = forms.CharField(label="方案名称", max_length=160, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    submit_label = "保存方案"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in PARTS:
            self.fields[part.key] = forms.CharField(
                label=part.name,
                required=False,
                max_length=_LONGEST,
                strip=False,
                help_text=part.hint,
                widget=forms.Textarea(attrs={"rows": 6}),
            )
            self._speak(self.fields[part.key])


class PastPlanForm(WorkPlanForm):
    """补录: a plan of a past year, as it was issued."""

    issued_on = LooseDateField(label="印发日期")
    source_document = forms.CharField(
        label="补录来源", max_length=160, required=False, help_text="如：2024年工作方案（纸质档案）"
    )
    submit_label = "补录方案"


class PlanIssueForm(PortalForm):
    document_number = forms.CharField(
        label="文号", max_length=60, required=False, help_text="如：滕三方〔2026〕3号"
    )
    issued_on = LooseDateField(label="印发日期", required=False)
    submit_label = "登记印发"


class PlanReturnForm(PortalForm):
    reason = forms.CharField(
        label="退回理由",
        max_length=300,
        required=False,
        widget=PhrasedTextarea(RETURN_PHRASES),
        help_text="写明哪里需要改、怎样改，至少5个字。",
    )
    due_on = LooseDateField(
        label="修改截止", required=False, help_text="请区（市）在这一天前改好重新报送，可以不填。"
    )


class PlanSubmitForm(PortalForm):
    """One box for each thing that is asked before handing in; all that is not answered is said at once."""

    labels: ClassVar[dict[str, str]] = {
        "accept_missing": "仍要报送",
        "accept_unchanged": "未作修改，仍要报送",
    }

    def __init__(self, *args: Any, questions: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for name in questions:
            self.fields[name] = forms.BooleanField(label=self.labels[name], required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, question in self.questions.items():
            if not cleaned.get(name):
                self.add_error(name, question)
        return cleaned
