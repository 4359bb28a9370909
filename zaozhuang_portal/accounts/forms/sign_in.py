"""Forms before sign-in: activation behind a one-time code, SMS code."""

from __future__ import annotations

from typing import Any

from django import forms

from zaozhuang_portal.kernel.forms import CodeField, PhoneField, PortalForm


class NewPasswordForm(PortalForm):
    password1 = forms.CharField(
        label="新密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 12 位，含小写字母、大写字母、数字、符号中的 3 类；不以地名、单位名、姓名为主",
    )
    password2 = forms.CharField(
        label="再输一次", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    submit_label = "设置密码"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", "两次输入的密码不一致，请重新输入")
        return cleaned


class ActivationForm(NewPasswordForm):
    username = forms.CharField(
        label="用户名", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    code = CodeField(
        label="激活码（甲联）",
        max_length=40,
        help_text="申请人交给您的一张上的字母和数字，大小写、短横线均可",
    )
    second = CodeField(
        label="激活码（乙联）",
        max_length=40,
        required=False,
        help_text="批准人交给您的另一张上的字母和数字；只收到一张且不分甲乙联的，空着",
    )
    field_order = ("username", "code", "second", "password1", "password2")


class SmsRequestForm(PortalForm):
    phone = PhoneField(label="手机号")
    submit_label = "获取验证码"


class SmsCodeForm(PortalForm):
    code = CodeField(
        label="短信验证码",
        max_length=10,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "short-input"}
        ),
    )
    submit_label = "登录"
