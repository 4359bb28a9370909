"""Forms of the register: one per kind, so that a clerk sees only what applies."""

from __future__ import annotations

from typing import Any

from django import forms

from cultivation.enums import Ownership, SizeClass, SubjectKind
from cultivation.models import Subject
from cultivation.rules.calendar import YEARS
from cultivation.rules.industries import all_industries
from cultivation.services.subjects import PROFILE_FIELDS, SUBJECT_FIELDS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.credit_code import Level as CodeLevel
from zaozhuang_portal.kernel.credit_code import check_credit_code
from zaozhuang_portal.kernel.forms import (
    CodeField,
    LooseDateField,
    LooseDecimalField,
    LooseIntegerField,
    PhoneField,
    PortalFormHelper,
)
from zaozhuang_portal.kernel.merging import MergingForm


def industry_choices() -> list[Any]:
    """GB/T 4754—2017 divisions grouped by section."""
    sections = {item.code: item.label for item in all_industries() if not item.parent}
    groups: dict[str, list[tuple[str, str]]] = {}
    for item in all_industries():
        if item.parent:
            groups.setdefault(sections[item.parent], []).append((item.code, item.label))
    return [("", "请选择"), *groups.items()]


class SubjectForm(MergingForm):
    """Fields common to every kind. The district is the actor's own; the city office chooses it when opening a record."""

    kind: str
    name = forms.CharField(label="名称", max_length=120)
    managing_organization = forms.ModelChoiceField(label="管理单位", queryset=Organization.objects.none())
    township = forms.ModelChoiceField(
        label="乡镇（街道）", queryset=Organization.objects.none(), required=False, empty_label="请选择"
    )
    contact_name = forms.CharField(label="联系人", max_length=40, required=False)
    contact_phone = PhoneField(label="联系电话", required=False)
    address = forms.CharField(label="地址", max_length=200, required=False)
    groundwork = forms.CharField(
        label="工作基础",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="培育前的工作情况。",
    )
    labor_relations_status = forms.CharField(
        label="劳动关系状况", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    # The name for which the clerk has seen the warning of a likely duplicate.
    confirmed_name = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, actor: Actor, subject: Subject | None = None, **kwargs: Any) -> None:
        self.subject = subject
        if subject is None:
            self.extra_buttons = (("save_and_add", "保存并新增下一条"),)
        if subject is not None:
            kwargs["initial"] = {**subject_initial(subject), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        districts = Organization.objects.districts()
        district = subject.managing_organization if subject else actor.district
        if district is not None:
            districts = districts.filter(pk=district.pk)
            self.fields["managing_organization"].initial = district.pk
            self.fields["managing_organization"].widget = forms.HiddenInput()
        self.fields["managing_organization"].queryset = districts
        places = Organization.objects.filter(level__in=[Level.TOWNSHIP, Level.PARK])
        if district is not None:
            places = places.filter(parent=district)
        self.fields["township"].queryset = places.order_by("code")

    @property
    def helper(self) -> PortalFormHelper:
        helper = super().helper
        helper.render_hidden_fields = True
        return helper

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.subject is not None and not cleaned.get("managing_organization"):
            cleaned["managing_organization"] = self.subject.managing_organization
        return cleaned

    @property
    def data_for_service(self) -> dict[str, Any]:
        """What the service takes: only the subject's own fields, blank choices as stored."""
        wanted = (*SUBJECT_FIELDS, *PROFILE_FIELDS)
        return {name: value for name, value in self.cleaned_data.items() if name in wanted}


def subject_initial(subject: Subject) -> dict[str, Any]:
    profile = getattr(subject, "profile", None)
    initial: dict[str, Any] = {name: getattr(subject, name) for name in SUBJECT_FIELDS}
    initial["managing_organization"] = subject.managing_organization_id
    initial["township"] = subject.township_id
    initial["version"] = subject.version
    for name in PROFILE_FIELDS:
        initial[name] = getattr(profile, name) if profile else None
    return initial


class EnterpriseForm(SubjectForm):
    kind = SubjectKind.ENTERPRISE
    submit_label = "保存企业"
    fieldsets = (
        ("基本信息", ("credit_code", "credit_code_note", "name", "managing_organization", "township", "address")),
        ("行业与规模", (
            "industry_code", "ownership", "employee_count", "annual_revenue", "total_assets",
            "size_overridden", "size_class",
        )),
        ("联系人", ("legal_representative", "contact_name", "contact_phone")),
        ("工作基础与劳动关系状况", ("groundwork", "labor_relations_status")),
    )  # fmt: skip
    credit_code = CodeField(label="统一社会信用代码", help_text="18位，见营业执照。空格、小写、全角都可以。")
    credit_code_note = forms.CharField(
        label="信用代码说明",
        max_length=100,
        required=False,
        help_text="校验位不符但已核对营业执照的，在此写明。",
    )
    industry_code = forms.ChoiceField(label="所属行业", choices=industry_choices, required=False)
    ownership = forms.ChoiceField(
        label="经济类型", choices=[("", "请选择"), *Ownership.choices], required=False
    )
    employee_count = LooseIntegerField(label="职工人数（人）", maximum=2_000_000, unit="人", required=False)
    annual_revenue = LooseDecimalField(label="营业收入（万元）", maximum=10**13, unit="万元", required=False)
    total_assets = LooseDecimalField(label="资产总额（万元）", maximum=10**13, unit="万元", required=False)
    size_overridden = forms.BooleanField(
        label="企业规模由人工认定",
        required=False,
        help_text="不勾选时按国统字〔2017〕213号由行业、人数、收入、资产计算。",
    )
    size_class = forms.ChoiceField(
        label="企业规模", choices=[("", "按数据计算"), *SizeClass.choices], required=False
    )
    legal_representative = forms.CharField(label="法定代表人", max_length=40, required=False)

    def clean_credit_code(self) -> str:
        """Length and letters are judged here already, so that the slip stands among all the others."""
        checked = check_credit_code(self.cleaned_data["credit_code"])
        if checked.level is CodeLevel.ERROR:
            raise forms.ValidationError(checked.message)
        return checked.code


class ParkForm(SubjectForm):
    kind = SubjectKind.INDUSTRIAL_PARK
    submit_label = "保存工业园区"
    fieldsets = (
        ("基本信息", ("name", "managing_organization", "township", "address", "established_on")),
        ("联系人", ("contact_name", "contact_phone")),
        ("工作基础与劳动关系状况", ("groundwork", "labor_relations_status")),
    )
    established_on = LooseDateField(label="设立日期", required=False)


class TownshipForm(SubjectForm):
    kind = SubjectKind.TOWNSHIP
    submit_label = "保存乡镇（街道）"
    fieldsets = (
        ("基本信息", ("name", "managing_organization", "township", "address")),
        ("联系人", ("contact_name", "contact_phone")),
        ("工作基础与劳动关系状况", ("groundwork", "labor_relations_status")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["township"].required = True
        self.fields["name"].required = False
        self.fields["name"].help_text = "不填时用所选乡镇（街道）的名称。"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("name") and cleaned.get("township"):
            cleaned["name"] = cleaned["township"].name
        return cleaned


class PilotForm(SubjectForm):
    kind = SubjectKind.INDUSTRY_PILOT
    submit_label = "保存行业试点"
    fieldsets = (
        ("基本信息", ("name", "pilot_year", "industry_code", "managing_organization")),
        ("联系人", ("contact_name", "contact_phone")),
        ("工作基础与劳动关系状况", ("groundwork", "labor_relations_status")),
    )
    pilot_year = forms.TypedChoiceField(
        label="试点年度", coerce=int, choices=[(year, f"{year}年") for year in YEARS], empty_value=None
    )
    industry_code = forms.ChoiceField(label="所属行业", choices=industry_choices, required=False)


FORMS: dict[str, type[SubjectForm]] = {
    SubjectKind.ENTERPRISE: EnterpriseForm,
    SubjectKind.INDUSTRIAL_PARK: ParkForm,
    SubjectKind.TOWNSHIP: TownshipForm,
    SubjectKind.INDUSTRY_PILOT: PilotForm,
}
