"""The phone-first form of a visit: eight fields in sight, the rest folded under 更多 (ux J1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from cultivation.enums import VisitMode, VisitPurpose
from cultivation.indicator_offers import IndicatorOffer
from cultivation.ledgers.instructors import serving_instructor
from cultivation.ledgers.visits import VISITS
from cultivation.models import Subject
from cultivation.rules.participants import read_participants
from cultivation.selectors.ledgers import choosable_units
from cultivation.services.ledger_values import check_across
from cultivation.services.visits import Attendee, as_instructor, myself
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import now, shanghai_date
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm
from zaozhuang_portal.kernel.lengths import shortened


class PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Any number of photos; judged one by one when they are stored, so that one bad file keeps no visit from being saved."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [item for item in (data if isinstance(data, list | tuple) else [data]) if item]


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class VisitForm(PortalForm):
    """`offers`: the standards whose items may be named. The subject was chosen in the step before."""

    happened_on = LooseDateField(label="日期")
    mode = forms.ChoiceField(
        label="方式", choices=VisitMode.choices, widget=forms.RadioSelect, initial=VisitMode.ON_SITE
    )
    purpose = forms.ChoiceField(
        label="类别", choices=VisitPurpose.choices, widget=forms.RadioSelect, initial=VisitPurpose.GUIDANCE
    )
    topic = forms.CharField(label="主题", max_length=120)
    photos = PhotosField(label="照片", required=False, widget=PhotosInput)
    findings = forms.CharField(label="发现的问题", max_length=4000, required=False, widget=_text(2))
    advice = forms.CharField(label="指导意见", max_length=4000, required=False, widget=_text(2))
    follow_up_due = LooseDateField(
        label="跟进时限", required=False, help_text="需要回头跟进的，填最迟日期，到期提醒您。"
    )
    # 更多
    own_unit = forms.ModelChoiceField(label="您所在单位", queryset=None, required=False)
    units = forms.ModelMultipleChoiceField(
        label="其他参加单位", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    others = forms.CharField(
        label="更多参加人",
        max_length=200,
        required=False,
        help_text="姓名用顿号隔开，如“区总工会 张三、李四”。",
    )
    by_instructor = forms.BooleanField(label="集体协商专职指导员参加", required=False)
    indicators = forms.MultipleChoiceField(
        label="涉及指标", required=False, widget=forms.CheckboxSelectMultiple
    )
    backfilled = forms.BooleanField(label="补录（以前发生、现在补登的服务）", required=False)
    source_document = forms.CharField(
        label="补录来源", max_length=160, required=False, help_text="原始资料的名称或文号，勾选补录时必填。"
    )
    note = forms.CharField(label="备注", max_length=200, required=False)
    # The digest of the warnings the person has seen; sent again with the same ones, they are confirmed.
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    IN_SIGHT = (
        "happened_on", "mode", "purpose", "topic", "photos", "findings", "advice", "follow_up_due",
    )  # fmt: skip
    MORE = (
        "own_unit",
        "units",
        "others",
        "by_instructor",
        "indicators",
        "backfilled",
        "source_document",
        "note",
    )
    COLUMNS = (
        "happened_on", "mode", "purpose", "topic", "findings", "advice", "follow_up_due", "by_instructor", "note",
    )  # fmt: skip

    def __init__(
        self, *args: Any, actor: Actor, subject: Subject, offers: Sequence[IndicatorOffer], **kwargs: Any
    ) -> None:
        self.actor, self.subject, self.offers = actor, subject, offers
        super().__init__(*args, **kwargs)
        self.fields["happened_on"].initial = shanghai_date(now())
        units = choosable_units(subject.managing_organization)
        if actor.capacity.member_unit is not None:
            units = units.exclude(pk=actor.capacity.member_unit.pk)
        self.fields["units"].queryset = units
        # An instructor's own visit is one an instructor took part in, for the unit the register names.
        self.instructor = serving_instructor(actor, shanghai_date(now()))
        if self.instructor is None:
            del self.fields["own_unit"]
        else:
            own = self.fields["own_unit"]
            if self.instructor.unit is not None:
                self.fields["units"].queryset = units.exclude(pk=self.instructor.unit.pk)
            own.queryset = choosable_units(subject.managing_organization)
            own.initial, own.empty_label = self.instructor.unit, self.instructor.employer or "不写单位"
            self.fields["by_instructor"].initial = True
        self.fields["indicators"].choices = [item for offer in offers for item in offer.items]

    def clean_others(self) -> str:
        words: str = self.cleaned_data["others"]
        try:
            read_participants(words, self._unit_names())
        except ValueError as error:
            raise forms.ValidationError(
                f"“{shortened(str(error), 13)}”太长，不像一个姓名。多个人请用顿号隔开，如“张三、李四”。"
            ) from error
        return words

    def clean(self) -> dict[str, Any]:
        """With wrong fields the service is not asked: say here what spans the others, so that all is said at once."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if wrong := set(self.errors):
            values = {name: cleaned[name] for name in self.COLUMNS if name in cleaned}
            for slip in check_across(self.actor, VISITS, None, values | {"subject": self.subject}, wrong):
                self.add_error(slip.field if slip.field in self.fields else None, slip.message)
        return cleaned

    def _unit_names(self) -> list[str]:
        return [unit.name for unit in choosable_units(self.subject.managing_organization)]

    @property
    def values_for_service(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.COLUMNS}

    @property
    def attendees(self) -> list[Attendee]:
        """I, the ticked units, the people named."""
        units = {unit.name: unit for unit in choosable_units(self.subject.managing_organization)}
        named = read_participants(self.cleaned_data["others"], list(units))
        me = myself(self.actor)
        if self.instructor is not None:
            me = as_instructor(self.actor, self.cleaned_data["own_unit"], self.instructor.employer)
        return [
            me,
            *(Attendee(unit) for unit in self.cleaned_data["units"]),
            *(Attendee(units.get(person.unit), name=person.name) for person in named),
        ]

    @property
    def more_is_open(self) -> bool:
        """Unfold what holds a slip or was filled in; what a form starts with is no reason."""
        if not self.is_bound:
            return False
        return any(self.errors.get(name) or name in self.changed_data for name in self.MORE)

    def ask_to_confirm(self, digest: str) -> None:
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict once bound
        self.data["confirmed"] = digest


class FollowUpForm(PortalForm):
    """What came of a follow-up."""

    submit_label = "跟进已完成"
    follow_up_done_on = LooseDateField(label="完成日期")
    follow_up_note = forms.CharField(label="跟进情况", max_length=300, widget=_text(2))
