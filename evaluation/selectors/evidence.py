"""Who may read and change the files of answers, declarations, adoptions and 代录 scans (asked by operations)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from evaluation.enums import EDITABLE_STATES, OPEN_STATES, AssessmentState, Layer
from evaluation.models import Adoption, Answer, Assessment, Declaration
from evaluation.permissions import may_enter_self, may_read_answers, require_editable_self
from evaluation.selectors.returns import returned_codes
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.access import ONLY_SCANS, OPEN, Sealing, register_attachment_access
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.selectors.attachments import mark_duplicates

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
    return row is not None and row.state in EDITABLE_STATES and may_enter_self(actor, row)


def _locked(assessment: Assessment | None) -> Assessment | None:
    """The row as it is now, locked until the transaction ends: no freeze and no submission can pass meanwhile."""
    if assessment is None:
        return None
    return Assessment.objects.select_for_update(of=("self",)).filter(pk=assessment.pk).first()


def _hold_self(find: Callable[[int], Assessment | None]) -> Callable[[int], None]:
    def hold(owner_id: int) -> None:
        locked = _locked(find(owner_id))
        if locked is not None:
            require_editable_self(locked)

    return hold


def _hold_adoption(owner_id: int) -> None:
    _locked(_assessment_of_adoption(owner_id))
    row = _adoption(owner_id)
    if row is not None and (row.voided_at is not None or row.recorded_at is not None):
        raise DomainError("这次定稿已作废或审议结果已登记，会议材料不能再增删。", code="locked")


def mark_evidence(by_code: Mapping[str, Collection[Attachment]], others: Collection[Attachment] = ()) -> None:
    """Point out equal files across the whole form: one list of a firm's evidence, though it stands under many items."""
    place = {file.pk: f"{code} {file.label}" for code, files in by_code.items() for file in files}
    every = [*others, *(file for files in by_code.values() for file in files)]
    mark_duplicates(every, lambda file: place.get(file.pk, file.label))


def _sealing(find: Callable[[int], Assessment | None]) -> Callable[[int], Sealing]:
    """From the first submission on: what is taken away from a returned form was seen by the reviewer."""

    def sealing(owner_id: int) -> Sealing:
        assessment = find(owner_id)
        if assessment is None:
            return OPEN
        words = f"自评{assessment.get_state_display()}"
        return Sealing(assessment.state not in OPEN_STATES, assessment.first_submitted_at, words, "提交后")

    return sealing


def _sealing_of_adoption(owner_id: int) -> Sealing:
    row = _adoption(owner_id)
    recorded = row.recorded_at if row is not None else None
    return Sealing(recorded is not None, recorded, "审议结果已登记", "登记后")


def register_evidence() -> None:
    register_attachment_access(
        "answer",
        _readable(_assessment_of_answer),
        may_write_answer,
        max_files=FILES_PER_ITEM,
        hold=_hold_self(_assessment_of_answer),
        sealing=_sealing(_assessment_of_answer),
    )
    register_attachment_access(
        "declaration",
        _readable(_assessment_of_declaration),
        may_write_declaration,
        max_files=FILES_PER_ITEM,
        hold=_hold_self(_assessment_of_declaration),
        sealing=_sealing(_assessment_of_declaration),
    )
    register_attachment_access(
        "adoption",
        _readable(_assessment_of_adoption),
        may_write_adoption,
        max_files=FILES_PER_PAPER,
        hold=_hold_adoption,
        sealing=_sealing_of_adoption,
    )
    register_attachment_access(
        "assessment",
        _readable(_assessment),
        may_write_scan,
        max_files=FILES_PER_PAPER,
        purposes=ONLY_SCANS,
        hold=_hold_self(_assessment),
        sealing=_sealing(_assessment),
    )
