"""Rows of earlier years' rectifications: written with numbers of their own, taken back as long as nobody touched them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from cultivation.enums import CorrectionArea
from cultivation.models import CampaignYear, Subject
from cultivation.rules.work_days import working_days_between
from cultivation.selectors.work_days import work_calendar
from cultivation.services.closed_years import guard_years
from evaluation.enums import RectificationState
from evaluation.models import Finding, Rectification
from evaluation.rules.rectifications import (
    MAX_TERM,
    next_free,
    past_finding_number,
    past_order_number,
)
from evaluation.selectors.rectifications.findings import earlier_finding
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audits
from zaozhuang_portal.accounts.services.row_versions import delete_kept
from zaozhuang_portal.kernel.clock import start_of_day
from zaozhuang_portal.kernel.errors import NotAllowed
from zaozhuang_portal.kernel.locks import lock_name

TOUCHED = "导入后已经办理或修改"
IN_USE = "已有后来的问题指向它"


@transaction.atomic
def write_past(
    *,
    actor: Actor,
    organization: Organization,
    rows: Sequence[tuple[Mapping[str, Any], Subject | None]],
    source_document: str,
    now: datetime,
) -> list[Rectification]:
    """One finding with its order for each row, marked 补录.

    Raises NotAllowed for a year in use, but for the city office, YearClosed for a closed year without a 更正.

    Their numbers have a series of their own: the numbers given by the portal neither skip nor meet them.
    """
    years = CampaignYear.objects.in_bulk({values["year"] for values, _ in rows})
    if actor.role != Role.CITY_OFFICE and any(year.in_use for year in years.values()):
        raise NotAllowed("系统启用后年度的整改由市三方委员会办公室补录。")
    guard_years(
        actor=actor,
        places=[(year, organization.pk) for year in years],
        area=CorrectionArea.ASSESSMENT,
        now=now,
        what=f"导入往年整改{len(rows)}件",
    )
    for year in sorted(years):
        lock_name(f"findings:{year}")
        lock_name(f"rectifications:{year}")
    made = []
    for values, subject in rows:
        finding = _finding(actor, organization, years[values["year"]], values, subject, now)
        made.append(_order(actor, finding, values, values.get("document") or source_document, now))
    _audit(actor, made, "导入往年整改", now)
    return made


def _finding(
    actor: Actor,
    organization: Organization,
    year: CampaignYear,
    values: Mapping[str, Any],
    subject: Subject | None,
    now: datetime,
) -> Finding:
    taken = Finding.objects.filter(year=year).values_list("number", flat=True)
    finding = Finding(
        year=year,
        number=next_free(set(taken), lambda serial: past_finding_number(year.pk, serial)),
        organization=organization,
        subject=subject,
        created_at=now,
        created_by=actor.user,
        **{name: values[name] for name in ("source", "clause", "title", "facts", "severity", "found_on")},
    )
    finding.recurrence_of = earlier_finding(finding)
    finding.save()
    return finding


def _order(
    actor: Actor, finding: Finding, values: Mapping[str, Any], source: str, now: datetime
) -> Rectification:
    number = values.get("number")
    if not number:
        taken = Rectification.objects.filter(year_id=finding.year_id).values_list("number", flat=True)
        number = next_free(set(taken), lambda serial: past_order_number(finding.year_id, serial))
    issued, due, closed = values["issued_on"], values["due_on"], values.get("closed_on")
    return Rectification.objects.create(
        year_id=finding.year_id,
        finding=finding,
        number=number,
        organization_id=finding.organization_id,
        subject_id=finding.subject_id,
        state=values["state"],
        requirement=values.get("requirement") or "",
        term_days=min(working_days_between(issued, due, work_calendar()), MAX_TERM),
        issued_on=issued,
        issued_at=start_of_day(issued),
        due_on=due,
        closed_at=start_of_day(closed) if closed and values["state"] == RectificationState.CLOSED else None,
        backfilled=True,
        source_document=source,
        created_at=now,
        created_by=actor.user,
        updated_at=now,
    )


@transaction.atomic
def remove_past(
    *, actor: Actor, ids: Collection[int], now: datetime, keep: Callable[[Rectification, str], None]
) -> int:
    """Take back imported rows nobody touched since; `keep` is told of every other with the reason. Returns how many went."""
    rows = Rectification.objects.select_for_update(of=("self",)).filter(pk__in=list(ids), backfilled=True)
    held = list(rows.select_related("finding").order_by("pk"))
    guard_years(
        actor=actor,
        places=[(row.year_id, row.organization_id) for row in held],
        area=CorrectionArea.ASSESSMENT,
        now=now,
        what=f"撤销导入往年整改{len(held)}件",
    )
    free = []
    for row in held:
        if row.revision or row.measures.exists() or row.extensions.exists():
            keep(row, TOUCHED)
        elif Finding.objects.filter(recurrence_of=row.finding_id).exclude(rectification__in=ids).exists():
            keep(row, IN_USE)
        else:
            free.append(row)
    _audit(actor, free, "撤销导入，删除往年整改", now)
    findings = [row.finding_id for row in free]
    delete_kept(Rectification.objects.filter(pk__in=[row.pk for row in free]), at=now, moment="updated_at")
    Finding.objects.filter(pk__in=findings).update(recurrence_of=None)
    delete_kept(Finding.objects.filter(pk__in=findings), at=now, moment="created_at")
    return len(free)


def _audit(actor: Actor, rows: Sequence[Rectification], action: str, now: datetime) -> None:
    record_audits(
        actor=actor,
        at=now,
        action=action,
        kind="Rectification",
        items=((row.pk, str(row), {}) for row in rows),
    )
