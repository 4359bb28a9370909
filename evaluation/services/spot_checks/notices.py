"""检查通知书: each assigned check its own letter; the check is 已通知 from then on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from evaluation.enums import CheckKind, CheckState, LetterKind
from evaluation.models import Letter, SpotCheck, TeamMember
from evaluation.permissions.inspectors import require_keeper
from evaluation.rules.spot_checks.notices import notice_sections, notice_title
from evaluation.selectors.spot_checks.notices import ABOUT, checks_to_notify, notice_facts
from evaluation.services.letters import Addressee, send_letter
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition
from zaozhuang_portal.operations.services.notifications import notify


@transaction.atomic
def notify_checks(
    *,
    actor: Actor,
    checks: Iterable[SpotCheck],
    now: datetime,
    planned: Mapping[int, date] | None = None,
    late_is_meant: bool = False,
) -> list[Letter]:
    """Send the 检查通知书 of these checks to their units: all of them or none.

    `planned`: check pk → day of the visit, today or later; without one the day set before counts. A day after the round's
    end is asked about (DomainError "late") until `late_is_meant`. A check is ASSIGNED, or
    NOTIFIED with its notice withdrawn. The letter names the papers of the whole standard, so that it does not tell which
    items were drawn. Of two who send at once one wins, the other gets a ConflictError and sends nothing.
    """
    require_keeper(actor)
    wanted = sorted({check.pk for check in checks})
    if not wanted:
        raise DomainError("请选择要通知的检查，至少一个。", code="none", field="checks")
    held = {
        row.pk: row
        for row in SpotCheck.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    }
    rounds = {row.round_id for row in held.values()}
    ready = {row.pk: row for pk in rounds for row in checks_to_notify(pk).filter(pk__in=wanted)}
    for pk in wanted:
        row = held.get(pk)
        if row is not None and pk not in ready:
            raise IllegalTransition(
                f"“{row.name}”当前为“{row.get_state_display()}”，不能发检查通知书。请刷新页面查看最新状态。"
            )
    teams: dict[int, list[TeamMember]] = {pk: [] for pk in ready}
    for member in (
        TeamMember.objects.filter(check_record__in=ready, until_at__isnull=True)
        .select_related("inspector__user")
        .order_by("-lead", "id")
    ):
        teams[member.check_record_id].append(member)
    return [
        _notify(actor, check, teams[check.pk], (planned or {}).get(check.pk), now, late_is_meant)
        for check in ready.values()
    ]


def _notify(
    actor: Actor,
    check: SpotCheck,
    team: list[TeamMember],
    planned: date | None,
    now: datetime,
    late_is_meant: bool,
) -> Letter:
    check.planned_on = planned or check.planned_on
    if check.planned_on is None:
        raise DomainError(f"请填写“{check.name}”的检查日期。", code="required", field=f"day_{check.pk}")
    if check.planned_on < shanghai_date(now):
        raise DomainError(f"“{check.name}”的检查日期早于今天，请核对。", code="past", field=f"day_{check.pk}")
    if check.planned_on > check.round.ends_on and not late_is_meant:
        raise DomainError(
            f"“{check.name}”的检查日期晚于本批次完成期限 {check.round.ends_on:%Y-%m-%d}。"
            "请改为期限以内，或勾选“确需在完成期限以后检查”再发出。",
            code="late",
            field=f"day_{check.pk}",
        )
    if not team:
        raise DomainError(f"“{check.name}”还没有检查组，请先派组。", code="no_team")
    changed = SpotCheck.objects.filter(pk=check.pk, state=check.state).update(
        state=CheckState.NOTIFIED,
        planned_on=check.planned_on,
        notified_at=now,
        revision=F("revision") + 1,
        updated_at=now,
    )
    if not changed:
        raise ConflictError(f"“{check.name}”的状态刚刚已改变，请刷新页面后再操作。")
    unit: Addressee = check.subject if check.subject is not None else check.organization
    letter = send_letter(
        actor=actor,
        kind=LetterKind.CHECK_NOTICE,
        year=check.round.year,
        title=notice_title(check.kind == CheckKind.DISTRICT, check.round.year_id),
        sections=notice_sections(notice_facts(check, team, check.planned_on)),
        addressees=[unit],
        about=(ABOUT, check.pk),
        now=now,
    )
    record_audit(
        actor=actor,
        at=now,
        action="发出检查通知书",
        kind="SpotCheck",
        object_id=check.pk,
        label=str(check),
        changes={
            "state": [check.state, CheckState.NOTIFIED],
            "planned_on": [None, check.planned_on.isoformat()],
        },
    )
    notify(
        users=[row.inspector.user for row in team if row.inspector.user is not None],
        title=f"{check.planned_on} 检查{check.name}",
        body=f"{letter.number}已发出。",
        url=reverse("evaluation:check_detail", args=[check.round_id, check.pk]),
        now=now,
        kind="SpotCheck",
        object_id=check.pk,
    )
    return letter
