"""Who may do what to an assessment. What one may see at all is `Assessment.objects.visible_to(actor)`."""

from __future__ import annotations

from evaluation.enums import EDITABLE_STATES, AssessmentState, Layer
from evaluation.models import Assessment
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

LOCKED_TEXT = {
    AssessmentState.AWAITING_ADOPTION: (
        "自评已定稿，等待职工（代表）大会审议，不能修改。"
        "如需修改，请先在“职代会审议”页取消定稿（打印稿随之作废）。"
    ),
    AssessmentState.SUBMITTED: "自评已提交，不能修改。核验单位打开之前可以撤回。",
}


def may_enter_self(actor: Actor, assessment: Assessment) -> bool:
    """The subject's contact; for 代录 also the managing district, which then acts in the contact's place."""
    if actor.role == Role.SUBJECT_CONTACT:
        return actor.subject_id == assessment.subject_id
    return bool(
        assessment.entered_on_behalf_of
        and actor.is_district
        and actor.organization is not None
        and actor.organization.pk == assessment.organization_id
    )


def require_self_entry(actor: Actor, assessment: Assessment) -> str:
    """The role under which the workflow table is read for SELF acts, or NotAllowed."""
    if not may_enter_self(actor, assessment):
        raise NotAllowed(
            "只有该培育对象的经办人可以填写自评；由区（市）依据盖章纸质表代录的，由代录单位填写。"
        )
    return str(Role.SUBJECT_CONTACT)


def require_editable_self(assessment: Assessment) -> None:
    """Raises DomainError naming the rule that locks the SELF layer: answers, declarations, evidence and 代录 scans."""
    if assessment.state not in EDITABLE_STATES:
        state = AssessmentState(assessment.state)
        text = LOCKED_TEXT.get(state, f"自评当前为“{state.label}”，不能修改。")
        raise DomainError(text, code="locked")


def may_read_answers(actor: Actor, assessment: Assessment) -> bool:
    """Whoever fills it in, always; everybody else in whose sight it is, once it has been handed in.

    A draft is nobody's business yet: offices see that it exists and how far it is, not what it says. One exception,
    at the firm's own wish: the city office reads the frozen text it was asked to compare with what was voted on.
    """
    if may_enter_self(actor, assessment) or assessment.submitted_at is not None:
        return True
    asked = assessment.adoptions.filter(voided_at__isnull=True, text_asked_at__isnull=False)
    return (
        actor.role == Role.CITY_OFFICE
        and assessment.state == AssessmentState.AWAITING_ADOPTION
        and asked.exists()
    )


def require_city_office(actor: Actor) -> None:
    if actor.role != Role.CITY_OFFICE:
        raise NotAllowed("审议文本是否一致由市三方委员会办公室确认。")


def require_reviewer(actor: Actor, assessment: Assessment) -> str:
    """The layer this actor writes: DISTRICT for the managing district, CITY for the city; else NotAllowed."""
    if actor.is_city:
        return Layer.CITY
    if (
        actor.is_district
        and actor.organization is not None
        and actor.organization.pk == assessment.organization_id
    ):
        return Layer.DISTRICT
    raise NotAllowed("核验由管理该对象的区（市）三方机构办理，复核由市三方机构办理。")
