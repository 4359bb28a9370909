"""参与创建 for many subjects at once: a whole filtered list, or pasted names and credit codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cultivation.enums import CorrectionArea, EnrollmentState, SubjectState
from cultivation.models import CampaignYear, Enrollment, Participation, Subject
from cultivation.permissions.rosters import CHOOSERS, may_act_for
from cultivation.selectors.line_matching import LineMatch, match_lines
from cultivation.services.closed_years import guard_years
from cultivation.services.rosters import clean_change_reason
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.row_versions import delete_kept
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.lengths import shortened

_BATCH = 1000


@dataclass(frozen=True)
class JoinOutcome:
    """`joined` newly marked, `already` marked before; `unmatched` lines stay with the person who pasted them."""

    joined: int
    already: int
    unmatched: tuple[LineMatch, ...] = ()


@transaction.atomic
def join_subjects(
    *,
    actor: Actor,
    year: CampaignYear,
    subject_ids: Iterable[int],
    now: datetime,
    backfilled: bool = False,
) -> JoinOutcome:
    """Mark subjects as taking part in the year; one that does already is left as it is. One audit entry.

    Raises NotAllowed when a subject belongs to another district, DomainError when one is no longer active.
    """
    if actor.role not in CHOOSERS:
        raise NotAllowed()
    ids = set(subject_ids)
    if not ids:
        raise DomainError("请先勾选参与创建的企业，或选“符合条件的全部”。", code="nothing_chosen")
    rows: dict[int, int] = {}
    listed = sorted(ids)
    for start in range(0, len(listed), _BATCH):
        found = Subject.objects.visible_to(actor).filter(
            pk__in=listed[start : start + _BATCH], state=SubjectState.ACTIVE
        )
        rows.update(found.values_list("pk", "managing_organization_id"))
    if len(rows) != len(ids):
        raise NotAllowed("所选对象中有不归本单位管理或已不在册的，请刷新列表后重新勾选。")
    if not all(may_act_for(actor, CHOOSERS, organization) for organization in set(rows.values())):
        raise NotAllowed("只能登记本区（市）的参与创建情况。")
    _guard(actor, year, rows.values(), f"登记参与创建{len(rows)}户", now)
    before = Participation.objects.filter(year=year).count()
    Participation.objects.bulk_create(
        (
            Participation(
                subject_id=pk, year=year, organization_id=organization, joined_at=now, backfilled=backfilled
            )
            for pk, organization in rows.items()
        ),
        batch_size=_BATCH,
        ignore_conflicts=True,
    )
    joined = Participation.objects.filter(year=year).count() - before
    if joined:
        record_audit(
            actor=actor,
            at=now,
            action="登记参与创建",
            kind="Participation",
            object_id=year.pk,
            label=f"{year}参与创建",
            changes={"joined": [0, joined]},
        )
    return JoinOutcome(joined, len(rows) - joined)


def _guard(actor: Actor, year: CampaignYear, organizations: Iterable[int], what: str, now: datetime) -> None:
    guard_years(
        actor=actor,
        places=[(year.pk, organization) for organization in organizations],
        area=CorrectionArea.ROSTER,
        now=now,
        what=what,
    )


def join_pasted(*, actor: Actor, year: CampaignYear, text: str, now: datetime) -> JoinOutcome:
    """Mark the subjects named by pasted lines (names or credit codes); what is not found comes back by line."""
    matches = match_lines(Subject.objects.visible_to(actor), text)
    if not matches:
        raise DomainError("请先粘贴企业名称或信用代码，每行一家。", code="nothing_pasted", field="text")
    found = {match.subject.pk for match in matches if match.subject is not None}
    unmatched = tuple(match for match in matches if match.subject is None)
    if not found:
        return JoinOutcome(0, 0, unmatched)
    outcome = join_subjects(actor=actor, year=year, subject_ids=found, now=now)
    return JoinOutcome(outcome.joined, outcome.already, unmatched)


@transaction.atomic
def leave_campaign(
    *, actor: Actor, year: CampaignYear, subject_ids: Iterable[int], reason: str, now: datetime
) -> int:
    """Take the mark of subjects back (entered by mistake). Those on the year's roster stay: they take part.

    The reason has at least 5 characters. Returns how many were taken back.
    """
    cleaned = clean_change_reason(reason, "取消参与的")
    rows = Participation.objects.filter(
        year=year, subject_id__in=set(subject_ids), subject__in=Subject.objects.visible_to(actor)
    )
    listed = list(rows.select_related("subject"))
    if not listed:
        raise DomainError("请先勾选要取消参与的企业。", code="nothing_chosen")
    for row in listed:
        if not may_act_for(actor, CHOOSERS, row.subject.managing_organization_id):
            raise NotAllowed("只能登记本区（市）的参与创建情况。")
    kept = (
        Enrollment.objects.filter(year=year, subject_id__in=[row.subject_id for row in listed])
        .exclude(state=EnrollmentState.REMOVED)
        .select_related("subject")
        .first()
    )
    if kept is not None:
        raise DomainError(
            f"“{kept.subject.name}”在{year}培育名单中，应先从名单调出，再取消参与。", code="enrolled"
        )
    _guard(actor, year, [row.organization_id for row in listed], f"取消参与创建{len(listed)}户", now)
    delete_kept(Participation.objects.filter(pk__in=[row.pk for row in listed]), at=now)
    record_audit(
        actor=actor,
        at=now,
        action="取消参与创建",
        kind="Participation",
        object_id=year.pk,
        label=f"{year}参与创建",
        changes={"subjects": [shortened("、".join(row.subject.name for row in listed), 2000), ""]},
        reason=cleaned,
    )
    return len(listed)
