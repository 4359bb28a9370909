"""Who may read and change the files of answers, declarations, adoptions and 代录 scans (asked by operations)."""

from __future__ import annotations

from collections.abc import Callable

from evaluation.enums import EDITABLE_STATES, AssessmentState, Layer
from evaluation.models import Adoption, Answer, Assessment, Declaration
from evaluation.permissions import may_enter_self, may_read_answers
from evaluation.selectors.returns import returned_codes
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.access import ONLY_SCANS, register_attachment_access
from zaozhuang_portal.operations.models import Attachment

# Files per item (ux F21); a meeting or a stamped form may have more pages.
FILES_PER_ITEM = 10
FILES_PER_PAPER = 30


def _readable(find: Callable[[int], Assessment | None]) -> Callable[[Actor, Attachment], bool]:
    def may_read(actor: Actor, attachment: Attachment) -> bool:
        assessment = find(attachment.owner_id)
        if assessment is None or not may_read_answers(actor, assessment):
            return False
        return Assessment.objects.visible_to(actor).filter(pk=assessment.pk).exists()

    return may_read


def _self_row_is_open(actor: Actor, row: Answer | Declaration | None, code: str) -> bool:
    if row is None or row.layer != Layer.SELF or not may_enter_self(actor, row.assessment):
        return False
    if row.assessment.state not in EDITABLE_STATES:
        return False
    returned = returned_codes(row.assessment)
    return returned is None or code in returned


def _answer(pk: int) -> Answer | None:
    return Answer.objects.select_related("assessment").filter(pk=pk).first()


def _declaration(pk: int) -> Declaration | None:
    return Declaration.objects.select_related("assessment").filter(pk=pk).first()


def _adoption(pk: int) -> Adoption | None:
    return Adoption.objects.select_related("assessment").filter(pk=pk).first()


def _assessment(pk: int) -> Assessment | None:
    return Assessment.objects.filter(pk=pk).first()


def _assessment_of_answer(pk: int) -> Assessment | None:
    row = _answer(pk)
    return row.assessment if row else None


def _assessment_of_declaration(pk: int) -> Assessment | None:
    row = _declaration(pk)
    return row.assessment if row else None


def _assessment_of_adoption(pk: int) -> Assessment | None:
    row = _adoption(pk)
    return row.assessment if row else None


def may_write_answer(actor: Actor, owner_id: int) -> bool:
    row = _answer(owner_id)
    return _self_row_is_open(actor, row, row.indicator if row else "")


def may_write_declaration(actor: Actor, owner_id: int) -> bool:
    row = _declaration(owner_id)
    return _self_row_is_open(actor, row, row.code if row else "")


def may_write_adoption(actor: Actor, owner_id: int) -> bool:
    """The minutes: while the print awaits its meeting, and until they are recorded."""
    row = _adoption(owner_id)
    return (
        row is not None
        and row.voided_at is None
        and row.recorded_at is None
        and row.assessment.state == AssessmentState.AWAITING_ADOPTION
        and may_enter_self(actor, row.assessment)
    )


def may_write_scan(actor: Actor, owner_id: int) -> bool:
    row = _assessment(owner_id)
    return row is not None and row.is_open and may_enter_self(actor, row)


def register_evidence() -> None:
    register_attachment_access(
        "answer", _readable(_assessment_of_answer), may_write_answer, max_files=FILES_PER_ITEM
    )
    register_attachment_access(
        "declaration", _readable(_assessment_of_declaration), may_write_declaration, max_files=FILES_PER_ITEM
    )
    register_attachment_access(
        "adoption", _readable(_assessment_of_adoption), may_write_adoption, max_files=FILES_PER_PAPER
    )
    register_attachment_access(
        "assessment",
        _readable(_assessment),
        may_write_scan,
        max_files=FILES_PER_PAPER,
        purposes=ONLY_SCANS,
    )
