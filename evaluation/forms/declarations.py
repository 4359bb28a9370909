"""Vetoes, deductions and survey values in words and as choices, the same for the subject and the reviewer."""

from __future__ import annotations

from evaluation.rules.definitions import Deduction, Survey, Veto
from evaluation.rules.numbers import plain
from evaluation.rules.self_assessment import NO, YES

Declarable = Veto | Deduction | Survey
VETO_WORDS = {YES: "是，存在此情形", NO: "否，不存在"}


def deduction_words(number: str) -> str:
    return "0（无此情形）" if number == "0" else f"扣 {number.lstrip('-')} 分"


def options_of(item: Declarable) -> list[tuple[str, str]]:
    """(value, words) of the radio buttons; a survey value is typed."""
    if isinstance(item, Veto):
        return list(VETO_WORDS.items())
    if isinstance(item, Deduction):
        return [(plain(number), deduction_words(plain(number))) for number in item.options]
    return []


def value_in_words(item: Declarable, value: str) -> str:
    return dict(options_of(item)).get(value, value) or "未申报"
