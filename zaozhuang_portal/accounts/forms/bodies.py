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
    contact_name = forms.CharField(label="联系人", max_length=40, required=False)
    phone = PhoneField(label="联系电话", required=False)
    submit_label = "保存三方机构"


class EstablishForm(PortalForm):
    """The one document that set up several bodies; which ones is ticked beside it."""

    established_on = LooseDateField(label="成立日期")
    document_number = forms.CharField(
        label="成立文件文号", max_length=60, required=False, help_text="如：滕人社字〔2023〕15号"
    )
    submit_label = "登记勾选的机构"


class ParkForm(PortalForm):
    district = forms.ModelChoiceField(
        label="管理单位", queryset=Organization.objects.none(), empty_label="请选择"
    )
    name = forms.CharField(label="工业园区名称", max_length=60)
    submit_label = "添加工业园区"

    def __init__(self, *args: Any, districts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].queryset = districts


class SeatKindForm(PortalForm):
    kind = forms.ChoiceField(label="席位", choices=MemberUnitKind.choices)
    submit_label = "增设席位"


class SeatRemovalForm(PortalForm):
    reason = forms.CharField(
        label="取消理由",
        max_length=200,
        required=False,
        help_text="至少5个字，记入日志。机构暂缺的，请改为“未建立”，不要取消席位",
    )
    submit_label = "取消席位"


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
    submit_label = "保存成员单位"
