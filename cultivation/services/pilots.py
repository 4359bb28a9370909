"""Member firms of a pilot, many at once from pasted names and credit codes (notice 三（二）3, C077)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from cultivation.ledgers.industry import MEMBERS
from cultivation.models import PilotMember, Subject
from cultivation.permissions.ledgers import refuse_entry
from cultivation.selectors.calendar import current_year
from cultivation.selectors.line_matching import LineMatch, match_lines
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.credit_code import LENGTH, normalize_credit_code
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.names import normalize_name

LONGEST_NAME = 120


@dataclass(frozen=True)
class MembersAdded:
    """`linked` stand in the register, `named` only by name; `already` were members; `refused` lines with reasons."""

    linked: int
    named: int
    already: int
    refused: tuple[LineMatch, ...]


@transaction.atomic
def add_pilot_members(
    *, actor: Actor, pilot: Subject, text: str, now: datetime, joined_on: date | None = None
) -> MembersAdded:
    """Each pasted line becomes a member: a firm of the register where it is found, else by its name.

    A credit code that is not in the register is refused: a code alone names nobody. Raises NotAllowed, DomainError.
    """
    if refused := refuse_entry(actor, MEMBERS.keepers, MEMBERS.noun):
        raise NotAllowed(refused)
    if not Subject.objects.visible_to(actor).filter(pk=pilot.pk).exists():
        raise NotAllowed("只能维护本区（市）的行业试点。")
    matches = match_lines(Subject.objects.visible_to(actor).filter(kind="ENTERPRISE"), text)
    if not matches:
        raise DomainError("请先粘贴企业名称或信用代码，每行一家。", code="nothing_pasted", field="text")
    Subject.objects.select_for_update(of=("self",)).get(pk=pilot.pk)
    known = PilotMember.objects.live().filter(pilot=pilot)
    subjects = set(known.filter(subject__isnull=False).values_list("subject_id", flat=True))
    names = {normalize_name(name) for name in known.values_list("name", flat=True)}
    year = current_year(shanghai_date(now))
    rows: list[PilotMember] = []
    already, refused_lines = 0, []
    for match in matches:
        firm = match.subject
        reason = "" if firm else _why_not(match)
        if reason:
            refused_lines.append(LineMatch(match.number, match.text, None, reason))
            continue
        name = firm.name if firm else match.text
        if (firm and firm.pk in subjects) or normalize_name(name) in names:
            already += 1
            continue
        names.add(normalize_name(name))
        rows.append(
            PilotMember(
                pilot=pilot,
                subject=firm,
                name=name,
                size_class=firm.size_class if firm else "",
                employee_count=firm.employee_count if firm else None,
                joined_on=joined_on,
                organization_id=pilot.managing_organization_id,
                township_id=pilot.township_id,
                year_id=year,
                created_at=now,
                created_by=actor.user,
                updated_at=now,
                updated_by=actor.user,
            )
        )
    PilotMember.objects.bulk_create(rows, batch_size=500)
    linked = sum(row.subject_id is not None for row in rows)
    if rows:
        record_audit(
            actor=actor,
            at=now,
            action="批量登记试点行业企业",
            kind="Subject",
            object_id=pilot.pk,
            label=pilot.name,
            changes={"members": [0, len(rows)]},
        )
    return MembersAdded(linked, len(rows) - linked, already, tuple(refused_lines))


def _why_not(match: LineMatch) -> str:
    """Why an unmatched line cannot stand as a firm outside the register; "" when it can."""
    code = normalize_credit_code(match.text)
    if len(code) == LENGTH and code.isascii() and code.isalnum():
        return match.why
    if not normalize_name(match.text) or "多个同名" in match.why:
        return match.why
    if len(match.text) > LONGEST_NAME:
        return f"名称最多{LONGEST_NAME}个字"
    return ""
