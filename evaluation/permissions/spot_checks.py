"""Who keeps the rounds of spot checks. What one may see is `SpotCheckRound.objects.visible_to(actor)`."""

from __future__ import annotations

from evaluation.enums import CheckKind
from evaluation.models import SpotCheck
from evaluation.permissions.roles import ROUND_KEEPERS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.errors import NotAllowed


def require_round_keeper(actor: Actor) -> None:
    if actor.role not in ROUND_KEEPERS:
        raise NotAllowed("抽查批次由市三方委员会办公室建立、冻结、抽取和归档，您当前的身份只能查看。")


def is_unit(actor: Actor, check: SpotCheck) -> bool:
    """The inspected speaks for itself: a district's office, a subject's contact."""
    if check.kind == CheckKind.DISTRICT:
        own = actor.organization
        return actor.is_district and own is not None and own.pk == check.organization_id
    return actor.role == Role.SUBJECT_CONTACT and actor.subject_id == check.subject_id


def require_unit(actor: Actor, check: SpotCheck) -> None:
    if not is_unit(actor, check):
        raise NotAllowed("反馈意见由被检查单位填写。")
