"""Forms around 定点联系."""

from __future__ import annotations

from typing import Any

from django import forms

from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm


class AssignForm(PortalForm):
    """The day from which the ticked firms are looked after."""

    starts_on = LooseDateField(label="开始日期")


class LeaveForm(PortalForm):
    """Leaving, or only handing over: the last day, why, and to whom (empty: the liaisons end)."""

    left_on = LooseDateField(label="截止日期", help_text="最后一天；接任人从次日起联系")
    reason = forms.CharField(label="原因", max_length=160, help_text="如调离、退休、轮换")
    successor = forms.ChoiceField(label="接任人", required=False)
    stays = forms.BooleanField(label="人员不离任，只移交或结束企业联系", required=False)
    submit_label = "办理"

    def __init__(self, *args: Any, successors: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.successors = {str(person.pk): person for person in successors}
        nobody = ("", "不移交，全部结束联系")
        people = [(key, str(person)) for key, person in self.successors.items()]
        self.fields["successor"].choices = [nobody, *people]
