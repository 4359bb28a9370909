"""Whether a 典型经验 may be cited in a report (C089; peers row 62): subject, proof, and the firm's consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol


class PracticeFacts(Protocol):
    """What the rule looks at; cultivation.models.BestPractice has all of it."""

    @property
    def subject_id(self) -> int | None: ...
    @property
    def proof(self) -> str: ...
    @property
    def consented_on(self) -> date | None: ...
    @property
    def consented_by(self) -> str: ...
    @property
    def consent_online(self) -> bool: ...
    @property
    def has_scan(self) -> bool: ...


@dataclass(frozen=True)
class Citation:
    """`reasons` are what is missing, each saying how to mend it; empty when it may be cited."""

    reasons: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        return not self.reasons


def may_cite(practice: PracticeFacts) -> Citation:
    """All three must be there: 对象、证明材料、企业同意.

    Consent is complete with date and name, given online by the firm or on paper with its scan attached.
    """
    reasons = []
    if practice.subject_id is None:
        reasons.append("未注明经验所属的培育对象，请补选。")
    if not practice.proof.strip():
        reasons.append("未注明证明材料，请补填材料名称或文号并上传附件。")
    if practice.consented_on is None or not practice.consented_by.strip():
        reasons.append("未取得企业同意，可请企业经办人在线同意，或凭书面同意书代录。")
    elif not practice.consent_online and not practice.has_scan:
        reasons.append("凭书面同意书代录的同意，未附同意书扫描件，请打印材料由企业签字盖章后扫描上传。")
    return Citation(tuple(reasons))


def read_tags(text: str) -> tuple[str, ...]:
    """Tags as typed, parted by 、 commas, semicolons or spaces; each once, in order."""
    for mark in "，,；;　\t ":
        text = text.replace(mark, "、")
    return tuple(dict.fromkeys(tag for tag in text.split("、") if tag))
