"""A check on site: a round, a drawn subject with its item sample, a team of two with one account and one on paper."""

from __future__ import annotations

from datetime import date
from typing import Any

from cultivation.models import Subject
from evaluation.enums import ChecklistState, CheckState, ItemReason, LineKind, Selection
from evaluation.models import (
    Assessment,
    CheckLine,
    InspectionChecklist,
    Inspector,
    SpotCheck,
    SpotCheckRound,
    TeamMember,
)
from tests.factories import make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock


def make_checklist() -> InspectionChecklist:
    found = InspectionChecklist.objects.filter(code="site-test").first()
    return found or InspectionChecklist.objects.create(
        code="site-test",
        version="1",
        title="落实情况检查表",
        source="测试",
        state=ChecklistState.PUBLISHED,
        lines=[],
        content_hash="0" * 64,
        loaded_at=clock.now(),
        published_at=clock.now(),
    )


def make_site_round(year: int = 2026, **fields: Any) -> SpotCheckRound:
    """A drawn round, by update of nothing but its dates."""
    now = clock.now()
    batch = 100 + SpotCheckRound.objects.count()
    values: dict[str, Any] = {
        "title": f"{year}年度抽查第{batch}批",
        "state": "DRAWN",
        "basis": "通知",
        "period_from": date(year, 11, 1),
        "period_to": date(year, 11, 30),
        "ends_on": date(year, 11, 30),
        "checklist": make_checklist(),
        "population_sha256": "0" * 64,
        "frozen_at": now,
        "seed": f"{year}{batch:020d}",
        "drawn_at": now,
        "created_at": now,
        **fields,
    }
    return SpotCheckRound.objects.create(year=make_year(year), batch=batch, **values)


def _city() -> Organization:
    return Organization.objects.filter(level=Level.CITY).first() or make_organization(Level.CITY)


def make_site_inspector(actor: Actor | None = None, *, name: str = "纸质签字人") -> Inspector:
    number = f"J{Inspector.objects.count() + 1:04d}"
    return Inspector.objects.create(
        name=actor.user.full_name if actor else name,
        staff_number=number,
        party=MemberUnitKind.values[0],
        organization=_city(),
        unit_name="市总工会",
        user=actor.user if actor else None,
        active_from=date(2026, 1, 1),
        created_at=clock.now(),
    )


def make_site_check(
    lead: Actor,
    *others: Actor | None,
    subject: Subject | None = None,
    assessment: Assessment | None = None,
    codes: tuple[str, ...] = (),
    state: str = CheckState.NOTIFIED,
    round: SpotCheckRound | None = None,
) -> SpotCheck:
    """`lead` is 主检; None among `others` is an inspector without an account."""
    now = clock.now()
    subject = assessment.subject if assessment else subject or make_subject()
    round = round or make_site_round()
    check = SpotCheck.objects.create(
        round=round,
        number=f"CC-{SpotCheck.objects.count() + 1:05d}",
        kind="SUBJECT",
        organization=subject.managing_organization,
        subject=subject,
        code=f"C{subject.pk}",
        name=subject.name,
        selection=Selection.CLASS,
        state=state,
        assessment=assessment,
        notified_at=now,
        updated_at=now,
    )
    for position, one in enumerate((lead, *others)):
        TeamMember.objects.create(
            check_record=check, inspector=_inspector_of(one), lead=not position, from_at=now
        )
    for position, code in enumerate(codes or ("D02-01", "D02-02", "D02-03"), start=1):
        CheckLine.objects.create(
            check_record=check,
            kind=LineKind.INDICATOR,
            code=code,
            position=position,
            title=f"检查事项{position}",
            item_reason=ItemReason.AFFIRMED,
            facts=[["职工人数", "320", ""]],
        )
    return check


def _inspector_of(actor: Actor | None) -> Inspector:
    found = Inspector.objects.filter(user=actor.user).first() if actor else None
    return found or make_site_inspector(actor)
