"""One rectification as a person may see it, and what he may do now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from evaluation.enums import AskState, RectificationState
from evaluation.models import (
    LetterReceipt,
    Rectification,
    RectificationExtension,
    RectificationMeasure,
    RectificationObjection,
    RectificationRecheck,
)
from evaluation.models.rectifications.rectifications import WITH_UNIT
from evaluation.permissions.rectifications import (
    may_mend,
    readable_rectifications,
    recheck_role,
    same_eyes,
)
from evaluation.permissions.roles import RECTIFICATION_KEEPERS
from evaluation.selectors.rectifications.words import last_recheck, state_words
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.components import Step

_S = RectificationState
# Letters about a rectification name it so.
ABOUT = "Rectification"


@dataclass(frozen=True)
class RectificationPage:
    """`may` holds the names of the acts open to this person now; `eyes` says why he is no other eyes."""

    record: Rectification
    measures: Sequence[RectificationMeasure]
    rechecks: Sequence[RectificationRecheck]
    extensions: Sequence[RectificationExtension]
    objection: RectificationObjection | None
    receipt: LetterReceipt | None
    words: str
    steps: Sequence[Step]
    is_unit: bool
    may: frozenset[str] = field(default_factory=frozenset)
    eyes: str = ""

    @property
    def pending(self) -> RectificationExtension | None:
        return next((one for one in self.extensions if one.state == AskState.PENDING), None)

    @property
    def objected(self) -> bool:
        return self.objection is not None and self.objection.state == AskState.PENDING

    @property
    def done(self) -> Sequence[RectificationMeasure]:
        return [one for one in self.measures if one.done_on is not None]


def find_rectification(actor: Actor, pk: int) -> Rectification | None:
    """None out of the actor's reach."""
    return (
        readable_rectifications(actor)
        .select_related(
            "year",
            "finding__check_record__round",
            "finding__recurrence_of",
            "organization",
            "subject",
            "responsible_user",
            "issued_by",
            "submitted_by",
            "closed_by",
            "withdrawn_by",
        )
        .filter(pk=pk)
        .first()
    )


def rectification_page(actor: Actor, record: Rectification, today: date) -> RectificationPage:
    """Statements: 8 or fewer, whatever the number of measures."""
    measures = list(record.measures.select_related("created_by"))
    rechecks = list(record.rechecks.select_related("checked_by"))
    extensions = list(record.extensions.select_related("asked_by", "decided_by"))
    objections = RectificationObjection.objects.filter(rectification=record)
    receipts = LetterReceipt.objects.filter(letter__about_kind=ABOUT, letter__about_id=record.pk)
    is_unit = may_mend(actor, record)
    page = RectificationPage(
        record=record,
        measures=measures,
        rechecks=rechecks,
        extensions=extensions,
        objection=objections.select_related("raised_by", "decided_by").first(),
        receipt=receipts.select_related("letter").order_by("-id").first(),
        words=state_words(record),
        steps=steps_of(record),
        is_unit=is_unit,
    )
    acts, eyes = _acts(actor, page, today)
    return RectificationPage(**{**vars(page), "may": frozenset(acts), "eyes": eyes})


def _acts(actor: Actor, page: RectificationPage, today: date) -> tuple[set[str], str]:
    record, state = page.record, page.record.state
    acts: set[str] = set()
    eyes = ""
    if actor.role in RECTIFICATION_KEEPERS:
        if state == _S.DRAFTED:
            acts |= {"edit", "issue"}
        if state not in (_S.CLOSED, _S.WITHDRAWN):
            acts.add("withdraw")
            acts |= {"answer_extension"} if page.pending else set()
        acts |= {"answer_objection"} if page.objected else set()
    if page.is_unit and record.is_open:
        acts.add("name")
    if page.is_unit and state in WITH_UNIT:
        acts.add("measure")
        acts |= {"extend"} if page.pending is None else set()
        acts |= {"object"} if page.objection is None else set()
        acts |= {"continue"} if state == _S.NOT_PASSED else set()
        acts |= {"submit"} if state == _S.IN_PROGRESS and page.done else set()
    if state == _S.AWAITING_RECHECK and recheck_role(actor, record) is not None:
        eyes = same_eyes(actor, record, today)
        found = last_recheck(record)
        acts |= set() if eyes else {"recheck"}
        if not eyes and actor.role in RECTIFICATION_KEEPERS and found is not None and found.passed:
            acts.add("close")
    return acts, eyes


def steps_of(record: Rectification) -> list[Step]:
    """待下达 → 整改中 → 待复查 → 已销号; 未通过 stands at 整改中, 撤销 at none."""
    labels = ["待下达", "整改中", "待复查", "已销号"]
    reached: Mapping[str, int] = {
        _S.DRAFTED: 0,
        _S.IN_PROGRESS: 1,
        _S.NOT_PASSED: 1,
        _S.AWAITING_RECHECK: 2,
        _S.CLOSED: 4,
    }
    if record.state == _S.WITHDRAWN:
        return []
    current = reached[record.state]
    notes = {1: "复查未通过"} if record.state == _S.NOT_PASSED else {}
    return [
        Step(
            label,
            "done" if number < current else "current" if number == current else "todo",
            notes.get(number, ""),
        )
        for number, label in enumerate(labels)
    ]
