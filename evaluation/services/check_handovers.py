"""The checks and rectifications a leaver has open go to the successor (cultivation.services.handovers)."""

from __future__ import annotations

from django.db.models import F, QuerySet
from django.urls import reverse

from cultivation.services.handovers import HandoverCase, HandoverSource, Refusal
from evaluation.enums import CheckState
from evaluation.models import Inspector, Rectification, SpotCheck, TeamMember
from evaluation.models.rectifications.rectifications import OPEN_RECTIFICATIONS
from evaluation.models.spot_checks.checks import WITH_TEAM
from evaluation.permissions.roles import INSPECTOR_KEEPERS
from evaluation.services.spot_checks.teams import change_member, require_replacement
from zaozhuang_portal.kernel.errors import DomainError


def _memberships(case: HandoverCase) -> QuerySet[TeamMember]:
    """What the leaver inspects for this organization: until the conclusion."""
    rows = TeamMember.objects.filter(
        inspector__user=case.leaver,
        inspector__organization__path__startswith=case.organization.path,
        until_at__isnull=True,
        check_record__state__in=WITH_TEAM,
    )
    return rows.select_related(
        "check_record__round", "check_record__organization", "check_record__subject", "inspector"
    ).order_by("check_record_id")


def _words(row: TeamMember) -> str:
    check = row.check_record
    part = "主检" if row.lead else "检查人员"
    return f"{check.number} {check.name}（{part}，{CheckState(check.state).label}）"


def _heir(case: HandoverCase) -> Inspector | None:
    return Inspector.objects.active_on(case.today).filter(user=case.successor).first()


def _team_of(check: SpotCheck) -> list[TeamMember]:
    return list(check.team.filter(until_at__isnull=True).select_related("inspector__user"))


def _refusal(case: HandoverCase) -> Refusal | None:
    """Who leads or joins a team is drawn from the register, without conflicts; the city office changes it."""
    if case.actor.role not in INSPECTOR_KEEPERS:
        return Refusal("检查组由市三方委员会办公室调整，这一类请市三方委员会办公室交接。")
    heir = _heir(case)
    if heir is None:
        return Refusal(
            f"{case.successor.full_name}不在检查人员名录中，不能接收检查任务。请先登记为检查人员并关联账号，再交接这一类。",
            "登记为检查人员",
            reverse("evaluation:inspector_create"),
        )
    for row in _memberships(case):
        try:
            require_replacement(row.check_record, _team_of(row.check_record), row, heir, case.today)
        except DomainError as error:
            return Refusal(
                f"{row.check_record.name}：{error}请在检查组页另选人员，再交接其余的。",
                "调整检查组",
                reverse("evaluation:team_list", kwargs={"pk": row.check_record.round_id}),
            )
    return None


def _give(case: HandoverCase) -> None:
    heir = _heir(case)
    if heir is None:
        return
    for row in list(_memberships(case)):
        change_member(
            actor=case.actor,
            check=row.check_record,
            member=row,
            inspector=heir,
            reason=f"交接给{case.successor.full_name}",
            now=case.now,
        )


CHECK_HANDOVER = HandoverSource(
    "spot_checks", "抽查检查任务", lambda case: [_words(row) for row in _memberships(case)], _give, _refusal
)


def _orders(case: HandoverCase) -> QuerySet[Rectification]:
    """Open orders the leaver answers for in this organization."""
    return Rectification.objects.filter(
        organization__path__startswith=case.organization.path,
        state__in=OPEN_RECTIFICATIONS,
        responsible_user=case.leaver,
    ).select_related("finding", "subject", "organization")


RECTIFICATION_HANDOVER = HandoverSource(
    "rectifications",
    "正在办理的整改",
    lambda case: [f"{row}（{row.unit}，{row.due_on} 前）" for row in _orders(case)],
    lambda case: _orders(case).update(
        responsible_user=case.successor, revision=F("revision") + 1, updated_at=case.now
    ),
)
