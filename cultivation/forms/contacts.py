"""Forms of the claim: the code from the slip, and the account to open."""

from __future__ import annotations

from django import forms

from zaozhuang_portal.accounts.forms.sign_in import NewPasswordForm
from zaozhuang_portal.kernel.forms import CodeField, PhoneField, PortalForm


class ClaimCodeForm(PortalForm):
    submit_label = "下一步"
    key = CodeField(label="统一社会信用代码", help_text="没有信用代码的单位填认领单上的编号。")
    code = CodeField(label="认领码", help_text="认领单上的12位字母和数字。")


class ClaimAccountForm(NewPasswordForm):
    submit_label = "开通账号"
    full_name = forms.CharField(label="姓名", max_length=40)
    phone = PhoneField(label="手机号")
    username = forms.CharField(
        label="用户名", max_length=60, help_text="以后用它登录，可用字母、数字和 . _ -。"
    )
    field_order = ("full_name", "phone", "username", "password1", "password2")
