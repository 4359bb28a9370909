"""The November report: open it, take the figures, write the narrative, review, file (notice 三（四）1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from cultivation.models import CampaignYear
from cultivation.services.handovers import HandoverCase, HandoverSource
from cultivation.services.year_corrections import seal_roster
from evaluation.selectors.shown import note_district
from reporting.enums import EDITABLE_STATES
from reporting.models import AnnualReport, NarrativeSection, Snapshot
from reporting.rules.canonical import canonical_json, fingerprint
from reporting.rules.cutoffs import refuse_cutoff
from reporting.rules.figures import ReportFigures
from reporting.rules.narrative import GAPS, gap
from reporting.selectors.figures import collect_figures
from reporting.selectors.filings import due_of_next, refuse_step
from reporting.selectors.report_points import ASKING
from reporting.services.report_explanations import explain_points
from reporting.services.report_filings import (
    OUTCOMES,
    add_filing,
    check_return_due,
    close_filing,
    columns_of_filing,
)
from reporting.workflows import ANNUAL_REPORT
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed


def take_snapshot(
    *,
    actor: Actor | None,
    year: CampaignYear,
    organization: Organization,
    now: datetime,
    as_of: date | None = None,
) -> Snapshot:
    """Freeze the figures as they are now, or as they were at the end of `as_of`. Equal figures have the same hash.

    Raises DomainError for a day to come, and before the year's period began.
    """
    today = shanghai_date(now)
    as_of = as_of or today
    check_cutoff(year=year, as_of=as_of, now=now)
    figures = collect_figures(year=year, organization=organization, as_of=as_of, made_on=today)
    text = canonical_json(cast(dict[str, Any], figures))
    return Snapshot.objects.create(
        year=year,
        organization=organization,
        as_of=as_of,
        taken_at=now,
        taken_by=actor.user if actor else None,
        figures=text,
        sha256=fingerprint(text),
    )


def check_cutoff(*, year: CampaignYear, as_of: date, now: datetime) -> None:
    """Raises DomainError (field as_of) where no figures of the year can be as of that day."""
    refusal = refuse_cutoff(as_of, today=shanghai_date(now), period_start=year.period_start, year=year.year)
    if refusal:
        raise DomainError(refusal, code="as_of", field="as_of")


def figures_of(snapshot: Snapshot) -> ReportFigures:
    """The frozen figures. Raises DomainError when the stored text no longer matches its hash."""
    if fingerprint(snapshot.figures) != snapshot.sha256:
        raise DomainError(
            "快照数据与其指纹不符，可能被改动。请重新生成数据，并报告系统管理员。", code="snapshot_broken"
        )
    note_district(snapshot.organization_id, snapshot.year_id)
    return cast(ReportFigures, json.loads(snapshot.figures))


def check_district(actor: Actor, organization: Organization) -> None:
    if not actor.is_district or actor.district is None or actor.district.pk != organization.pk:
        raise NotAllowed("年度报告由本区（市）三方办公室和成员单位填报。")


@transaction.atomic
def open_report(
    *, actor: Actor, year: CampaignYear, organization: Organization, now: datetime
) -> AnnualReport:
    """The district's report of the year; made with a first snapshot and marked gaps when there is none yet."""
    check_district(actor, organization)
    if organization.level != Level.DISTRICT:
        raise DomainError("年度报告由区（市）报送。", code="not_a_district")
    report = AnnualReport.objects.filter(year=year, organization=organization).first()
    if report is not None:
        return report
    snapshot = take_snapshot(actor=actor, year=year, organization=organization, now=now)
    try:
        with transaction.atomic():
            report = AnnualReport.objects.create(
                year=year,
                organization=organization,
                snapshot=snapshot,
                created_at=now,
                prepared_by=actor.user,
            )
    except IntegrityError:
        return AnnualReport.objects.get(year=year, organization=organization)
    NarrativeSection.objects.bulk_create(
        [NarrativeSection(report=report, key=key, text=gap(hint)) for key, hint in GAPS.items()]
    )
    record_audit(
        actor=actor,
        at=now,
        action="开始填报年度报告",
        kind="AnnualReport",
        object_id=report.pk,
        label=str(report),
    )
    return report


def _check_editable(report: AnnualReport) -> None:
    if report.state not in EDITABLE_STATES:
        raise IllegalTransition(f"报告{report.get_state_display()}，不能修改。如需修改，请先撤回或退回。")


@transaction.atomic
def refresh_figures(*, actor: Actor, report: AnnualReport, now: datetime) -> Snapshot:
    """Take the figures anew while the report is being written; the former snapshot stays on record."""
    check_district(actor, report.organization)
    _check_editable(report)
    snapshot = take_snapshot(actor=actor, year=report.year, organization=report.organization, now=now)
    updated = AnnualReport.objects.filter(pk=report.pk, state__in=EDITABLE_STATES).update(snapshot=snapshot)
    if not updated:
        raise IllegalTransition("报告的状态刚刚改变，请刷新页面。")
    record_audit(
        actor=actor,
        at=now,
        action="更新报告数据",
        kind="AnnualReport",
        object_id=report.pk,
        label=str(report),
        changes={"sha256": [report.snapshot.sha256, snapshot.sha256]},
    )
    report.snapshot = snapshot
    return snapshot


