"""Where inspectors judged blind and came to another value than the subject or its district, by item of the standard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import JSONField, OuterRef, Subquery

from evaluation.enums import CheckState, DifferenceReason, Judgement, Layer, LineKind
from evaluation.models import Answer, CheckLine, SpotCheck, SpotCheckRound
from evaluation.rules.spot_checks.dashboards import SHOWN_FROM
from zaozhuang_portal.accounts.actors import Actor

# Both sides are told only of checks that are off the inspectors' hands: nobody still judging learns a claim from here.
_SHOWN = (CheckState.PROVISIONAL, CheckState.ANSWERED, CheckState.CONCLUDED)


@dataclass
class ItemDifference:
    """`judged`: how many were judged; of them `from_self`, `from_review` with another value than claimed, than verified."""

    code: str
    title: str
    judged: int = 0
    from_self: int = 0
    from_review: int = 0
    unverifiable: int = 0
    no_consensus: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        return max(self.from_self, self.from_review) / self.judged if self.judged else 0.0

    @property
    def reason_words(self) -> str:
        return "、".join(
            f"{DifferenceReason(code).label} {count}" for code, count in self.reasons.most_common()
        )


@dataclass(frozen=True)
class Disagreements:
    """`hidden`: items judged at fewer than SHOWN_FROM units, not told one by one."""

    rows: Sequence[ItemDifference]
    hidden: int
    blind: bool
    shown_from: int = SHOWN_FROM


def disagreements(actor: Actor, held: SpotCheckRound) -> Disagreements:
    """By item, most differing first. Statements: 1."""

    def claimed(layer: str) -> Subquery:
        answers = Answer.objects.filter(
            assessment=OuterRef("check_record__assessment"), indicator=OuterRef("code"), layer=layer
        )
        return Subquery(answers.values("inputs")[:1], output_field=JSONField())

    lines = (
        CheckLine.objects.filter(
            check_record__in=SpotCheck.objects.visible_to(actor).filter(round=held, state__in=_SHOWN),
            kind=LineKind.INDICATOR,
        )
        .exclude(judgement="")
        .order_by("code", "pk")
        .values_list("code", "title", "judgement", "value", "difference_reason")
        .annotate(own=claimed(Layer.SELF), verified=claimed(Layer.DISTRICT))
    )
    found: dict[str, ItemDifference] = {}
    for code, title, judgement, value, reason, own, verified in lines:
        item = found.setdefault(code, ItemDifference(code, title))
        item.judged += 1
        item.unverifiable += judgement == Judgement.UNVERIFIABLE
        item.no_consensus += judgement == Judgement.NO_CONSENSUS
        seen = value.get("inputs") if isinstance(value, dict) else None
        item.from_self += seen is not None and own is not None and seen != own
        item.from_review += seen is not None and verified is not None and seen != verified
        if reason:
            item.reasons[reason] += 1
    shown = [item for item in found.values() if item.judged >= SHOWN_FROM]
    shown.sort(key=lambda item: (-item.share, item.code))
    return Disagreements(shown, len(found) - len(shown), held.blind)
