"""退回修改 and 退回区（市）: what is asked of the reviewer before something goes back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.http import QueryDict

from evaluation.forms.reviews import ReviewItem, ReviewSection
from evaluation.rules.lengths import MAX_COMMENT
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm
from zaozhuang_portal.kernel.phrases import PhrasedTextarea

DAYS_TO_MEND = 10
# 常用语 (ux E19): offered under each comment box.
PHRASES = (
    "请补充佐证材料。",
    "佐证材料已过有效期，请更换。",
    "填报数字与佐证材料不一致，请核对后更正。",
    "材料看不清或缺页，请重新上传。",
    "请说明理由或计算依据。",
)
SEND_BACK_PHRASES = (
    "请复核核减、核增的理由。",
    "请补充现场核验情况。",
    "核验意见与佐证材料不一致，请重新核验。",
)


class ReturnForm(PortalForm):
    comment = forms.CharField(
        label="退回意见（总）",
        max_length=MAX_COMMENT,
        widget=PhrasedTextarea(PHRASES),
        help_text="企业首先看到的话，至少5个字；各项的具体问题写在该项下面。",
    )
    due_on = LooseDateField(label="修改截止日")


def default_due(today: date) -> date:
    return today + timedelta(days=DAYS_TO_MEND)


@dataclass
class ReturnRow:
    """One item that can be returned, with its comment."""

    item: ReviewItem
    checked: bool
    comment: str
    error: str = ""
    room: int = MAX_COMMENT

    @property
    def code(self) -> str:
        return self.item.code


@dataclass
class ReturnSection:
    section: ReviewSection
    rows: list[ReturnRow]

    @property
    def checked(self) -> int:
        return sum(row.checked for row in self.rows)


def rows_from_query(sections: Collection[ReviewSection], codes: Collection[str]) -> list[ReturnSection]:
    """As carried over from the review page: a comment begins with the reason the reviewer gave."""
    return [
        ReturnSection(
            section,
            [ReturnRow(item, item.code in codes, _reason(item)) for item in section.items],
        )
        for section in sections
    ]


def _reason(item: ReviewItem) -> str:
    return item.form.reason if item.form is not None else ""


def rows_from_post(sections: Collection[ReviewSection], data: QueryDict) -> list[ReturnSection]:
    ticked = set(data.getlist("items"))
    return [
        ReturnSection(
            section,
            [
                ReturnRow(item, item.code in ticked, data.get(f"comment-{item.code}", "").strip())
                for item in section.items
            ],
        )
        for section in sections
    ]


def returned_items(data: QueryDict) -> dict[str, str]:
    """code → comment of every tick that was sent, also of codes the set does not know."""
    codes = dict.fromkeys(data.getlist("items"))
    return {code: data.get(f"comment-{code}", "").strip() for code in codes}


class SendBackForm(PortalForm):
    reason = forms.CharField(
        label="退回区（市）的理由",
        max_length=500,
        widget=PhrasedTextarea(SEND_BACK_PHRASES),
        help_text="至少5个字，区（市）会看到。",
    )
