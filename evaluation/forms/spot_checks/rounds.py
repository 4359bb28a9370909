"""Rounds of spot checks: the plan, reasons and answers, the digits of the seats, 指定."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from cultivation.models import CampaignYear, Subject
from evaluation.enums import ChecklistState, Frame, Manner, SelectionClass
from evaluation.forms.units import one_subject
from evaluation.models import InspectionChecklist, SpotCheckRound
from evaluation.rules.spot_checks.plans import (
    BASIS,
    CLASS_REASONS,
    MAX_BASIS,
    MAX_DEFAULT,
    MAX_REASON,
    MAX_SIGNER,
    MAX_SPEAKER,
    MAX_TITLE,
    MOST_DEFAULTS,
    default_defaults,
    notice_end,
)
from evaluation.selectors.spot_checks.seats import SeatView
from evaluation.services.spot_checks.draws import SpokenDigits
from evaluation.services.spot_checks.rounds import RoundPlan
from zaozhuang_portal.kernel.forms import LooseDateField, LooseDecimalField, LooseIntegerField, PortalForm
from zaozhuang_portal.kernel.parsing import to_half_width
from zaozhuang_portal.kernel.phrases import PhrasedTextarea


def _boxes(choices: Any, label: str, **more: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, widget=forms.CheckboxSelectMultiple, **more
    )


def typed_digits(text: str) -> str:
    """As typed with an input method: full-width digits are the same digits."""
    return to_half_width(text).strip()


def percent_typed(text: str) -> str:
    """The same, and a percent sign is not part of the number."""
    return typed_digits(text).removesuffix("%").strip()


class RoundForm(PortalForm):
    """The plan of a round. `seen_revision` is that of the row the form was opened with."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    year = forms.TypedChoiceField(label="年度", coerce=int)
    title = forms.CharField(
        label="名称", max_length=MAX_TITLE, required=False, help_text="不填为“2026年度抽查 第1批”的样式"
    )
    basis = forms.CharField(label="依据", max_length=MAX_BASIS, widget=forms.Textarea(attrs={"rows": 2}))
    period_from = LooseDateField(label="检查期间自")
    period_to = LooseDateField(label="检查期间至")
    ends_on = LooseDateField(
        label="完成期限", help_text="通知要求每年11月底前（C091）；市里另定日期的在此填写"
    )
    manners = _boxes(Manner.choices, "检查方式")
    frame = forms.ChoiceField(
        label="名录范围",
        choices=Frame.choices,
        widget=forms.RadioSelect,
        help_text="称号持有名单尚未建立，现在是空的。各区（市）落实情况每批次必查，不在名录中抽取。",
    )
    default_rate = forms.CharField(
        label="每层抽取比例（%）", max_length=20, help_text="0–100，如 12.5；各层可在名录页另定"
    )
    default_minimum = LooseIntegerField(
        label="每层最少户数",
        maximum=9999,
        help_text="层：区（市）×类别×风险等级。1 即每个区（市）每类至少一户",
    )
    classes = _boxes(
        [(code, f"{SelectionClass(code).label}（{words}）") for code, words in CLASS_REASONS.items()],
        "按类必查",
        required=False,
        help_text="符合的不论是否抽中都检查；仍留在名录中参加抽取。到期复审在称号登记启用前没有对象。",
    )
    discrepancy_limit = LooseDecimalField(
        label="差距标准（分）", maximum=100, help_text="自评减核验，超过才算"
    )
    checklist = forms.ModelChoiceField(
        label="落实情况检查表",
        queryset=InspectionChecklist.objects.none(),
        empty_label=None,
        error_messages={"required": "还没有已发布的落实情况检查表，请先载入并发布检查表。"},
    )
    item_count = LooseIntegerField(label="每户抽查指标数", minimum=10, maximum=200, help_text="至少10项")
    blind = forms.BooleanField(label="盲评（评判之前不显示自评分、核验分和区（市）说明）", required=False)
    answer_days = LooseIntegerField(label="反馈意见期限（工作日）", minimum=1, maximum=60)
    rectification_days = LooseIntegerField(label="整改期限（工作日）", minimum=1, maximum=250)
    defaults = forms.CharField(
        label="到期处理",
        max_length=MAX_DEFAULT * MOST_DEFAULTS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="每行一条，抽查开始前即告知；不填按期限自动写明",
    )
    submit_label = "保存抽查方案"
    fieldsets = (
        (
            "依据和期限",
            ("seen_revision", "year", "title", "basis", "period_from", "period_to", "ends_on", "manners"),
        ),
        ("查谁", ("frame", "default_rate", "default_minimum", "classes", "discrepancy_limit")),
        ("怎么查", ("checklist", "item_count", "blind", "answer_days", "rectification_days", "defaults")),
    )

    def __init__(self, *args: Any, held: SpotCheckRound | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = CampaignYear.objects.filter(closed_at__isnull=True).order_by("pk")
        self.years = {row.pk: row for row in rows if held is None or row.pk == held.year_id}
        if held is not None:
            self.years.setdefault(held.year_id, held.year)
        self.fields["year"].choices = [(pk, f"{pk}年度") for pk in self.years]
        self.fields["checklist"].queryset = InspectionChecklist.objects.filter(state=ChecklistState.PUBLISHED)

    def clean_default_rate(self) -> str:
        return percent_typed(self.cleaned_data["default_rate"])

    def plan(self) -> RoundPlan:
        data = self.cleaned_data
        names = RoundPlan.__dataclass_fields__
        values = {name: value for name, value in data.items() if name in names}
        return RoundPlan(**values | {"defaults": data["defaults"].splitlines()})


def new_round_initial(today: date) -> dict[str, Any]:
    """Shaped for the real size: every unit, one of each kind in each district, the classes on."""
    end = notice_end(today.year)
    return {
        "year": today.year,
        "basis": BASIS,
        "period_from": min(today, end),
        "period_to": end,
        "ends_on": end,
        "manners": Manner.values,
        "frame": Frame.ROSTER,
        "default_rate": "0",
        "default_minimum": 1,
        "classes": list(CLASS_REASONS),
        "discrepancy_limit": 10,
        "item_count": 10,
        "blind": True,
        "answer_days": 5,
        "rectification_days": 15,
        "defaults": "\n".join(default_defaults(5, 15)),
    }


def round_initial(held: SpotCheckRound) -> dict[str, Any]:
    names = [name for name in RoundPlan.__dataclass_fields__ if not name.startswith("default")]
    share = held.strata["default"]
    return {name: getattr(held, name) for name in names} | {
        "seen_revision": held.revision,
        "year": held.year_id,
        "default_rate": share["rate"],
        "default_minimum": share["minimum"],
        "defaults": "\n".join(held.defaults),
    }


class FreezeForm(PortalForm):
    """The revision of the plan whose figures stood on the page."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReasonForm(PortalForm):
    """One text: the reason of an act, a doubt, an answer."""

    reason = forms.CharField(label="理由", max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, label: str = "理由", phrases: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
        self.fields["reason"].error_messages["required"] = f"请填写{label}"
        if phrases:
            widget = PhrasedTextarea(phrases, attrs={**self.fields["reason"].widget.attrs, "rows": 3})
            self.fields["reason"].widget = widget


class NameForm(PortalForm):
    subject = forms.CharField(label="检查对象", max_length=120, help_text="统一社会信用代码或全称")
    reason = forms.CharField(
        label="指定理由", max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 3})
    )
    signer = forms.CharField(label="签发人", max_length=MAX_SIGNER)
    submit_label = "指定检查"

    def clean_subject(self) -> Subject:
        return one_subject(self.cleaned_data["subject"])


class CommitForm(PortalForm):
    seat = forms.ChoiceField(label="席位")
    commitment = forms.CharField(
        label="承诺值", max_length=64, help_text="数字、换行、32位随机串的 SHA-256，64位十六进制字符"
    )
    submit_label = "登记承诺值"

    def __init__(self, *args: Any, seats: list[SeatView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seat"].choices = [
            (one.seat, one.label) for one in seats if one.speaks and not one.commitment
        ]

    def clean_commitment(self) -> str:
        return typed_digits(self.cleaned_data["commitment"])


class SeatForm(PortalForm):
    """What one seat reads out. Whether it makes a seed is the rule's to say."""

    speaker = forms.CharField(label="宣读人", max_length=MAX_SPEAKER, required=False)
    digits = forms.CharField(
        label="数字", max_length=80, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    nonce = forms.CharField(label="随机串", max_length=64, required=False)

    def __init__(self, *args: Any, view: SeatView, **kwargs: Any) -> None:
        super().__init__(*args, prefix=view.seat, **kwargs)
        self.view = view
        if not view.commitment:
            del self.fields["nonce"]

    def clean_digits(self) -> str:
        return typed_digits(self.cleaned_data["digits"])

    def clean_nonce(self) -> str:
        return typed_digits(self.cleaned_data["nonce"])

    def spoken(self) -> SpokenDigits:
        data = self.cleaned_data
        return SpokenDigits(data.get("speaker", ""), data.get("digits", ""), data.get("nonce", ""))
