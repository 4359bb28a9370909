"""Who keeps the rounds of spot checks. What one may see is `SpotCheckRound.objects.visible_to(actor)`."""

from __future__ import annotations

from evaluation.permissions.roles import ROUND_KEEPERS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import NotAllowed


def require_round_keeper(actor: Actor) -> None:
    if actor.role not in ROUND_KEEPERS:
        raise NotAllowed("抽查批次由市三方委员会办公室建立、冻结、抽取和归档，您当前的身份只能查看。")
