"""派组: pairs of different parties by ticket, conflicts applied first and listed; a change needs its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from evaluation.enums import CheckState, RoundState
from evaluation.models import Inspector, LetterReceipt, SpotCheck, SpotCheckRound, TeamDraw, TeamMember
from evaluation.permissions.inspectors import require_keeper
from evaluation.rules.spot_checks import inspectors as rules
from evaluation.rules.spot_checks.inspectors import (
    EXCLUSION_REASONS,
    CheckRow,
    Exclusion,
    Interest,
    Team,
    TeamError,
)
from evaluation.selectors.letters import people_of
from evaluation.selectors.spot_checks.teams import (
    CHANGEABLE,
    check_rows,
    checks_to_assign,
    drawn_before,
    exclusions_from,
    inspector_rows,
    interests_of,
)
from evaluation.services.spot_checks.lines import prepare_lines
from evaluation.workflows.checks import ASSIGN, CHECK_WORKFLOW
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.services.audit import record_audit, record_audits
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition
from zaozhuang_portal.kernel.lengths import require_length
from zaozhuang_portal.operations.services.notifications import notify

SHORTEST_REASON = 4


def _pairs(
    seed: str,
    people: Sequence[rules.InspectorRow],
    checks: Sequence[CheckRow],
    interests: Sequence[Interest],
    assigned: dict[str, int],
) -> tuple[dict[str, Team], dict[str, str]]:
    """(teams, refusals) by check id: a check without a possible pair takes nobody from the others."""
    try:
        teams = rules.assign_teams(seed, people, checks, interests, assigned=assigned)
        return {team.check_id: team for team in teams}, {}
    except TeamError as error:
        refused = {one.path: one.message for one in error.problems if one.code == "NO_PAIR"}
        if len(refused) < len(error.problems):
            raise
    served = [check for check in checks if check.id not in refused]
    teams = rules.assign_teams(seed, people, served, interests, assigned=assigned)
    return {team.check_id: team for team in teams}, refused


def listed_exclusions(exclusions: Sequence[Exclusion]) -> list[dict[str, str]]:
    """As they stand on the check: staff number, name, reason in words."""
    return [
        {
            "staff_number": one.staff_number,
            "name": one.name,
            "reason": EXCLUSION_REASONS[one.reason] + (f"（{one.words}）" if one.words else ""),
        }
        for one in exclusions
    ]


@transaction.atomic
def assign_teams(*, actor: Actor, spot_round: SpotCheckRound, now: datetime) -> TeamDraw:
    """派组 of every check that has none, over the people of the register in force today.

    A check for which no pair of different parties is left stays as it is, with why on the record; the others are
    assigned. Of two who press at once the second finds nothing to do. Raises DomainError before the draw, and when no
    check waits; TeamError when the register itself is wrong.
    """
    require_keeper(actor)
    locked = SpotCheckRound.objects.select_for_update(of=("self",)).get(pk=spot_round.pk)
    if locked.state != RoundState.DRAWN or not locked.seed:
        raise IllegalTransition(f"该批次当前为“{locked.get_state_display()}”，抽取之后、归档之前才能派组。")
    checks = list(checks_to_assign(locked))
    if not checks:
        raise ConflictError("没有待派组的检查，不用再派。")
    people = list(
        Inspector.objects.active_on(shanghai_date(now))
        .select_related("organization", "user")
        .order_by("staff_number")
    )
    if not people:
        raise DomainError("检查人员名录中没有在库人员，请先登记。", code="no_inspectors")
    interests = interests_of(people, checks, locked)
    rows, assigned = check_rows(checks), drawn_before(locked)
    teams, refused = _pairs(locked.seed, inspector_rows(people), rows, interests, assigned)
    record = TeamDraw.objects.create(
        round=locked,
        number=TeamDraw.objects.filter(round=locked).count() + 1,
        inspectors=_inspectors_of(locked.seed, people, assigned),
        checks=[_check_of(row, teams.get(row.id), refused.get(row.id, ""), interests) for row in rows],
        drawn_at=now,
        drawn_by=actor.user,
    )
    excluded = rules.list_exclusions(inspector_rows(people), rows, interests)
    by_number = {one.staff_number: one for one in people}
    for check in checks:
        listed = listed_exclusions([one for one in excluded if one.check_id == check.code])
        SpotCheck.objects.filter(pk=check.pk, state__in=CHECK_WORKFLOW.sources(ASSIGN)).update(
            state=CheckState.ASSIGNED if check.code in teams else CheckState.SELECTED,
            excluded_inspectors=listed,
            revision=F("revision") + 1,
            updated_at=now,
        )
    TeamMember.objects.bulk_create(
        TeamMember(
            check_record=check,
            inspector=by_number[member.staff_number],
            lead=lead,
            ticket=member.ticket,
            from_at=now,
        )
        for check in checks
        if check.code in teams
        for member, lead in ((teams[check.code].lead, True), (teams[check.code].second, False))
    )
    prepare_lines([check for check in checks if check.code in teams], shanghai_date(now))
    record_audits(
        actor=actor,
        at=now,
        action="派检查组",
        kind="SpotCheck",
        items=[
            (check.pk, str(check), {"members": [None, _names(teams[check.code])]})
            for check in checks
            if check.code in teams
        ],
    )
    for check in checks:
        if check.code in teams:
            pair = (teams[check.code].lead, teams[check.code].second)
            _tell(check, [by_number[one.staff_number] for one in pair], "您已列入检查组", now)
    return record


def _names(team: Team) -> str:
    return f"{team.lead.name}（主检）、{team.second.name}"


def _inspectors_of(seed: str, people: Sequence[Inspector], assigned: dict[str, int]) -> list[dict[str, Any]]:
    known = {row.staff_number: row for row in inspector_rows(people)}
    return [
        asdict(known[member.staff_number])
        | {"ticket": member.ticket, "assigned": assigned.get(member.staff_number, 0)}
        for member in rules.order_inspectors(seed, known.values())
    ]


def _check_of(
    row: CheckRow, team: Team | None, refused: str, interests: Sequence[Interest]
) -> dict[str, Any]:
    return asdict(row) | {
        "team": [team.lead.staff_number, team.second.staff_number] if team else [],
        "refused": refused,
        "interests": [asdict(one) for one in interests if one.target in {row.id, row.district}],
    }


def _held(check: SpotCheck) -> SpotCheck:
    """The row locked, in a state in which its team may be changed."""
    locked = (
        SpotCheck.objects.select_for_update(of=("self",))
        .select_related("round", "organization", "subject")
        .get(pk=check.pk)
    )
    if locked.state not in CHANGEABLE:
        raise IllegalTransition(
            f"该检查当前为“{locked.get_state_display()}”，派组之后、作出结论之前才能调整检查组。"
        )
    return locked


def _reason(text: str) -> str:
    reason = require_length("更换理由", text, 200, field="reason")
    if len(reason) < SHORTEST_REASON:
        raise DomainError(f"请写明更换理由（至少{SHORTEST_REASON}个字）。", code="required", field="reason")
    return reason


def require_replacement(
    check: SpotCheck, team: Sequence[TeamMember], old: TeamMember, inspector: Inspector, on: date
) -> Inspector:
    """The inspector as he stands in the register, when he may come in for `old`. Raises DomainError naming why not."""
    person = (
        Inspector.objects.active_on(on).select_related("organization", "user").filter(pk=inspector.pk).first()
    )
    if person is None:
        raise DomainError(f"{inspector.name}今天不在检查人员名录中。", code="inactive", field="inspector")
    if any(row.inspector_id == person.pk for row in team):
        raise DomainError(f"{person.name}已在该检查组。", code="already", field="inspector")
    against = exclusions_from(check, [person]).get(person.pk, [])
    if against:
        words = "；".join(one.sentence for one in against)
        raise DomainError(f"应当回避，不能派：{words}。", code="excluded", field="inspector")
    same = next((row for row in team if row.pk != old.pk and row.inspector.party == person.party), None)
    if same is not None:
        raise DomainError(
            f"{person.name}与{same.inspector.name}同属{person.get_party_display()}，检查组须有不同方的两人。",
            code="same_party",
            field="inspector",
        )
    return person


@transaction.atomic
def change_member(
    *, actor: Actor, check: SpotCheck, member: TeamMember, inspector: Inspector, reason: str, now: datetime
) -> TeamMember:
    """Put another person in for `member`, before the conclusion. The replaced row stays, with its end and the reason.

    The new one is in the register today, not excluded, not of the remaining member's party, and takes over 主检 where
    the replaced one was it. Raises DomainError naming what stands against it, ConflictError when somebody changed the
    team first.
    """
    require_keeper(actor)
    locked, reason = _held(check), _reason(reason)
    team = list(locked.team.filter(until_at__isnull=True).select_related("inspector__user"))
    old = next((row for row in team if row.pk == member.pk), None)
    if old is None:
        raise ConflictError("该成员刚刚已被更换，请刷新页面查看现在的检查组。")
    person = require_replacement(locked, team, old, inspector, shanghai_date(now))
    TeamMember.objects.filter(pk=old.pk).update(until_at=now, change_reason=reason)
    new = TeamMember.objects.create(check_record=locked, inspector=person, lead=old.lead, from_at=now)
    _moved(locked, now)
    record_audit(
        actor=actor,
        at=now,
        action="更换检查人员",
        kind="SpotCheck",
        object_id=locked.pk,
        label=str(locked),
        changes={"members": [old.inspector.name, person.name]},
        reason=reason,
    )
    _tell_of_change(locked, [old.inspector, person], now)
    return new


@transaction.atomic
def change_lead(
    *, actor: Actor, check: SpotCheck, member: TeamMember, reason: str, now: datetime
) -> TeamMember:
    """Make `member` the 主检 in place of the present one, before the conclusion, with the reason in the log."""
    require_keeper(actor)
    locked, reason = _held(check), _reason(reason)
    team = list(locked.team.filter(until_at__isnull=True).select_related("inspector__user"))
    new = next((row for row in team if row.pk == member.pk), None)
    if new is None or new.lead:
        raise ConflictError("检查组刚刚已有变动，请刷新页面查看现在的主检。")
    former = "、".join(row.inspector.name for row in team if row.lead)
    TeamMember.objects.filter(check_record=locked, until_at__isnull=True, lead=True).update(lead=False)
    TeamMember.objects.filter(pk=new.pk).update(lead=True)
    new.lead = True
    _moved(locked, now)
    record_audit(
        actor=actor,
        at=now,
        action="更换主检",
        kind="SpotCheck",
        object_id=locked.pk,
        label=str(locked),
        changes={"lead": [former, new.inspector.name]},
        reason=reason,
    )
    return new


def _moved(check: SpotCheck, now: datetime) -> None:
    SpotCheck.objects.filter(pk=check.pk).update(revision=F("revision") + 1, updated_at=now)


def _tell_of_change(check: SpotCheck, people: Sequence[Inspector], now: datetime) -> None:
    """The two inspectors, the one who was replaced without a link, for the page is closed to him; and the unit, once told."""
    gone, entered = people[0], list(people[1:])
    _tell(check, [gone], "检查组成员有变动", now, linked=False)
    _tell(check, entered, "检查组成员有变动", now)
    if check.notified_at is not None:
        unit = LetterReceipt(organization=check.organization, subject=check.subject)
        _send(check, people_of([unit], shanghai_date(now)), "检查组成员有变动", now)


def _tell(
    check: SpotCheck, people: Sequence[Inspector], heading: str, now: datetime, *, linked: bool = True
) -> None:
    _send(check, [row.user for row in people if row.user is not None], heading, now, linked=linked)


def _send(check: SpotCheck, users: list[User], heading: str, now: datetime, *, linked: bool = True) -> None:
    notify(
        users=users,
        title=f"{heading}：{check.name}",
        url=reverse("evaluation:check_detail", args=[check.round_id, check.pk]) if linked else "",
        now=now,
        kind="SpotCheck",
        object_id=check.pk,
    )
