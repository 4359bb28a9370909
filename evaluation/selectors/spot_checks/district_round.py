"""A round as a district meets it: its own figures, what is due and until when, the next act. Nothing of other districts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from evaluation.enums import CheckState, RectificationState
from evaluation.models import LetterReceipt, SpotCheckRound
from evaluation.permissions.spot_checks import is_unit
from evaluation.selectors.rectifications.lists import RectificationFilters, rectification_rows
from evaluation.selectors.spot_checks.checks import RoundCheck
from evaluation.selectors.spot_checks.notices import ABOUT
from zaozhuang_portal.accounts.actors import Actor

_MEND = {
    RectificationState.IN_PROGRESS: "办理整改",
    RectificationState.NOT_PASSED: "继续整改",
    RectificationState.AWAITING_RECHECK: "等待复查",
}


@dataclass(frozen=True)
class DueAct:
    """`due`: the day it is asked for by, where there is one. `act` is the verb of the link; `mine`: this actor does it."""

    unit: str
    matter: str
    due: date | None
    act: str
    url: str
    mine: bool

    def overdue(self, today: date) -> bool:
        return self.due is not None and self.due < today


def due_acts(actor: Actor, held: SpotCheckRound, checks: Sequence[RoundCheck], today: date) -> list[DueAct]:
    """What the round waits for at this district, the nearest day first. Statements: 2."""
    by_pk = {one.check.pk: one for one in checks}
    found = [*_receipts(actor, by_pk), *_visits(actor, held, checks), *_orders(actor, held, today)]
    return sorted(found, key=lambda one: (one.due or date.max, one.unit))


def _receipts(actor: Actor, checks: dict[int, RoundCheck]) -> list[DueAct]:
    """Notices not signed for."""
    waiting = LetterReceipt.objects.visible_to(actor).waiting()
    rows = waiting.filter(letter__about_kind=ABOUT, letter__about_id__in=list(checks))
    district = actor.district.pk if actor.is_district and actor.district else None
    return [
        DueAct(
            checks[row.letter.about_id or 0].check.name,
            f"签收{row.letter.get_kind_display()}",
            row.letter.sign_by,
            "签收" if (mine := row.subject_id is None and row.organization_id == district) else "查看",
            reverse("evaluation:letter_detail", args=[row.letter_id]),
            mine,
        )
        for row in rows.select_related("letter")
    ]


def _visits(actor: Actor, held: SpotCheckRound, checks: Sequence[RoundCheck]) -> list[DueAct]:
    """The day of the visit, and the answer asked for after it."""
    found = []
    for one in checks:
        check, mine = one.check, is_unit(actor, one.check)
        url = reverse("evaluation:check_detail", args=[held.pk, check.pk])
        if check.state == CheckState.NOTIFIED:
            found.append(DueAct(check.name, "迎接检查，备好材料", check.planned_on, "准备材料", url, True))
        elif check.state == CheckState.PROVISIONAL:
            words = "反馈对初步结论的意见" if mine else "由对象反馈对初步结论的意见"
            act = "反馈意见" if mine else "查看"
            found.append(DueAct(check.name, words, check.answer_due_on, act, url, mine))
    return found


def _orders(actor: Actor, held: SpotCheckRound, today: date) -> list[DueAct]:
    rows = rectification_rows(actor, RectificationFilters(round=held.pk, open=True), today=today)
    return [
        DueAct(
            row.subject.name if row.subject else row.organization.name,
            f"整改：{row.finding.title}",
            row.due_on,
            _MEND.get(RectificationState(row.state), "查看"),
            reverse("evaluation:rectification_detail", args=[row.pk]),
            row.state != RectificationState.AWAITING_RECHECK,
        )
        for row in rows
    ]
