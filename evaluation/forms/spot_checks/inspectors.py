"""The register of 检查人员 and changes of a team."""

from __future__ import annotations

from typing import Any

from django import forms

from cultivation.models import Subject
from cultivation.rules.subjects import derive_names
from evaluation.models import Inspector
from evaluation.services.spot_checks.inspectors import InspectorEntry
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.kernel.forms import CodeField, LooseDateField, PortalForm
from zaozhuang_portal.kernel.phrases import PhrasedTextarea

CHANGE_PHRASES = ("因病不能参加。", "另有公务。", "申报了利害关系。")


class InspectorForm(PortalForm):
    name = forms.CharField(label="姓名", max_length=40)
    staff_number = CodeField(label="工号", max_length=40, help_text="派组按工号抽取，登记后尽量不改")
    party = forms.ChoiceField(label="所属方", choices=MemberUnitKind.choices)
    organization = forms.TypedChoiceField(
        label="所在地区", coerce=int, help_text="在区（市）工作的，不派去检查本区（市）"
    )
    unit_name = forms.CharField(label="单位", max_length=120)
    post = forms.CharField(label="职务", max_length=60, required=False)
    certificate = forms.CharField(
        label="证件号",
        max_length=60,
        required=False,
        help_text="行政执法证等；只有市三方办公室和本人看到全号",
    )
    username = forms.CharField(
        label="账号", max_length=150, required=False, help_text="登录名；没有账号的在纸质记录上签字"
    )
    active_from = LooseDateField(label="入库日期")
    submit_label = "保存检查人员"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Organization.objects.filter(level__in=[Level.CITY, Level.DISTRICT], is_active=True)
        self.places = {row.pk: row for row in rows.order_by("level", "sort_order")}
        self.fields["organization"].choices = [(pk, row.name) for pk, row in self.places.items()]

    def clean_username(self) -> User | None:
        name = self.cleaned_data["username"].strip()
        if not name:
            return None
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise forms.ValidationError(f"没有登录名为“{name}”的在用账号，请核对；没有账号的留空。")
        return user

    def entry(self) -> InspectorEntry:
        data = dict(self.cleaned_data)
        user = data.pop("username")
        return InspectorEntry(**data | {"organization": self.places[data["organization"]], "user": user})


def inspector_initial(inspector: Inspector) -> dict[str, Any]:
    keys = ("name", "staff_number", "party", "unit_name", "post", "certificate", "active_from")
    return {key: getattr(inspector, key) for key in keys} | {
        "organization": inspector.organization_id,
        "username": inspector.user.username if inspector.user else "",
    }


class RetireForm(PortalForm):
    on = LooseDateField(label="出库日期")
    reason = forms.CharField(
        label="出库理由",
        max_length=200,
        widget=PhrasedTextarea(("调离本单位。", "退休。"), attrs={"rows": 2}),
    )


class ConflictForm(PortalForm):
    """`target` of the cleaned data is the subject or the district."""

    organization = forms.TypedChoiceField(
        label="区（市）",
        coerce=int,
        required=False,
        empty_value=None,
        help_text="与整个区（市）有利害关系的选择",
    )
    subject = forms.CharField(
        label="培育对象", max_length=120, required=False, help_text="统一社会信用代码或全称；与区（市）二选一"
    )
    reason = forms.CharField(
        label="利害关系", max_length=200, widget=PhrasedTextarea(("近亲属在该单位工作。",), attrs={"rows": 2})
    )
    declared_on = LooseDateField(label="申报日期")
    submit_label = "登记利害关系"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {row.pk: row for row in Organization.objects.districts().filter(is_active=True)}
        self.fields["organization"].choices = [
            ("", "（不选）"),
            *((pk, row.name) for pk, row in self.places.items()),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        place, text = data.get("organization"), (data.get("subject") or "").strip()
        if bool(place) == bool(text):
            self.add_error("subject", "区（市）和培育对象请填写其中一项。")
        elif place:
            data["target"] = self.places[place]
        else:
            rows = Subject.objects.filter(normalized_name=derive_names(text).normalized_name)[:2]
            found = list(Subject.objects.filter(credit_code=text.upper())) or list(rows)
            if len(found) != 1:
                self.add_error("subject", f"“{text}”{'有同名的，请填信用代码' if found else '没有找到'}。")
            else:
                data["target"] = found[0]
        return data


class RemoveConflictForm(PortalForm):
    reason = forms.CharField(label="撤销理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class ChangeMemberForm(PortalForm):
    """`people`: those who may be put in, with their party."""

    inspector = forms.TypedChoiceField(label="换上", coerce=int)
    reason = forms.CharField(
        label="更换理由", max_length=200, widget=PhrasedTextarea(CHANGE_PHRASES, attrs={"rows": 2})
    )
    submit_label = "更换检查人员"

    def __init__(self, *args: Any, people: list[Inspector], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {row.pk: row for row in people}
        self.fields["inspector"].choices = [
            (row.pk, f"{row.name}（{row.get_party_display()}，{row.unit_name}）") for row in people
        ]


class ChangeLeadForm(PortalForm):
    reason = forms.CharField(
        label="更换理由", max_length=200, widget=PhrasedTextarea(CHANGE_PHRASES, attrs={"rows": 2})
    )
