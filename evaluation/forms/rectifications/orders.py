"""Forms of the city office: a finding by hand, the order, withdrawing, answers, the re-check."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from cultivation.models import CampaignYear, Subject
from evaluation.enums import Cause, FindingSource, Severity
from evaluation.forms.units import ONE_DISTRICT, ONE_SUBJECT, one_subject
from evaluation.models import Rectification
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.rules.rectifications import MAX_TERM, USUAL_CONSEQUENCE, USUAL_TERM, USUAL_WAY
from evaluation.services.rectifications.findings import FindingEntry
from evaluation.services.rectifications.orders import OrderEntry
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.forms import LooseDateField, LooseIntegerField, PortalForm
from zaozhuang_portal.kernel.phrases import PhrasedTextarea

BY_HAND = [pair for pair in FindingSource.choices if pair[0] != FindingSource.SPOT_CHECK]


def _text(label: str, most: int, rows: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


class FindingForm(PortalForm):
    """`unit` of the cleaned data is the district or the subject that was named."""

    year = forms.TypedChoiceField(label="年度", coerce=int)
    scope = forms.ChoiceField(
        label="对象",
        choices=[(ONE_DISTRICT, "区（市）"), (ONE_SUBJECT, "培育对象")],
        initial=ONE_DISTRICT,
        widget=forms.RadioSelect,
    )
    district = forms.TypedChoiceField(
        label="区（市）", coerce=int, empty_value=None, required=False, help_text="对象为区（市）时选择"
    )
    subject = forms.CharField(
        label="培育对象",
        max_length=120,
        required=False,
        help_text="对象为培育对象时填写统一社会信用代码或全称",
    )
    source = forms.ChoiceField(label="来源", choices=[("", "请选择"), *BY_HAND])
    source_note = forms.CharField(
        label="来源说明", max_length=200, help_text="如来信编号、核验受理编号、数据核查名称"
    )
    clause = forms.CharField(
        label="条款或指标", max_length=60, help_text="检查表条目、评价指标编号或文件条款，如“DC02”“三（二）1”"
    )
    title = forms.CharField(label="问题", max_length=200)
    facts = _text("事实", MAX_COMMENT, 5, help_text="何时、何地、依据什么材料或何人陈述")
    evidence_of = LooseDateField(
        label="佐证所属日期", required=False, help_text="材料所反映的日期，不是取得材料的日期"
    )
    severity = forms.ChoiceField(label="性质", choices=[("", "请选择"), *Severity.choices])
    cause = forms.ChoiceField(label="原因类别", choices=[("", "未分析"), *Cause.choices], required=False)
    found_on = LooseDateField(label="发现日期")
    recurs = forms.TypedChoiceField(
        label="是否重复出现",
        choices=[
            ("1", "同一单位同一条款以前有过的，关联最近一次"),
            ("0", "与以前的问题无关，不关联"),
        ],
        coerce=lambda value: value == "1",
        initial="1",
        widget=forms.RadioSelect,
    )
    submit_label = "登记问题"

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.years = {
            row.pk: row
            for row in CampaignYear.objects.filter(in_use=True, closed_at__isnull=True).order_by("pk")
        }
        self.fields["year"].choices = [(pk, f"{pk}年度") for pk in self.years]
        self.fields["year"].initial = today.year
        self.fields["found_on"].initial = today
        self.places = {row.pk: row for row in Organization.objects.districts().filter(is_active=True)}
        self.fields["district"].choices = [
            ("", "请选择"),
            *((pk, row.name) for pk, row in self.places.items()),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        scope = data.get("scope")
        if scope == ONE_DISTRICT:
            data["unit"] = self.places.get(data.get("district") or 0)
            if data["unit"] is None and "district" not in self.errors:
                self.add_error("district", "请选择区（市）。")
        elif scope == ONE_SUBJECT and "subject" not in self.errors:
            try:
                data["unit"] = one_subject(data.get("subject") or "")
            except forms.ValidationError as error:
                self.add_error("subject", error)
        return data

    @property
    def unit(self) -> Organization | Subject:
        unit: Organization | Subject = self.cleaned_data["unit"]
        return unit

    def entry(self) -> FindingEntry:
        names = FindingEntry.__dataclass_fields__
        return FindingEntry(**{name: self.cleaned_data[name] for name in names})


class OrderForm(PortalForm):
    """`seen_revision` is that of the draft the form was opened with; a new one has none."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    requirement = _text("整改要求", MAX_COMMENT, 4, help_text="要做什么，做到什么程度")
    criterion = _text("销号标准", MAX_COMMENT, 3, help_text="复查时凭什么认定已经改好，如文件、台账、现场")
    term_days = LooseIntegerField(
        label="整改期限", minimum=1, maximum=MAX_TERM, unit="个工作日", help_text="个工作日，自下达次日起算"
    )
    consequence = _text("逾期后果", 300, 2)
    reporting_way = forms.CharField(label="报送方式", max_length=200, required=False)

    @staticmethod
    def usual() -> dict[str, Any]:
        """What a new order begins with; every word may be changed."""
        return {
            "term_days": USUAL_TERM,
            "consequence": USUAL_CONSEQUENCE,
            "reporting_way": USUAL_WAY,
        }

    @staticmethod
    def of(record: Rectification) -> dict[str, Any]:
        names = OrderEntry.__dataclass_fields__
        return {
            **{name: getattr(record, name) for name in names},
            "seen_revision": record.revision,
        }

    def entry(self) -> OrderEntry:
        return OrderEntry(**{name: self.cleaned_data[name] for name in OrderEntry.__dataclass_fields__})


class WithdrawOrderForm(PortalForm):
    reason = forms.CharField(
        label="撤销理由",
        max_length=200,
        widget=PhrasedTextarea(
            ("异议成立，问题不存在。", "事实认定有误。", "与另一份整改通知书重复。"), attrs={"rows": 3}
        ),
    )


class AnswerForm(PortalForm):
    """答复 to 延期 or 异议."""

    granted = forms.TypedChoiceField(
        label="答复意见",
        choices=[("1", "同意"), ("0", "不同意")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    decision = _text("答复", 300, 3)


class RecheckForm(PortalForm):
    passed = forms.TypedChoiceField(
        label="复查结果",
        choices=[("1", "通过"), ("0", "未通过，退回继续整改")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    way = forms.CharField(label="复查方式", max_length=100, help_text="如查阅材料、实地查看、电话核实")
    words = _text("复查意见", MAX_COMMENT, 4, help_text="对照销号标准写明所见；被整改单位看到的就是这些文字")
    checked_on = LooseDateField(label="复查日期")
