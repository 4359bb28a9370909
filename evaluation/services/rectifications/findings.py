"""发现问题: of a concluded check for its unmet lines, or by hand from verification, re-evaluation, data and complaints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from cultivation.enums import CorrectionArea
from cultivation.models import CampaignYear, Subject
from cultivation.services.closed_years import guard_years
from evaluation.enums import Cause, FindingSource, Severity
from evaluation.models import CheckLine, Finding, SpotCheck
from evaluation.permissions.rectifications import require_rectification_office
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.rules.rectifications import finding_number, finding_prefix
from evaluation.selectors.rectifications.findings import earlier_finding
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import require_length
from zaozhuang_portal.kernel.locks import lock_name


@dataclass(frozen=True)
class FindingEntry:
    """What is typed of a finding by hand; `source_note` says where it comes from (a letter, a list, a call)."""

    source: str
    source_note: str
    clause: str
    title: str
    facts: str
    severity: str
    found_on: date
    cause: str = ""
    evidence_of: date | None = None
    # Whether it is linked to the last one of the same clause at the same unit: of the same clause is not the same fault.
    recurs: bool = True


@transaction.atomic
def record_findings(
    *, actor: Actor, check: SpotCheck, lines: Iterable[CheckLine], now: datetime
) -> list[Finding]:
    """One finding of each line; a line that has one already keeps it. The caller concluded the check and asked who may."""
    found: list[Finding] = []
    with_line = {row.line_id: row for row in Finding.objects.filter(check_record=check)}
    for line in lines:
        if line.pk in with_line:
            found.append(with_line[line.pk])
            continue
        finding = Finding(
            year_id=check.round.year_id,
            source=FindingSource.SPOT_CHECK,
            check_record=check,
            line=line,
            organization_id=check.organization_id,
            subject_id=check.subject_id,
            clause=line.code,
            title=line.title,
            facts=line.seen or f"现场判断为“{line.get_judgement_display()}”。",
            evidence_of=line.evidence_of,
            severity=line.severity or Severity.MINOR,
            found_on=check.visited_on or shanghai_date(now),
        )
        found.append(_keep(actor, finding, now))
    return found


@transaction.atomic
def record_finding(
    *,
    actor: Actor,
    year: CampaignYear,
    unit: Organization | Subject,
    entry: FindingEntry,
    now: datetime,
) -> Finding:
    """A finding by hand by the city office. Raises DomainError with the field that lacks something."""
    require_rectification_office(actor)
    if entry.source not in FindingSource.values or entry.source == FindingSource.SPOT_CHECK:
        raise DomainError("请选择来源。抽查发现的问题由检查结论自动登记。", code="source", field="source")
    if entry.severity not in Severity.values:
        raise DomainError("请选择问题的性质。", code="required", field="severity")
    if entry.cause and entry.cause not in Cause.values:
        raise DomainError("请选择列出的原因类别。", code="choice", field="cause")
    if entry.found_on > shanghai_date(now):
        raise DomainError("发现日期不能晚于今天。", code="future", field="found_on")
    words = {}
    for field, label, most in (
        ("source_note", "来源说明", 200),
        ("clause", "条款或指标", 60),
        ("title", "问题", 200),
        ("facts", "事实", MAX_COMMENT),
    ):
        words[field] = require_length(label, getattr(entry, field), most, field=field)
        if not words[field]:
            raise DomainError(f"请填写{label}。", code="required", field=field)
    subject = unit if isinstance(unit, Subject) else None
    organization_id = unit.managing_organization_id if isinstance(unit, Subject) else unit.pk
    guard_years(
        actor=actor,
        places=[(year.pk, organization_id)],
        area=CorrectionArea.ASSESSMENT,
        now=now,
        what=f"登记发现问题：{words['title']}",
    )
    finding = Finding(
        year=year,
        source=entry.source,
        organization_id=organization_id,
        subject=subject,
        severity=entry.severity,
        cause=entry.cause,
        evidence_of=entry.evidence_of,
        found_on=entry.found_on,
        **words,
    )
    return _keep(actor, finding, now, recurs=entry.recurs)


def _keep(actor: Actor, finding: Finding, now: datetime, *, recurs: bool = True) -> Finding:
    """Findings given a number here are never deleted: the next one is their count plus one; racing ones queue on the
    year's name. Those of earlier ledgers have a series of their own (past_writing)."""
    lock_name(f"findings:{finding.year_id}")
    given = Finding.objects.filter(
        year_id=finding.year_id, number__startswith=finding_prefix(finding.year_id)
    )
    serial = given.count() + 1
    finding.number = finding_number(finding.year_id, serial)
    finding.recurrence_of = earlier_finding(finding) if recurs else None
    finding.created_at, finding.created_by = now, actor.user
    finding.save()
    record_audit(
        actor=actor,
        at=now,
        action="登记发现问题",
        kind="Finding",
        object_id=finding.pk,
        label=str(finding),
    )
    return finding
