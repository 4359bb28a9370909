"""Findings and rectifications for tests, by the services, in whatever state is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from cultivation.models import Subject
from evaluation.enums import FindingSource, RectificationState, Severity
from evaluation.models import Finding, Rectification, RectificationMeasure
from evaluation.services.rectifications.findings import FindingEntry, record_finding
from evaluation.services.rectifications.mending import (
    MeasureEntry,
    add_measure,
    close_rectification,
    recheck_rectification,
    submit_rectification,
)
from evaluation.services.rectifications.orders import (
    OrderEntry,
    draft_rectification,
    issue_rectification,
    withdraw_rectification,
)
from tests.factories import make_actor, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization

NOW = datetime(2026, 11, 5, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 5)
S = RectificationState
Unit = Organization | Subject


def make_finding(office: Actor, unit: Unit, *, year: int = 2026, now: datetime = NOW, **more: Any) -> Finding:
    fields: dict[str, Any] = {
        "source": FindingSource.COMPLAINT,
        "source_note": "来信",
        "clause": "DC02",
        "title": "未设专门小组",
        "facts": "没有成立文件。",
        "severity": Severity.MINOR,
        "found_on": TODAY,
    }
    entry = FindingEntry(**(fields | more))
    return record_finding(actor=office, year=make_year(year), unit=unit, entry=entry, now=now)


def make_order(
    office: Actor, unit: Unit, *, finding: Finding | None = None, now: datetime = NOW, **more: Any
) -> Rectification:
    """待下达."""
    entry = OrderEntry("成立小组并发文", "有文件和名单", "通报", 10)
    return draft_rectification(
        actor=office, finding=finding or make_finding(office, unit, now=now, **more), entry=entry, now=now
    )


def issued(office: Actor, unit: Unit, *, now: datetime = NOW, **more: Any) -> Rectification:
    """整改中."""
    return issue_rectification(actor=office, rectification=make_order(office, unit, now=now, **more), now=now)


def make_measure(
    actor: Actor, record: Rectification, *, done: bool = True, now: datetime = NOW
) -> RectificationMeasure:
    entry = MeasureEntry("发文", "王五", TODAY)
    if done:
        entry = replace(entry, done_on=TODAY, result="已发文")
    return add_measure(actor=actor, rectification=record, entry=entry, now=now)


def mend(unit: Actor, record: Rectification, *, now: datetime = NOW) -> Rectification:
    """待复查."""
    make_measure(unit, record, now=now)
    return submit_rectification(actor=unit, rectification=record, now=now)


def recheck(actor: Actor, record: Rectification, passed: bool = True, *, now: datetime = NOW) -> None:
    recheck_rectification(
        actor=actor,
        rectification=record,
        passed=passed,
        way="查阅材料",
        words="已查",
        checked_on=TODAY,
        now=now,
    )


def in_state(state: str, office: Actor, unit: Unit, mender: Actor, **more: Any) -> Rectification:
    """A rectification of `unit` in `state`; `mender` acts for the unit, another of the city office re-checks."""
    if state == S.DRAFTED:
        return make_order(office, unit, **more)
    record = issued(office, unit, **more)
    if state == S.WITHDRAWN:
        return withdraw_rectification(
            actor=office, rectification=record, reason="事实认定有误。", now=more.get("now", NOW)
        )
    if state == S.IN_PROGRESS:
        return record
    record = mend(mender, record)
    if state == S.NOT_PASSED:
        recheck(make_actor(Role.CITY_OFFICE), record, passed=False)
    if state == S.CLOSED:
        recheck(make_actor(Role.CITY_OFFICE), record)
        close_rectification(actor=office, rectification=record, now=NOW)
    record.refresh_from_db()
    return record
