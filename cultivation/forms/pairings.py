"""Forms of 结对: one from a gap of the matrix, its end, the renewal of many."""

from __future__ import annotations

from typing import Any

from django import forms

from cultivation.enums import PairingRole
from cultivation.models import Subject
from cultivation.selectors.ledgers import choosable_units, choosable_users
from zaozhuang_portal.kernel.forms import LooseDateField, PhoneField, PortalForm


class PairingForm(PortalForm):
    submit_label = "保存结对"
    fieldsets = (
        ("结对双方", ("unit", "person_name", "phone", "person", "role")),
        ("期限和内容", ("starts_on", "ends_on", "commitments")),
        ("补录", ("backfilled", "source_document")),
    )
    unit = forms.ModelChoiceField(
        label="结对单位", queryset=None, required=False, empty_label="不填单位，只填结对人"
    )
    person_name = forms.CharField(label="结对人", max_length=40, required=False)
    phone = PhoneField(label="联系电话", required=False)
    person = forms.ModelChoiceField(
        label="结对人账号",
        queryset=None,
        required=False,
        empty_label="没有账号或暂不关联",
        help_text="选了账号，本人登录后能看到该对象并登记指导服务。",
    )
    role = forms.ChoiceField(
        label="方式",
        choices=PairingRole.choices,
        widget=forms.RadioSelect,
        help_text="同一时间只能有一个主结对。",
    )
    starts_on = LooseDateField(label="开始日期")
    ends_on = LooseDateField(label="结束日期", required=False, help_text="未定的不填。")
    commitments = forms.CharField(
        label="帮扶内容",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如“每季度上门指导一次，协助建立集体协商制度”。打印在结对书上。",
    )
    backfilled = forms.BooleanField(label="补录（以前的结对，现在补登）", required=False)
    source_document = forms.CharField(
        label="补录来源", max_length=160, required=False, help_text="勾选补录时必填。"
    )
    # The digest of the warnings the clerk has seen.
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = choosable_units(subject.managing_organization)
        self.fields["person"].queryset = choosable_users(subject.managing_organization)

    @property
    def values_for_service(self) -> dict[str, Any]:
        names = ("unit", "person_name", "phone", "person", "role", "starts_on", "ends_on", "commitments")
        return {name: self.cleaned_data[name] for name in names}

    def ask_to_confirm(self, digest: str) -> None:
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict once bound
        self.data["confirmed"] = digest
        self.submit_label = "确认无误，保存"


class EndForm(PortalForm):
    submit_label = "结束结对"
    ends_on = LooseDateField(label="最后一天")
    reason = forms.CharField(
        label="结束原因",
        max_length=160,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="如“结对人调岗”。",
    )
