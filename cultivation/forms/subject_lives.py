"""Forms of a subject's life: rename, move, merge, deregister; and of a handover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from cultivation.enums import MergeCodes
from cultivation.models import Subject
from cultivation.selectors.subjects import namesake_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Membership, Organization, User
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.credit_code import normalize_credit_code
from zaozhuang_portal.kernel.forms import CodeField, LooseDateField, PortalForm
from zaozhuang_portal.kernel.phrases import PhrasedTextarea

REFUSE_PHRASES = (
    "企业实际经营地不在本区（市）。",
    "请先完成本年度培育和自评再申请划转。",
    "请补充迁址或变更登记的依据。",
    "经核对该企业仍由原单位管理。",
)


def reason_field(label: str, help_text: str = "至少5个字，将记入历史和日志。") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=200, widget=forms.Textarea(attrs={"rows": 3}), help_text=help_text
    )


class ReasonForm(PortalForm):
    """One reason. `label` and `submit_label` are given by the page."""

    reason = reason_field("原因")

    def __init__(
        self, *args: Any, label: str, submit_label: str, phrases: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if phrases:
            self.fields["reason"].widget = PhrasedTextarea(phrases, self.fields["reason"].widget.attrs)
        self.submit_label = submit_label
        self.fields["reason"].label = label
        self.fields["reason"].error_messages["required"] = f"请填写{label}"


class RenameForm(PortalForm):
    """A name another record of the district has already is asked about once: `asked_name` holds the name that was."""

    submit_label = "更名"
    name = forms.CharField(label="新名称", max_length=120, help_text="与变更后的营业执照一致的全称。")
    happened_on = LooseDateField(label="变更日期", required=False, help_text="不填即今天。")
    reason = reason_field("更名原因")
    document_number = forms.CharField(label="依据文号", max_length=60, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)
    asked_name = forms.CharField(max_length=120, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        self.subject = subject
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        name = cleaned.get("name", "")
        if name and cleaned.get("asked_name") != name and (other := namesake_of(self.subject, name)):
            self.add_error(
                "name",
                f"本区（市）已有“{other.name}”（{other.credit_code or '无信用代码'}）。是同一家的，请改用“合并”；"
                "确实是另一家的，请再次保存。",
            )
            self.data = self.data.copy()
            self.data["asked_name"] = name
        return cleaned


class TransferForm(PortalForm):
    """Ask for a move. For a district giving away, or the city."""

    submit_label = "提交划转申请"
    to_organization = forms.ModelChoiceField(
        label="划入区（市）", queryset=Organization.objects.none(), empty_label="请选择"
    )
    reason = reason_field("划转理由")

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_organization"].queryset = Organization.objects.districts().exclude(
            pk=subject.managing_organization_id
        )


class TransferInForm(PortalForm):
    """Ask for a firm another district keeps, by its credit code: nothing of its record is shown."""

    submit_label = "提交划转申请"
    credit_code = CodeField(label="统一社会信用代码", max_length=40, help_text="拟划入企业的18位代码。")
    to_township = forms.ModelChoiceField(
        label="划入乡镇（街道）", queryset=Organization.objects.none(), required=False, empty_label="暂不指定"
    )
    reason = reason_field("划转理由")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_township"].queryset = places_of(actor.district)


class AcceptForm(PortalForm):
    submit_label = "接收"
    to_township = forms.ModelChoiceField(
        label="划入乡镇（街道）", queryset=Organization.objects.none(), required=False, empty_label="暂不指定"
    )

    def __init__(self, *args: Any, district: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_township"].queryset = places_of(district)


def places_of(district: Organization | None) -> Any:
    """Townships, streets and parks of a district."""
    places = Organization.objects.filter(level__in=[Level.TOWNSHIP, Level.PARK], is_active=True)
    return places.filter(parent=district).order_by("code") if district else places.none()


class MergeForm(PortalForm):
    """Which record goes into this one. `duplicate` is a credit code or the exact name of a visible record."""

    submit_label = "核对后合并"
    duplicate = forms.CharField(
        label="重复的档案", max_length=120, help_text="填它的统一社会信用代码，或与档案完全一致的名称。"
    )
    reason = reason_field("合并原因")

    def __init__(self, *args: Any, actor: Actor, subject: Subject, **kwargs: Any) -> None:
        self.actor, self.subject = actor, subject
        super().__init__(*args, **kwargs)

    def clean_duplicate(self) -> Subject:
        text = self.cleaned_data["duplicate"].strip()
        rows = (
            Subject.objects.visible_to(self.actor).filter(kind=self.subject.kind).exclude(pk=self.subject.pk)
        )
        rows = rows.select_related("managing_organization")
        found = list(rows.filter(credit_code=normalize_credit_code(text))[:1]) or list(
            rows.filter(name=text)[:2]
        )
        if not found:
            raise forms.ValidationError(
                "没有找到这份档案。请填18位统一社会信用代码，或从列表中复制完整名称。"
            )
        if len(found) > 1:
            raise forms.ValidationError(f"有多份名为“{text}”的档案，请改填统一社会信用代码。")
        return found[0]


class MergeCodesForm(PortalForm):
    """Asked only when the two credit codes differ; nothing is chosen beforehand."""

    codes_answer = forms.ChoiceField(
        label="属于哪种情况",
        choices=MergeCodes.choices,
        widget=forms.RadioSelect,
        help_text="请核对营业执照。确是两家企业的，请返回，不要合并。",
        error_messages={"required": "两份档案的统一社会信用代码不同，请选择属于哪种情况，再确认合并"},
    )


class HandoverForm(PortalForm):
    """The two people were chosen above, where their choice shows what goes and what stays (`stays`: the kinds told of)."""

    submit_label = "确认交接"
    leaver = forms.ModelChoiceField(
        label="移交人", queryset=User.objects.none(), widget=forms.HiddenInput(attrs={"id": "given-leaver"})
    )
    successor = forms.ModelChoiceField(
        label="接收人",
        queryset=User.objects.none(),
        widget=forms.HiddenInput(attrs={"id": "given-successor"}),
    )
    stays = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = reason_field("交接原因", "如：工作调动、退休。至少5个字。")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        path = actor.organization.path if actor.organization else "-"
        held = Membership.objects.filter(organization__path__startswith=path)
        today = clock.shanghai_date(clock.now())
        self.fields["leaver"].queryset = User.objects.filter(pk__in=held.values("user_id")).order_by(
            "full_name"
        )
        self.fields["successor"].queryset = User.objects.filter(
            pk__in=held.in_force(today).values("user_id"), is_active=True
        ).order_by("full_name")