@transaction.atomic
def save_narrative(
    *, actor: Actor, report: AnnualReport, key: str, text: str, expected_revision: int, now: datetime
) -> NarrativeSection:
    """Save one section if nobody else did since; otherwise ConflictError, and the caller shows both texts."""
    check_district(actor, report.organization)
    _check_editable(report)
    if key not in GAPS:
        raise DomainError("没有这一段落，请刷新页面。", code="unknown_section")
    text = text.replace("\r\n", "\n")
    section = NarrativeSection.objects.get(report=report, key=key)
    if section.text == text:
        return section
    # The UPDATE names the state; the lock keeps a filing that is under way from passing between the two.
    open_now = AnnualReport.objects.select_for_update(no_key=True).filter(
        pk=report.pk, state__in=EDITABLE_STATES
    )
    if not open_now.values_list("pk", flat=True).first():
        raise IllegalTransition("报告刚刚送审或报送，这一段没有保存。需要修改的，请先撤回或退回。")
    updated = NarrativeSection.objects.filter(
        pk=section.pk, revision=expected_revision, report__state__in=EDITABLE_STATES
    ).update(text=text, revision=expected_revision + 1, updated_at=now, updated_by=actor.user)
    if not updated:
        by = NarrativeSection.objects.values_list("updated_by_id", flat=True).get(pk=section.pk)
        words = changed_since("这一段", actor.user.pk, by)
        raise ConflictError(f"{words}。两份内容都保留在下方，请选择或合并后再保存。")
    section.refresh_from_db()
    return section


def _changes(action: str, actor: Actor, now: datetime, comment: str) -> dict[str, Any]:
    """The columns that belong to the state the action leads to, but for those of the filing."""
    match action:
        case "send_for_review":
            return {"prepared_by": actor.user, "prepared_at": now, "comment": ""}
        case "approve":
            return {"reviewed_by": actor.user, "reviewed_at": now}
        case "reopen" | "return_for_changes":
            return {"reviewed_by": None, "reviewed_at": None, "comment": comment}
        case "send_back":
            return {"comment": comment}
        case _:
            return {}


@transaction.atomic
def move_report(
    *,
    actor: Actor,
    report: AnnualReport,
    action: str,
    now: datetime,
    comment: str = "",
    due_on: date | None = None,
    words: Mapping[str, str] | None = None,
) -> AnnualReport:
    """Take one action of the workflow. Returning needs a comment; review needs another person than the preparer.

    Late filing is accepted and marked, and stays a fact of the first filing: `send_back` (which needs `due_on`, the day
    by which to file again) takes no time away. `words`, by code, answer what the figures contradict (Unexplained without):
    送审, 审核 and 报送 go on only with a word on each point, 报送 also on open 【待补充】.
    Raises DomainError, IllegalTransition or NotAllowed.
    """
    ANNUAL_REPORT.find(report.state, action, actor.role)
    if not actor.is_city:
        check_district(actor, report.organization)
    if refusal := refuse_step(report, action, now):
        raise IllegalTransition(refusal)
    if action in {"return_for_changes", "send_back"} and len(comment.strip()) < 5:
        raise DomainError(
            "请写明退回意见（至少5个字）：哪里需要改、怎样改。", code="comment_required", field="comment"
        )
    if action == "approve" and report.prepared_by_id == actor.user.pk:
        raise DomainError(
            "审核人与填报人不能是同一人。请由本区（市）三方办公室的另一位同志审核，或先撤回由他人送审。",
            code="same_person",
        )
    if action in ASKING:
        # Locked: nobody takes other figures or changes a gap between the asking and the step.
        locked = AnnualReport.objects.select_for_update(of=("self",), no_key=True).select_related("snapshot")
        explain_points(
            actor=actor,
            report=report,
            figures=figures_of(locked.get(pk=report.pk).snapshot),
            action=action,
            words=words or {},
            now=now,
        )
    wanted = check_return_due(due_on, now) if action == "send_back" else None
    old = report.state
    changes = _changes(action, actor, now, comment.strip())
    due = due_of_next(report) if action == "submit" else None
    if due is not None or action in OUTCOMES:
        changes |= columns_of_filing(report, action, actor=actor, now=now, due_on=wanted)
    ANNUAL_REPORT.apply(report, action, role=actor.role, changes=changes)
    if due is not None:
        add_filing(report=report, actor=actor, due=due, now=now)
    elif action in OUTCOMES:
        close_filing(
            report=report,
            actor=actor,
            outcome=OUTCOMES[action],
            now=now,
            reason=comment.strip() if wanted else "",
            return_due_on=wanted,
        )
    if action == "accept":
        seal_roster(year=report.year, organization=report.organization, now=now)
    label = next(t.label for t in ANNUAL_REPORT.transitions if t.action == action)
    record_audit(
        actor=actor,
        at=now,
        action=f"年度报告{label}",
        kind="AnnualReport",
        object_id=report.pk,
        label=str(report),
        changes={"state": [old, report.state], "late": [None, report.is_late]}
        | ({"return_due_on": [None, wanted.isoformat()]} if wanted else {}),
        reason=comment.strip(),
    )
    return report


def _drafts(case: HandoverCase) -> QuerySet[AnnualReport]:
    return AnnualReport.objects.filter(
        organization__path__startswith=case.organization.path,
        prepared_by=case.leaver,
        state__in=EDITABLE_STATES,
    ).select_related("organization")


REPORT_HANDOVER = HandoverSource(
    "annual_reports",
    "正在填报的年度报告",
    lambda case: [str(report) for report in _drafts(case)],
    lambda case: _drafts(case).update(prepared_by=case.successor),
)
