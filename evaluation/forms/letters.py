"""Letters: writing one, signing for one, the paper signed at the unit, withdrawing."""

from __future__ import annotations

from typing import Any

from django import forms

from cultivation.models import CampaignYear, Subject
from cultivation.rules.subjects import derive_names
from evaluation.rules.letters import MAX_NAME, MAX_NOTE, MAX_REASON, MAX_SECTION, MAX_TITLE
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm
from zaozhuang_portal.kernel.parsing import to_half_width
from zaozhuang_portal.kernel.phrases import PhrasedTextarea

ALL, SOME, SUBJECTS = "all", "some", "subjects"
MOST_SUBJECTS = 200


class LetterForm(PortalForm):
    """`addressees` of the cleaned data are the districts or subjects that were named."""

    year = forms.TypedChoiceField(label="年度", coerce=int)
    title = forms.CharField(label="标题", max_length=MAX_TITLE)
    basis = forms.CharField(
        label="依据",
        max_length=MAX_SECTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="如“枣人社字〔2023〕34号三（三）4”",
    )
    body = forms.CharField(label="正文", max_length=MAX_SECTION, widget=forms.Textarea(attrs={"rows": 8}))
    demand = forms.CharField(
        label="要求", max_length=MAX_SECTION, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    sign_by = LooseDateField(label="签收期限", required=False, help_text="不填为3个工作日（系统设定）")
    scope = forms.ChoiceField(
        label="发给",
        choices=[(ALL, "全部区（市）"), (SOME, "部分区（市）"), (SUBJECTS, "培育对象")],
        widget=forms.RadioSelect,
        initial=ALL,
    )
    districts = forms.TypedMultipleChoiceField(
        label="区（市）",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="选“部分区（市）”时勾选",
    )
    subjects = forms.CharField(
        label="培育对象",
        max_length=MOST_SUBJECTS * 130,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"选“培育对象”时填写，每行一个统一社会信用代码或全称，最多{MOST_SUBJECTS}个",
    )
    submit_label = "发出通知"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.years = {
            row.pk: row
            for row in CampaignYear.objects.filter(in_use=True, closed_at__isnull=True).order_by("pk")
        }
        self.fields["year"].choices = [(pk, f"{pk}年度") for pk in self.years]
        self.places = {row.pk: row for row in Organization.objects.districts().filter(is_active=True)}
        self.fields["districts"].choices = [(pk, row.name) for pk, row in self.places.items()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        scope = data.get("scope")
        if scope == ALL:
            data["addressees"] = list(self.places.values())
        elif scope == SOME:
            data["addressees"] = [self.places[pk] for pk in data.get("districts") or []]
            if not data["addressees"]:
                self.add_error("districts", "请勾选至少一个区（市）。")
        elif scope == SUBJECTS:
            data["addressees"] = self._subjects(data.get("subjects") or "")
        return data

    def _subjects(self, text: str) -> list[Subject]:
        """Each line is one subject by code or whole name; every line that is none, or several, is named."""
        lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
        if not lines:
            self.add_error("subjects", "请填写至少一个培育对象。")
            return []
        if len(lines) > MOST_SUBJECTS:
            self.add_error(
                "subjects", f"一次最多发给{MOST_SUBJECTS}个培育对象，现有{len(lines)}个，请分几次发。"
            )
            return []
        codes = {line: to_half_width(line).replace(" ", "").upper() for line in lines}
        names = {line: derive_names(line).normalized_name for line in lines}
        active = Subject.objects.filter(state="ACTIVE")
        by_code = {row.credit_code: row for row in active.filter(credit_code__in=codes.values())}
        by_name: dict[str, list[Subject]] = {}
        for row in active.filter(normalized_name__in=names.values()):
            by_name.setdefault(row.normalized_name, []).append(row)
        found: dict[int, Subject] = {}
        wrong: list[str] = []
        for line in lines:
            rows = [by_code[codes[line]]] if codes[line] in by_code else by_name.get(names[line], [])
            if len(rows) == 1:
                found[rows[0].pk] = rows[0]
            else:
                wrong.append(f"“{line}”" + ("有同名的，请填信用代码" if rows else "没有找到"))
        if wrong:
            self.add_error("subjects", f"{'；'.join(wrong)}。")
        return list(found.values())


class ReceiveForm(PortalForm):
    receiver_name = forms.CharField(label="签收人", max_length=MAX_NAME)
    note = forms.CharField(
        label="签收说明", max_length=MAX_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    submit_label = "签收"


class PaperReceiptForm(ReceiveForm):
    received_on = LooseDateField(label="签收日期")
    submit_label = "登记纸质签收"
    field_order = ("receiver_name", "received_on", "note")


class WithdrawForm(PortalForm):
    reason = forms.CharField(
        label="撤回理由",
        max_length=MAX_REASON,
        widget=PhrasedTextarea(("内容有误，另行发出。", "发送单位有误。"), attrs={"rows": 3}),
    )
    submit_label = "撤回通知"
