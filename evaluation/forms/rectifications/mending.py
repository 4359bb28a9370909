"""Forms of the unit: a measure, the person who sees to it, asking for more time, objecting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from evaluation.enums import ObjectionGround
from evaluation.models import RectificationMeasure
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.services.rectifications.mending import MeasureEntry
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm


class MeasureForm(PortalForm):
    """Planned with person and day; done with day and result. `seen_revision`: of the row the form was opened with."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    words = forms.CharField(label="措施", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    person = forms.CharField(label="责任人", max_length=40)
    due_on = LooseDateField(label="完成时限")
    done_on = LooseDateField(label="完成日期", required=False, help_text="还没有完成的留空")
    result = forms.CharField(
        label="完成情况",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="还没有完成的留空；佐证材料保存后在整改页上传",
    )
    evidence_of = LooseDateField(
        label="佐证所属日期", required=False, help_text="材料所反映的日期，不是上传的日期"
    )
    fieldsets = (
        ("", ("seen_revision", "words", "person", "due_on")),
        ("完成情况", ("done_on", "result", "evidence_of")),
    )
    submit_label = "保存措施"

    @staticmethod
    def of(measure: RectificationMeasure) -> dict[str, Any]:
        names = MeasureEntry.__dataclass_fields__
        return {
            **{name: getattr(measure, name) for name in names},
            "seen_revision": measure.revision,
        }

    def entry(self) -> MeasureEntry:
        return MeasureEntry(**{name: self.cleaned_data[name] for name in MeasureEntry.__dataclass_fields__})


class ResponsibleForm(PortalForm):
    user = forms.TypedChoiceField(label="整改责任人", coerce=int)

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in people}
        self.fields["user"].choices = [(pk, one.full_name) for pk, one in self.people.items()]


class ExtensionForm(PortalForm):
    until = LooseDateField(label="申请延至")
    reason = forms.CharField(label="延期理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ObjectionForm(PortalForm):
    ground = forms.ChoiceField(label="异议事项", choices=ObjectionGround.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label="异议内容", max_length=MAX_COMMENT, widget=forms.Textarea(attrs={"rows": 5})
    )
