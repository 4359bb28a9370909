"""Forms of tripartite bodies."""

from __future__ import annotations

from typing import Any

from django import forms

from zaozhuang_portal.accounts.enums import MemberUnitKind, SeatState
from zaozhuang_portal.accounts.models import MemberUnit, Organization
from zaozhuang_portal.kernel.forms import LooseDateField, PhoneField, PortalForm


class BodyForm(PortalForm):
    name = forms.CharField(label="名称", max_length=100)
    established = forms.BooleanField(label="已建立", required=False)
    established_on = LooseDateField(label="成立日期", required=False, help_text="不清楚可空着")
    document_number = forms.CharField(label="成立文件文号", max_length=60, required=False)
    submit_label = "保存三方机构"


class SeatForm(PortalForm):
    state = forms.ChoiceField(label="状态", choices=SeatState.choices)
    unit = forms.ModelChoiceField(
        label="单位", queryset=MemberUnit.objects.none(), required=False, empty_label="（未建立时留空）"
    )
    reason = forms.CharField(label="说明", max_length=200, required=False)
    submit_label = "保存席位"

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = MemberUnit.objects.filter(organization=organization)


class MemberUnitForm(PortalForm):
    name = forms.CharField(label="名称", max_length=80)
    kind = forms.ChoiceField(
        label="类别", choices=MemberUnitKind.choices, help_text="一个部门担任几个席位的，选主要的一类"
    )
    phone = PhoneField(label="联系电话", required=False)
    submit_label = "添加成员单位"
