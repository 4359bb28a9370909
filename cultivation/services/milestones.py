"""登记完成 of a date the portal keeps no records of: the day and the paper, by the city office; corrected in the open."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from cultivation.models import Milestone
from cultivation.rules.calendar import NOTICE_ON
from cultivation.selectors.calendar import forget_milestones
from cultivation.selectors.milestones import own_milestones
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

# Characters of the basis.
SHORTEST_BASIS, LONGEST_BASIS = 5, 160


@transaction.atomic
def register_milestone_done(
    *, actor: Actor, milestone: Milestone, done_on: date | None, basis: str, now: datetime
) -> Milestone:
    """Say that it was done on that day, by which paper; `done_on` None takes that back, `basis` says why.

    Only the city office, only what no records judge (notice 三（四）: C091–C094). Raises NotAllowed, DomainError
    (fields done_on, basis).
    """
    if actor.role != Role.CITY_OFFICE:
        raise NotAllowed("只有市三方委员会办公室可以登记时间节点的完成情况。")
    locked = own_milestones().select_for_update().filter(pk=milestone.pk).first()
    if locked is None:
        raise DomainError("这个时间节点由系统按记录判断是否完成，不需登记。", code="judged")
    words = basis.strip()
    if not SHORTEST_BASIS <= len(words) <= LONGEST_BASIS:
        raise DomainError(
            f"请写明完成依据（{SHORTEST_BASIS}至{LONGEST_BASIS}个字），如通报文号；现有{len(words)}个字。",
            code="basis",
            field="basis",
        )
    if done_on is not None and not NOTICE_ON <= done_on <= shanghai_date(now):
        raise DomainError(
            f"完成日期应在 {NOTICE_ON}（通知印发）至今天之间，请核对。", code="done_on", field="done_on"
        )
    old = [locked.done_on, locked.done_basis]
    locked.done_on, locked.done_basis = done_on, words if done_on else ""
    if old == [locked.done_on, locked.done_basis]:
        return locked
    locked.save(update_fields=["done_on", "done_basis"])
    transaction.on_commit(forget_milestones, robust=True)
    record_audit(
        actor=actor,
        at=now,
        action="登记节点完成" if done_on else "取消节点完成登记",
        kind="Milestone",
        object_id=locked.pk,
        label=str(locked),
        changes={"done_on": [str(old[0] or ""), str(done_on or "")], "done_basis": [old[1], words]},
        reason=words if done_on is None else "",
    )
    return locked
