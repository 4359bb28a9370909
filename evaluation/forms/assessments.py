"""The small forms around the cards: 代录, meeting, commitment, extension."""

from __future__ import annotations

from typing import Any

from django import forms

from evaluation.rules.lengths import MAX_ADOPTION_WORDS
from zaozhuang_portal.kernel.forms import LooseDateField, LooseIntegerField, PortalForm


class OnBehalfForm(PortalForm):
    """Starting a 代录 from stamped paper."""

    entered_on_behalf_of = forms.CharField(
        label="纸质表原填报人",
        max_length=40,
        help_text="纸质自评表上签字的企业填报人，开始后须上传盖章扫描件",
    )
    source_document = forms.CharField(
        label="补录来源",
        max_length=160,
        required=False,
        help_text="当年以纸质表完成自评的，写明文号或档案，如“2024年自评表（盖章件）”",
    )
    submit_label = "开始代录"

    def __init__(self, *args: Any, past: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not past:
            del self.fields["source_document"]


class _MeetingFields(PortalForm):
    held_on = LooseDateField(label="会议日期")
    delegates = LooseIntegerField(label="应到代表（职工）人数", minimum=1, maximum=100_000, unit="人")
    participants = LooseIntegerField(label="实到人数", minimum=0, maximum=100_000, unit="人")
    votes_for = LooseIntegerField(label="赞成人数", minimum=0, maximum=100_000, unit="人")
    printed_hash = forms.CharField(
        label="审议稿上的内容校验码",
        max_length=40,
        required=False,
        help_text="会议早于定稿日期的必填：照审议稿首页抄录 16 位，空格可不填",
    )


class MeetingForm(_MeetingFields):
    minutes = forms.FileField(
        label="会议决议或纪要（签字盖章扫描件）", required=False, help_text="PDF、JPG、PNG，已上传的不必重传"
    )
    submit_label = "登记审议结果"


class MeetingCorrectionForm(_MeetingFields):
    reason = forms.CharField(
        label="更正理由",
        max_length=MAX_ADOPTION_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="至少5个字。原登记和每次更正都保留，核验单位可以看到",
    )
    submit_label = "保存更正"


class TextRequestForm(PortalForm):
    words = forms.CharField(
        label="会议何时召开、用的是什么稿件",
        max_length=MAX_ADOPTION_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    submit_label = "申请市级确认文本一致"


class TextAnswerForm(PortalForm):
    reason = forms.CharField(
        label="理由",
        max_length=MAX_ADOPTION_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="至少5个字，企业会看到",
    )


class CommitmentForm(PortalForm):
    signer_name = forms.CharField(label="承诺人（法定代表人或主要负责人）", max_length=40)
    signer_post = forms.CharField(label="职务", max_length=40)
    committed = forms.BooleanField(
        label="本单位承诺：所填内容和所附材料真实、准确、完整，如有虚假，愿承担相应责任并接受按否决处理。",
        error_messages={"required": "请阅读并勾选承诺，再提交"},
    )


class ExtensionForm(PortalForm):
    extended_to = LooseDateField(label="延期至")
    reason = forms.CharField(label="延期理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))
    submit_label = "延长填报期限"
