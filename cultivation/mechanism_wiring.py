"""What 组织机制 gives to the floors below: menu entries, and who may open the files of plans and signed sheets."""

from __future__ import annotations

from dataclasses import replace

from cultivation.models import CultivationRoster, WorkPlan
from cultivation.selectors.countersignatures import SCAN_KINDS
from cultivation.selectors.seals import hold_plan, hold_roster, sealing_of_plan, sealing_of_roster
from cultivation.selectors.work_plans import readable_plans
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES, Role
from zaozhuang_portal.kernel.navigation import NavItem, register_nav
from zaozhuang_portal.operations.access import ONLY_SCANS, register_attachment_access
from zaozhuang_portal.operations.models import Attachment

_PLAN_READERS = CITY_ROLES | DISTRICT_ROLES | {Role.LEADER}
_ITEM_READERS = _PLAN_READERS | {Role.INSTRUCTOR, Role.TOWNSHIP_STAFF}


def _may_read_plan_file(actor: Actor, attachment: Attachment) -> bool:
    return actor.role in _PLAN_READERS and readable_plans(actor).filter(pk=attachment.owner_id).exists()


def _may_write_plan_file(actor: Actor, owner_id: int) -> bool:
    return (
        actor.role in DISTRICT_ROLES
        and WorkPlan.objects.visible_to(actor).live().filter(pk=owner_id).exists()
    )


def _may_write_plan_scan(actor: Actor, owner_id: int) -> bool:
    return actor.role == Role.DISTRICT_OFFICE and _may_write_plan_file(actor, owner_id)


def _may_read_roster_scan(actor: Actor, attachment: Attachment) -> bool:
    if actor.role not in _PLAN_READERS:
        return False
    return CultivationRoster.objects.visible_to(actor).filter(pk=attachment.owner_id).exists()


def _may_write_roster_scan(actor: Actor, owner_id: int) -> bool:
    if actor.role != Role.DISTRICT_OFFICE:
        return False
    return CultivationRoster.objects.visible_to(actor).filter(pk=owner_id).exists()


def register() -> None:
    """Called by cultivation.wiring.register()."""
    register_attachment_access(
        "WorkPlan", _may_read_plan_file, _may_write_plan_file, hold=hold_plan, sealing=sealing_of_plan
    )
    register_attachment_access(
        SCAN_KINDS["plan"],
        _may_read_plan_file,
        _may_write_plan_scan,
        purposes=ONLY_SCANS,
        hold=hold_plan,
        sealing=lambda owner_id: replace(sealing_of_plan(owner_id), additions=True),
    )
    register_attachment_access(
        SCAN_KINDS["roster"],
        _may_read_roster_scan,
        _may_write_roster_scan,
        purposes=ONLY_SCANS,
        hold=hold_roster,
        sealing=sealing_of_roster,
    )
    register_nav(
        # The same key as in accounts: with cultivation the entry opens the tree with its gaps.
        NavItem(
            "bodies",
            "三方机构",
            "cultivation:body_coverage",
            "buildings",
            roles=_PLAN_READERS,
            order=215,
            group="培育",
        ),
        NavItem(
            "work_plans",
            "工作方案",
            "cultivation:plan_list",
            "journal-check",
            roles=_PLAN_READERS,
            order=216,
            group="培育",
        ),
        NavItem(
            "backfill",
            "补录申请",
            "cultivation:backfill_list",
            "clock-history",
            roles=frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE}),
            order=235,
            group="培育",
        ),
        NavItem(
            "work_items",
            "责任分解",
            "cultivation:work_item_list",
            "list-check",
            roles=_ITEM_READERS,
            order=217,
            group="培育",
        ),
        NavItem(
            "policies",
            "政策文件",
            "cultivation:policy_page",
            "file-earmark-text",
            roles=_ITEM_READERS,
            order=218,
            group="培育",
        ),
    )
