"""The forms of the on-site page: one for each line, one for the visit. Names are the same on every line, ids are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from evaluation.enums import DifferenceReason, Hindrance, Judgement, Layer, Manner, Severity
from evaluation.forms.cards import PartControl, answer_in_words, controls_of, draft_from_post
from evaluation.models import CheckLine, SpotCheck
from evaluation.rules.definitions import Indicator
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.selectors.spot_checks.site import SiteLine, SitePage
from evaluation.services.answers import AnswerDraft
from evaluation.services.spot_checks.judging import LineEntry
from evaluation.services.spot_checks.visiting import VisitEntry
from zaozhuang_portal.kernel.forms import LooseDateField, LooseIntegerField, PortalForm
from zaozhuang_portal.kernel.phrases import PhrasedTextarea

PHRASES = ("缺签字。", "已超期。", "人数与名册不符。", "原件未能提供。", "与记录一致。")


class SavedForm(PortalForm):
    """What a save carries beside its words: its id, and the revision it was made on."""

    uid = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"invalid": "这次保存的编号无法识别，请刷新页面后重新保存。"}
    )
    seen_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget = field.widget
            if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
                css = "" if name == "judgement" else "form-check-input"
            else:
                css = "form-select" if isinstance(widget, forms.Select) else "form-control"
            if css and not widget.is_hidden:
                widget.attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()

    @property
    def first_words(self) -> str:
        """The first refusal, in one sentence with the name of its field."""
        for name, errors in self.errors.items():
            label = self.fields[name].label if name in self.fields else ""
            return f"{label}：{errors[0]}" if label else str(errors[0])
        return ""

    def said(self) -> list[list[str]]:
        """Label and value of what is filled in, as a person reads it."""
        found = []
        for name, field in self.fields.items():
            value = self[name].value()
            if field.widget.is_hidden or value in (None, "", []):
                continue
            choices = dict(getattr(field, "choices", ()))
            values = value if isinstance(value, list | tuple) else [value]
            found.append([str(field.label), "、".join(str(choices.get(one, one)) for one in values)])
        return found

    def values(self) -> dict[str, list[str]]:
        """By the names of the controls, as the device holds them (static/js/mirror.js)."""
        found = {}
        for name, field in self.fields.items():
            if field.widget.is_hidden:
                continue
            value = self[name].value()
            listed = value if isinstance(value, list | tuple) else [] if value in (None, "") else [value]
            text = isinstance(
                field.widget, forms.TextInput | forms.Textarea | forms.Select
            ) and not isinstance(field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
            found[name] = [str(one) for one in listed] or ([""] if text else [])
        return found


class LineForm(SavedForm):
    judgement = forms.ChoiceField(label="判断", choices=Judgement.choices, widget=forms.RadioSelect)
    seen = forms.CharField(
        label="所见事实", required=False, max_length=MAX_COMMENT, widget=PhrasedTextarea(PHRASES, {"rows": 3})
    )
    said_by = forms.CharField(label="何人陈述", required=False, max_length=100)
    severity = forms.ChoiceField(
        label="性质", choices=Severity.choices, required=False, widget=forms.RadioSelect
    )
    papers = forms.CharField(label="查阅材料", required=False, max_length=300)
    evidence_of = LooseDateField(label="佐证所属日期", required=False)
    difference_reason = forms.ChoiceField(
        label="差异原因", choices=[("", "请选择"), *DifferenceReason.choices], required=False
    )
    difference_words = forms.CharField(label="差异说明", required=False, max_length=300)

    def __init__(self, item: SiteLine, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id-{item.code}-%s", **kwargs)
        self.item = item
        self.theirs: dict[str, Any] | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        judgement = cleaned.get("judgement")
        if judgement and judgement != Judgement.MET and not cleaned.get("seen", "").strip():
            self.add_error("seen", "请写明所见事实：看到什么、在何处")
        if judgement == Judgement.NOT_MET and not cleaned.get("severity"):
            self.add_error("severity", "不符合的请选择性质")
        if judgement != Judgement.NOT_MET:
            cleaned["severity"] = ""
        return cleaned

    @property
    def controls(self) -> list[PartControl]:
        """现场核定值: the controls of the item, as typed or as stored."""
        indicator = self.item.indicator
        if indicator is None:
            return []
        if self.is_bound:
            inputs: Any = draft_from_post(indicator, self.data).inputs  # type: ignore[arg-type]  # a QueryDict
        else:
            inputs = stored_inputs(self.item.line)
        return controls_of(indicator, inputs, {}, None)

    def value_controls(self) -> dict[str, list[str]]:
        """The controls of 现场核定值 by name, for the device."""
        return {
            name: [value] if value or control.kind != "check" else []
            for control in self.controls
            if control.kind != "survey"
            for name, value in zip(control.names, control.values, strict=True)
        }

    def values(self) -> dict[str, list[str]]:
        return {**super().values(), **self.value_controls()}

    def entry(self) -> LineEntry:
        data = self.cleaned_data
        return LineEntry(
            judgement=data["judgement"],
            seen=data["seen"],
            said_by=data["said_by"],
            severity=data["severity"],
            papers=data["papers"],
            evidence_of=data["evidence_of"],
            value=posted_value(self.item.indicator, self.data),  # type: ignore[arg-type]  # a QueryDict
            difference_reason=data["difference_reason"],
            difference_words=data["difference_words"],
        )


def line_form(item: SiteLine, uid: object, data: QueryDict | None = None) -> LineForm:
    """The form of a line as stored, or as sent."""
    if data is not None:
        return LineForm(item, data)
    line = item.line
    names = [name for name in LineForm.base_fields if hasattr(line, name)]
    initial = {name: getattr(line, name) for name in names}
    return LineForm(item, initial={**initial, "uid": uid, "seen_revision": line.revision})


def compare(page: SitePage) -> SitePage:
    """Beside each judged line what was claimed, what was verified, and why it was drawn."""
    compare_lines(page.lines)
    return page


def compare_lines(lines: Sequence[SiteLine]) -> None:
    for item in lines:
        if item.line.judgement and item.line.item_reason:
            item.compared.append(("抽取理由", item.line.get_item_reason_display()))
        if item.indicator is None or not (item.line.judgement or item.claims):
            continue
        for layer, label in ((Layer.SELF, "自评"), (Layer.DISTRICT, "核验")):
            row = item.claims.get(layer)
            item.compared.append((label, answer_in_words(item.indicator, row) if row else "没有"))


def stored_inputs(line: CheckLine) -> list[Any]:
    value = line.value
    inputs = value.get("inputs") if isinstance(value, dict) else value
    return inputs if isinstance(inputs, list) else []


def value_in_words(item: SiteLine) -> str:
    """The value found on site as a person reads it; empty where none was put."""
    inputs = stored_inputs(item.line)
    if item.indicator is None or not inputs:
        return ""
    return answer_in_words(item.indicator, AnswerDraft(item.code, inputs))


def posted_value(indicator: Indicator | None, data: QueryDict) -> dict[str, object] | None:
    """None where nothing was filled in: the verdict stands without a number."""
    if indicator is None or not indicator.parts_by_hand:
        return None
    inputs = draft_from_post(indicator, data).inputs
    return None if all(one in (None, [None, None]) for one in inputs) else {"inputs": list(inputs)}


class VisitForm(SavedForm):
    visited_on = LooseDateField(label="检查日期", required=False)
    place = forms.CharField(label="检查地点", required=False, max_length=120)
    manners = forms.MultipleChoiceField(
        label="检查方式", choices=Manner.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    interview_count = LooseIntegerField(label="访谈人数", required=False)
    questionnaire_count = LooseIntegerField(label="问卷份数", required=False)
    papers_seen = forms.CharField(
        label="查阅材料清单", required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    unit_statement = forms.CharField(
        label="被检查单位意见", required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    unit_signer = forms.CharField(label="被检查单位签字人", required=False, max_length=40)
    hindrance = forms.ChoiceField(
        label="未能检查", choices=[("", "没有"), *Hindrance.choices], required=False, widget=forms.RadioSelect
    )
    hindrance_words = forms.CharField(
        label="未能检查的经过", required=False, max_length=300, widget=forms.Textarea({"rows": 2})
    )
    signed = forms.MultipleChoiceField(
        label="检查人签字", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, page: SitePage, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id-visit-%s", **kwargs)
        self.theirs: dict[str, Any] | None = None
        # The whole team: a save that comes again names people who have signed since. The service judges who may.
        self.fields["signed"].choices = [(str(one.pk), str(one)) for one in page.team]  # type: ignore[attr-defined]  # a choice

    def entry(self) -> VisitEntry:
        data = {
            name: value for name, value in self.cleaned_data.items() if name not in {"uid", "seen_revision"}
        }
        return VisitEntry(
            **{**data, "manners": tuple(data["manners"]), "signed": [int(one) for one in data["signed"]]}
        )


def visit_form(page: SitePage, uid: object, data: QueryDict | None = None) -> VisitForm:
    if data is not None:
        return VisitForm(page, data)
    check: SpotCheck = page.check
    names = [name for name in VisitForm.base_fields if hasattr(check, name)]
    initial = {name: getattr(check, name) for name in names}
    return VisitForm(page, initial={**initial, "uid": uid, "seen_revision": check.visit_revision})
