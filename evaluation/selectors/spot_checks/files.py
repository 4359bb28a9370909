"""Who may read and add the photos of a line and the scanned sheets of a check (asked by operations)."""

from __future__ import annotations

from collections.abc import Collection

from evaluation.enums import CheckState
from evaluation.models import CheckLine, SpotCheck
from evaluation.permissions.spot_checks import is_unit
from evaluation.selectors.spot_checks.site import CHECK_FILES, LINE_FILES, ON_SITE, TAKES_SCANS
from evaluation.workflows.checks import CHECK_WORKFLOW, PROOF
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.access import ONLY_SCANS, OPEN, Sealing, register_attachment_access
from zaozhuang_portal.operations.models import Attachment

# Proof of the inspected, with its answer to the provisional conclusion.
ANSWER_FILES = "SpotCheckAnswer"
TAKES_PROOF = CHECK_WORKFLOW.sources(PROOF)
PHOTOS_PER_LINE = 20
PROOF_PER_CHECK = 30
SCANS_PER_CHECK = 30
# What was found is told to the inspected from the provisional conclusion on, and stays readable for ever.
_TOLD = (CheckState.PROVISIONAL, CheckState.ANSWERED, CheckState.CONCLUDED)


def _may_read(actor: Actor, check_pk: int | None) -> bool:
    if check_pk is None:
        return False
    if SpotCheck.objects.inspected_by(actor.user).filter(pk=check_pk).exists():
        return True
    visible = SpotCheck.objects.visible_to(actor).filter(pk=check_pk)
    if not actor.sees_whole_city:
        visible = visible.filter(state__in=_TOLD)
    return visible.exists()


def _check_of_line(line_pk: int) -> int | None:
    return CheckLine.objects.filter(pk=line_pk).values_list("check_record_id", flat=True).first()


def _may_read_photo(actor: Actor, attachment: Attachment) -> bool:
    return _may_read(actor, _check_of_line(attachment.owner_id))


def _may_add_photo(actor: Actor, owner_id: int) -> bool:
    check_pk = _check_of_line(owner_id)
    checks = SpotCheck.objects.inspected_by(actor.user).filter(state__in=ON_SITE)
    return check_pk is not None and checks.filter(pk=check_pk).exists()


def _may_read_scan(actor: Actor, attachment: Attachment) -> bool:
    return _may_read(actor, attachment.owner_id)


def _may_add_scan(actor: Actor, owner_id: int) -> bool:
    return SpotCheck.objects.inspected_by(actor.user).filter(pk=owner_id, state__in=TAKES_SCANS).exists()


def _hold(check_pk: int | None, states: Collection[str]) -> None:
    check = SpotCheck.objects.select_for_update(of=("self",)).filter(pk=check_pk or 0).first()
    if check is not None and check.state not in states:
        raise DomainError(f"检查现在是“{check.get_state_display()}”，文件不能再增删。", code="locked")


def _hold_line(owner_id: int) -> None:
    _hold(_check_of_line(owner_id), ON_SITE)


def _hold_check(owner_id: int) -> None:
    _hold(owner_id, TAKES_SCANS)


def _may_add_proof(actor: Actor, owner_id: int) -> bool:
    check = SpotCheck.objects.visible_to(actor).filter(pk=owner_id, state__in=TAKES_PROOF).first()
    return check is not None and is_unit(actor, check)


def _hold_answer(owner_id: int) -> None:
    _hold(owner_id, TAKES_PROOF)


def _sealing(check_pk: int | None) -> Sealing:
    """From the conclusion on no file of a check comes or goes."""
    check = SpotCheck.objects.filter(pk=check_pk or 0).only("state", "concluded_at").first()
    if check is None:
        return OPEN
    return Sealing(check.state == CheckState.CONCLUDED, check.concluded_at, "抽查已作结论", "结论后")


def _sealing_of_line(line_pk: int) -> Sealing:
    return _sealing(_check_of_line(line_pk))


def register_site_files() -> None:
    register_attachment_access(
        LINE_FILES,
        _may_read_photo,
        _may_add_photo,
        max_files=PHOTOS_PER_LINE,
        hold=_hold_line,
        sealing=_sealing_of_line,
    )
    register_attachment_access(
        CHECK_FILES,
        _may_read_scan,
        _may_add_scan,
        max_files=SCANS_PER_CHECK,
        purposes=ONLY_SCANS,
        hold=_hold_check,
        sealing=_sealing,
    )
    register_attachment_access(
        ANSWER_FILES,
        _may_read_scan,
        _may_add_proof,
        max_files=PROOF_PER_CHECK,
        hold=_hold_answer,
        sealing=_sealing,
    )
