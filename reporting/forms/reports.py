"""Forms of the annual report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from reporting.rules.contradictions import LONGEST_WORD
from reporting.selectors.report_points import ExplainedPoint
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm
from zaozhuang_portal.kernel.phrases import PhrasedTextarea

RETURN_PHRASES = (
    "请补齐标记为“待补充”的内容。",
    "请核对数据与台账，更新后再报送。",
    "请补充存在的问题和下一步打算。",
    "请补充典型做法和成效。",
)


class NarrativeForm(PortalForm):
    """One section of the report. The text is kept as typed; only its length is bounded."""

    text = forms.CharField(
        label="内容", required=False, max_length=20_000, strip=False, widget=forms.Textarea
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class ReturnForm(PortalForm):
    submit_label = "退回修改"
    comment = forms.CharField(
        label="退回意见",
        required=False,
        max_length=500,
        widget=PhrasedTextarea(RETURN_PHRASES),
        help_text="写明哪里需要改、怎样改，至少5个字。",
    )


class CityReturnForm(ReturnForm):
    """The city gives a report back: with the day by which to file it again. The first filing keeps its time."""

    due_on = LooseDateField(
        label="再次报送期限",
        required=False,
        help_text="这一天24时前再次报送的不算超期；首次报送的时间和是否逾期不变。",
    )


class PointsForm(PortalForm):
    """One box for each point that needs a word; what was said before stands in it and may be put better."""

    def __init__(self, data: Any = None, *, points: Sequence[ExplainedPoint], **kwargs: Any) -> None:
        self.base_fields = {
            word_key(asked.point.code): forms.CharField(
                label=asked.point.doubt,
                required=False,
                max_length=LONGEST_WORD,
                initial=asked.word.text if asked.word else "",
                help_text=asked.point.mend,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
            for asked in points
        }
        super().__init__(data, **kwargs)


def word_key(code: str) -> str:
    """The name of a point's box."""
    return f"word_{code}"


class BackfillForm(PortalForm):
    """A stamped report of a past year, with its scan. The city's consent fixes the day (`paper_on`)."""

    submit_label = "补录报告"
    filed_on = LooseDateField(label="报送日期", help_text="盖章件报送市三方委员会办公室的日期。")
    source_document = forms.CharField(
        label="文号（来源）", max_length=160, help_text="盖章件的文号；没有文号的写明来源。"
    )
    signed_by = forms.CharField(label="签发人", max_length=40, required=False)
    scan = forms.FileField(label="盖章件扫描件", required=False, help_text="PDF 或图片，也可补录后再上传。")

    def __init__(self, *args: Any, paper_on: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if paper_on is not None:
            self.fields["filed_on"].help_text = f"市级同意补录的是 {paper_on} 报送的纸质件。"
            self.fields["filed_on"].initial = paper_on


class CorrectBackfillForm(BackfillForm):
    """What was entered from the paper, put right; scans are handled on the report's page."""

    submit_label = "保存更正"
    scan = None
