"""整改提升: measure, person, date; done with its result, or dropped with the reason."""

from __future__ import annotations

from django import forms

from evaluation.models import Improvement
from evaluation.services.rectifications.improvements import ImprovementPlan
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm

DONE, DROP = "done", "drop"


class ImprovementForm(PortalForm):
    measure = forms.CharField(
        label="措施", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    person = forms.CharField(label="责任人", max_length=40, required=False)
    due_on = LooseDateField(label="完成时限", required=False)
    done_on = LooseDateField(label="完成日期", required=False)
    result = forms.CharField(
        label="完成情况或理由",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="完成的写完成情况；不再进行的写理由。完成整改提升不改变得分，得分由下次自评和核验确定",
    )
    extra_buttons = ((DONE, "完成"), (DROP, "不再进行"))

    @property
    def plan(self) -> ImprovementPlan:
        typed = self.cleaned_data
        return ImprovementPlan(typed["measure"], typed["person"], typed["due_on"])


def initial_of(row: Improvement) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("measure", "person", "due_on", "done_on", "result")}
