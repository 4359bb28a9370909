"""查漏补缺: gaps of a year become tasks with unit and date in one act, each once (C092)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from cultivation.models import CampaignYear, WorkItem
from cultivation.rules.gaps import GAP_CLAUSE
from cultivation.selectors.data_checks import Scope
from cultivation.selectors.gaps import Gap, gaps_on
from cultivation.services.work_items import WorkItemDraft, add_work_item
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Membership
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.operations.services.notifications import notify

GAP_GIVERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE})
# Of one press; more is done in a second one.
AT_ONCE = 200


@dataclass(frozen=True)
class GivenOut:
    """`already`: chosen, but given out before or no longer missing."""

    items: list[WorkItem]
    already: int


def scope_of_giver(actor: Actor) -> Scope:
    """The city office's gaps are everybody's, a district office's its own. Raises NotAllowed for others."""
    if actor.role not in GAP_GIVERS:
        raise NotAllowed("缺口由市或区（市）三方办公室列为任务。")
    return Scope(None, None if actor.role == Role.CITY_OFFICE else actor.district)


@transaction.atomic
def give_out_gaps(
    *, actor: Actor, keys: Collection[str], due_on: date, lead_name: str, note: str, now: datetime
) -> GivenOut:
    """One task per chosen gap, for the unit it is missing at, due on `due_on`; its offices are told.

    What was given out meanwhile, or is not missing any more, is left out and counted. Raises DomainError when nothing is
    chosen or the date is past, YearClosed for a gap of a closed year.
    """
    scope, today = scope_of_giver(actor), shanghai_date(now)
    if not keys:
        raise DomainError("请勾选要列为任务的缺口，至少一项。", code="nothing", field="gaps")
    if len(set(keys)) > AT_ONCE:
        raise DomainError(f"一次最多列 {AT_ONCE} 项，请分几次办理。", code="too_many", field="gaps")
    if due_on < today:
        raise DomainError("完成时限不能早于今天。", code="past", field="due_on")
    wanted = set(keys)
    chosen = [gap for gap in gaps_on(scope, day=today) if gap.key in wanted and gap.item is None]
    years = CampaignYear.objects.in_bulk({gap.year for gap in chosen})
    made = []
    for gap in chosen:
        draft = WorkItemDraft(
            gap.title,
            due_on,
            lead_name=lead_name.strip() or f"{gap.organization.name}三方机构",
            clause=GAP_CLAUSE,
            supporting_measures=gap.detail,
            note=note.strip(),
        )
        try:
            item = add_work_item(
                actor=actor, organization=gap.organization, year=years[gap.year], draft=draft, now=now
            )
        except DomainError as error:
            if error.code != "duplicate":
                raise
            continue
        made.append((gap, item))
    _tell(actor, [gap for gap, _ in made], due_on, now)
    return GivenOut([item for _, item in made], len(wanted) - len(made))


def _tell(actor: Actor, gaps: list[Gap], due_on: date, now: datetime) -> None:
    """The offices of each district, once per press; not of one's own."""
    counts = Counter(gap.organization for gap in gaps if gap.organization.level == Level.DISTRICT)
    offices = Membership.objects.in_force(shanghai_date(now)).filter(
        organization__in=list(counts), role=Role.DISTRICT_OFFICE, user__is_active=True
    )
    for office in offices.exclude(user=actor.user).select_related("user", "organization"):
        notify(
            users=[office.user],
            title=f"新列查漏补缺任务 {counts[office.organization]} 项",
            body=f"完成时限 {due_on:%Y-%m-%d}。",
            url=f"{reverse('reporting:inbox')}?kind=gap_items",
            now=now,
            kind="WorkItem",
        )
