"""Who takes up a lost point and works on it: the subject's contact, or its managing district."""

from __future__ import annotations

from evaluation.models import Assessment
from evaluation.permissions.roles import IMPROVERS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.errors import NotAllowed


def may_improve(actor: Actor, assessment: Assessment) -> bool:
    if actor.role == Role.SUBJECT_CONTACT:
        return actor.subject_id == assessment.subject_id
    own = actor.organization
    return actor.role in IMPROVERS and own is not None and own.pk == assessment.organization_id


def require_improver(actor: Actor, assessment: Assessment) -> None:
    if not may_improve(actor, assessment):
        raise NotAllowed("整改提升由该培育对象的经办人或管理它的区（市）三方机构办理。")
