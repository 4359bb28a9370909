"""Noting that an inspector who is to judge blind opened a page, or made a file, with scores of the subject."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from evaluation.models import ScoreLook
from evaluation.selectors.shown import ShownScores, scores_shown
from evaluation.selectors.spot_checks.looks import blind_checks_of, inspecting_users
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.lengths import shortened

_PAGE = ScoreLook._meta.get_field("page").max_length or 80
_ADDRESS = ScoreLook._meta.get_field("address").max_length or 200


def note_looks(*, actor: Actor, shown: ShownScores, page: str, address: str, now: datetime) -> int:
    """Keep the first look at this address, for each check it concerns. How many checks.

    Statements: none where no score was shown or for who is not in the register of 检查人员.
    """
    if not shown or actor.user.pk not in inspecting_users():
        return 0
    checks = blind_checks_of(actor.user.pk, shown)
    ScoreLook.objects.bulk_create(
        [
            ScoreLook(
                check_record=check,
                user=actor.user,
                page=shortened(page, _PAGE),
                address=shortened(address, _ADDRESS),
                looked_at=now,
            )
            for check in checks
        ],
        ignore_conflicts=True,
    )
    return len(checks)


@contextmanager
def looks_of_job(actor: Actor, title: str, address: str) -> Iterator[None]:
    """A file made for an inspector is a look too."""
    with scores_shown() as shown:
        yield
    note_looks(actor=actor, shown=shown, page=title, address=address, now=clock.now())
