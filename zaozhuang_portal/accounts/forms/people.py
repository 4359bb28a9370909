"""Forms of user management."""

from __future__ import annotations

from typing import Any

from django import forms

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import MemberUnit, Organization
from zaozhuang_portal.accounts.permissions.people import assignable_organizations, assignable_roles
from zaozhuang_portal.kernel.forms import LooseDateField, PhoneField, PortalForm


class OrganizationChoice(forms.ModelChoiceField):
    def label_from_instance(self, organization: Any) -> str:
        if organization.level in {Level.TOWNSHIP, Level.PARK}:
            return f"{organization.parent.label} › {organization.name}"
        return str(organization.name)


class PersonForm(PortalForm):
    full_name = forms.CharField(label="姓名", max_length=40)
    phone = PhoneField(
        label="手机号", required=False, help_text="用于联系；本人在“个人设置”中保存后，才能用于短信验证码登录"
    )
    email = forms.EmailField(label="电子邮箱", required=False)
    submit_label = "保存"


class MembershipForm(PortalForm):
    role = forms.ChoiceField(label="角色")
    organization = OrganizationChoice(
        label="单位", queryset=Organization.objects.none(), empty_label="请选择"
    )
    member_unit = forms.ModelChoiceField(
        label="成员单位",
        queryset=MemberUnit.objects.none(),
        required=False,
        empty_label="不设",
        help_text="成员单位角色必选：人社、总工会、企联或工商联",
    )
    post = forms.CharField(label="职务", max_length=40, required=False)
    valid_from = LooseDateField(label="任职自", required=False, help_text="空着即今天")
    submit_label = "登记任职"

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(role, Role(role).label) for role in assignable_roles(actor)]
        self.fields["role"].choices = [("", "请选择"), *roles]
        organizations = (
            Organization.objects.filter(assignable_organizations(actor), is_active=True)
            .select_related("parent")
            .order_by("sort_order", "code")
        )
        self.fields["organization"].queryset = organizations
        self.fields["member_unit"].queryset = MemberUnit.objects.filter(
            organization__in=Organization.objects.filter(assignable_organizations(actor))
        ).order_by("organization__sort_order", "id")


class NewUserForm(MembershipForm):
    username = forms.CharField(
        label="用户名", max_length=60, help_text="3 位以上小写字母、数字或 . _ -；登录时使用"
    )
    full_name = forms.CharField(label="姓名", max_length=40)
    phone = PhoneField(
        label="手机号", required=False, help_text="用于联系；本人在“个人设置”中保存后，才能用于短信验证码登录"
    )
    email = forms.EmailField(label="电子邮箱", required=False)
    reason = forms.CharField(
        label="说明",
        max_length=200,
        required=False,
        help_text="给批准人看，如“接替调离的李某”",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = (
        "full_name",
        "username",
        "phone",
        "email",
        "role",
        "organization",
        "member_unit",
        "post",
        "valid_from",
        "reason",
    )
    fieldsets = (
        ("人员", ("full_name", "username", "phone", "email")),
        ("任职", ("role", "organization", "member_unit", "post", "valid_from", "reason")),
    )
    submit_label = "提交申请"


class ReasonForm(PortalForm):
    reason = forms.CharField(
        label="理由", max_length=200, min_length=2, widget=forms.Textarea(attrs={"rows": 2})
    )


class RefusalForm(PortalForm):
    comment = forms.CharField(
        label="不予批准的理由", max_length=200, min_length=2, widget=forms.Textarea(attrs={"rows": 2})
    )


class OptionalReasonForm(PortalForm):
    reason = forms.CharField(
        label="说明", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
