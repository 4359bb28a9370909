"""Who must be rung about a round: who is overdue, who does not answer; the number of the responsible beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from evaluation.models import SpotCheckRound
from evaluation.models.rectifications.rectifications import OPEN_RECTIFICATIONS
from evaluation.selectors.rectifications.lists import RectificationFilters
from evaluation.selectors.spot_checks.checks import RoundCheck


@dataclass(frozen=True)
class Call:
    """Who must be rung, about what. `url` leads to the thing; `days` late."""

    unit: str
    matter: str
    days: int
    person: str
    phone: str
    url: str

    @property
    def status(self) -> str:
        """As `{% light %}` takes it: past its day is 严重滞后."""
        return "CRITICAL" if self.days else "BEHIND"


def is_overdue(row: Mapping[str, object], today: date) -> bool:
    """Of a row of `finding_values`: as `rectification_rows(overdue)` chooses."""
    due = row["rectification__due_on"]
    return row["rectification__state"] in OPEN_RECTIFICATIONS and isinstance(due, date) and due < today


def calls_of(
    held: SpotCheckRound,
    checks: Sequence[RoundCheck],
    findings: Sequence[Mapping[str, object]],
    today: date,
) -> list[Call]:
    """The longest overdue first: orders past their term by unit, notices not signed for, visits not made. No statement."""
    found = [*_mending(held, checks, findings, today)]
    for one in checks:
        check = one.check
        url = reverse("evaluation:check_detail", args=[held.pk, check.pk])
        if one.unsigned and one.standing.counted:
            found.append(
                Call(check.name, "检查通知书过期未签收", 0, one.contact_name, one.contact_phone, url)
            )
        if one.late_visit(today) and check.planned_on is not None:
            late = (today - check.planned_on).days
            lead = one.team[0] if one.team else None
            words = f"计划 {check.planned_on:%m-%d} 检查，还没有检查（请催主检）"
            found.append(
                Call(check.name, words, late, lead.name if lead else "", lead.phone if lead else "", url)
            )
    return sorted(found, key=lambda call: (-call.days, call.unit))


def _mending(
    held: SpotCheckRound,
    checks: Sequence[RoundCheck],
    findings: Sequence[Mapping[str, object]],
    today: date,
) -> list[Call]:
    """One call for each unit (a district, or a subject) with overdue orders."""
    by_unit: dict[tuple[object, object], list[Mapping[str, object]]] = {}
    for row in findings:
        if is_overdue(row, today):
            by_unit.setdefault((row["organization_id"], row["subject_id"]), []).append(row)
    calls = []
    homes: dict[tuple[object, object], RoundCheck] = {
        (one.check.organization_id, one.check.subject_id): one for one in checks
    }
    for rows in by_unit.values():
        oldest = min(rows, key=lambda row: str(row["rectification__due_on"]))
        due = oldest["rectification__due_on"]
        days = (today - due).days if isinstance(due, date) else 0
        of_subject = oldest["subject_id"] is not None
        person = str(oldest["rectification__responsible_user__full_name"] or "")
        phone = str(oldest["rectification__responsible_user__phone"] or "")
        home = homes.get((oldest["organization_id"], oldest["subject_id"]))
        if not phone and home is not None:
            person, phone = home.contact_name, home.contact_phone
        unit = int(str(oldest["organization_id"]))
        url = RectificationFilters(round=held.pk, unit=unit, overdue=True).query()
        if len(rows) == 1:
            url = reverse("evaluation:rectification_detail", args=[oldest["rectification__pk"]])
        calls.append(
            Call(
                str(oldest["subject__name"] if of_subject else oldest["organization__name"]),
                f"整改逾期 {len(rows)} 项，最长 {days} 天",
                days,
                person,
                phone,
                url,
            )
        )
    return calls
