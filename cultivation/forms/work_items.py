"""Forms of 责任分解."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from cultivation.services.work_items import WorkItemDraft
from zaozhuang_portal.accounts.models import Membership, MemberUnit, Organization, User
from zaozhuang_portal.kernel.forms import LooseDateField, LooseIntegerField, PortalForm
from zaozhuang_portal.kernel.merging import MergingForm


class WorkItemForm(MergingForm):
    """The four things the notice asks for (C104): 责任主体、重点任务、时间进度、保障措施."""

    title = forms.CharField(label="重点任务", max_length=200)
    lead_unit = forms.ModelChoiceField(
        label="牵头单位", queryset=MemberUnit.objects.none(), required=False, empty_label="（其他单位）"
    )
    lead_name = forms.CharField(
        label="牵头单位（其他）", max_length=80, required=False, help_text="不在上面名单中的单位，在此填写"
    )
    participating_units = forms.ModelMultipleChoiceField(
        label="参加单位",
        queryset=MemberUnit.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    responsible_user = forms.ModelChoiceField(
        label="责任人账号",
        queryset=User.objects.none(),
        required=False,
        empty_label="（无账号）",
        help_text="选了账号，任务会出现在其工作台并发通知",
    )
    responsible_person = forms.CharField(
        label="责任人", max_length=40, required=False, help_text="没有账号的，填写姓名"
    )
    due_on = LooseDateField(label="完成时限")
    supporting_measures = forms.CharField(
        label="保障措施", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    clause = forms.CharField(label="依据", max_length=60, required=False, help_text="如：方案第三条")
    note = forms.CharField(label="备注", max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    # The past day the person was warned of; sent again with the same day, it is meant.
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)
    fieldsets = (
        ("任务和责任主体", ("title", "lead_unit", "lead_name", "participating_units")),
        ("时间和责任人", ("due_on", "responsible_user", "responsible_person")),
        ("保障措施和依据", ("supporting_measures", "clause", "note", "version", "confirmed", "shown")),
    )
    submit_label = "保存任务"

    def __init__(self, *args: Any, organization: Organization, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        units = MemberUnit.objects.filter(organization=organization).order_by("id")
        self.fields["lead_unit"].queryset = units
        self.fields["participating_units"].queryset = units
        holders = Membership.objects.in_force(today).filter(
            Q(organization=organization)
            | Q(organization__parent=organization, organization__level="TOWNSHIP")
        )
        self.fields["responsible_user"].queryset = User.objects.filter(
            pk__in=holders.values("user_id"), is_active=True
        ).order_by("full_name")
        self.fields["responsible_user"].label_from_instance = lambda user: (
            f"{user.full_name}（{user.username}）"
        )

    def clean_confirmed(self) -> str:
        """A time limit in the past is asked about once: usually a slip of the year."""
        due, confirmed = self.cleaned_data.get("due_on"), self.cleaned_data["confirmed"]
        if due and due < self.today and "due_on" in self.changed_data and confirmed != due.isoformat():
            self.data = self.data.copy()
            self.data["confirmed"] = due.isoformat()
            self.add_error(
                "due_on",
                f"完成时限 {due} 已经过去，保存后任务即为逾期。请改正日期；日期无误的，再次点“保存任务”即保存。",
            )
        return confirmed

    @property
    def draft(self) -> WorkItemDraft:
        data = self.cleaned_data
        return WorkItemDraft(
            title=data["title"],
            due_on=data["due_on"],
            lead_unit=data["lead_unit"],
            lead_name=data["lead_name"],
            participating_units=list(data["participating_units"]),
            responsible_person=data["responsible_person"],
            responsible_user=data["responsible_user"],
            clause=data["clause"],
            supporting_measures=data["supporting_measures"],
            note=data["note"],
        )


class ProgressForm(PortalForm):
    progress = LooseIntegerField(label="进度", minimum=0, maximum=100, unit="%")
    note = forms.CharField(
        label="进展情况", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    submit_label = "保存进度"


class FinishForm(PortalForm):
    done_on = LooseDateField(label="办结日期", required=False, help_text="今天办结的可空着")


class WorkItemReasonForm(PortalForm):
    reason = forms.CharField(
        label="理由",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="至少5个字，记入动态",
    )
