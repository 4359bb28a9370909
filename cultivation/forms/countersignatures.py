"""Forms of 会签."""

from __future__ import annotations

from typing import Any

from django import forms

from cultivation.enums import Opinion
from cultivation.rules.countersignatures import SeatStanding
from cultivation.selectors.countersignatures import SeatLine
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm


class CountersignForm(PortalForm):
    """Online: for the seats the person's unit holds; with one seat there is nothing to choose."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seat = forms.TypedChoiceField(label="席位", coerce=int)
    opinion = forms.ChoiceField(
        label="意见", choices=Opinion.choices, widget=forms.RadioSelect, initial=Opinion.AGREE
    )
    comment = forms.CharField(
        label="说明",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="保留意见、反对的必须写明",
    )
    submit_label = "提交会签意见"

    def __init__(self, *args: Any, lines: list[SeatLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(line.seat.pk, f"{line.seat.get_kind_display()}（{line.holder}）") for line in lines]
        self.fields["seat"].choices = choices
        if len(choices) == 1:
            self.fields["seat"].initial = choices[0][0]
        stale = [line for line in lines if line.standing is SeatStanding.STALE and line.signature]
        if stale and not any(line.standing is SeatStanding.UNSIGNED for line in lines):
            self._ask_again(stale)

    def _ask_again(self, stale: list[SeatLine]) -> None:
        """Only changes are left to confirm: the opinion given before stands ready, the seat that is owed is chosen."""
        self.submit_label = "确认修改"
        first = stale[0]
        if first.signature is not None:
            self.initial |= {
                "seat": first.seat.pk,
                "opinion": first.signature.opinion,
                "comment": first.signature.comment,
            }


class OfflineSignatureForm(PortalForm):
    """代录: who signed on the sheet, when, with what opinion."""

    seat = forms.TypedChoiceField(label="席位", coerce=int)
    signer = forms.CharField(label="签署人", max_length=40, required=False)
    signed_on = LooseDateField(label="签署日期")
    opinion = forms.ChoiceField(
        label="意见", choices=Opinion.choices, widget=forms.RadioSelect, initial=Opinion.AGREE
    )
    comment = forms.CharField(
        label="说明",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="保留意见、反对的必须写明",
    )
    submit_label = "代录会签意见"

    def __init__(self, *args: Any, lines: list[SeatLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seat"].choices = [
            (line.seat.pk, f"{line.seat.get_kind_display()}（{line.holder}）")
            for line in lines
            if line.seat.unit_id
        ]
