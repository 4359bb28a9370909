"""Findings of the demo city's checks ordered to be mended: issued, mended, re-checked by another, closed, or overdue."""

from __future__ import annotations

from datetime import date, datetime

from evaluation.models import Finding, LetterReceipt, Rectification
from evaluation.services.letters import receive_letter, receive_on_paper
from evaluation.services.rectifications.asks import ask_extension, decide_extension
from evaluation.services.rectifications.mending import (
    MeasureEntry,
    add_measure,
    close_rectification,
    recheck_rectification,
    submit_rectification,
)
from evaluation.services.rectifications.orders import (
    ABOUT,
    OrderEntry,
    draft_rectification,
    issue_rectification,
)
from reporting.demo.people import People, contact_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import shanghai_date


def order(people: People, finding: Finding, now: datetime, *, term_days: int = 15) -> Rectification:
    """Drafted and issued in one go; the unit signs for it the day after (a subject on paper)."""
    drafted = draft_rectification(
        actor=people.city,
        finding=finding,
        entry=OrderEntry(
            requirement=f"对照“{finding.title}”补齐资料、健全制度，明确责任人，防止再次发生。",
            criterion="有书面制度或记录，写明责任人和日期，现场抽查3份以上均符合。",
            consequence="逾期未整改的，列入市级年度报告，并在下一年度抽查中列为必查。",
            term_days=term_days,
            reporting_way="在本系统登记措施和佐证后报送复查，或书面送市三方委员会办公室。",
        ),
        now=now,
    )
    return issue_rectification(actor=people.city, rectification=drafted, now=now)


def sign_for_order(people: People, record: Rectification, now: datetime) -> None:
    receipt = LetterReceipt.objects.get(letter__about_kind=ABOUT, letter__about_id=record.pk)
    if record.subject_id is None:
        office = people.offices[record.organization.code]
        receive_letter(actor=office, receipt=receipt, receiver_name="三方委员会办公室", now=now)
    else:
        receive_on_paper(
            actor=people.city,
            receipt=receipt,
            receiver_name="单位负责人",
            received_on=shanghai_date(now),
            now=now,
        )


def _unit(people: People, record: Rectification, now: datetime) -> Actor:
    return contact_of(record.subject, now=now) if record.subject else people.offices[record.organization.code]


def extend(people: People, record: Rectification, until: date, asked: datetime, granted: datetime) -> None:
    """申请延期, and the office agrees."""
    asking = ask_extension(
        actor=_unit(people, record, asked),
        rectification=record,
        until=until,
        reason="制度修订须经会议审议，会议安排在下月上旬。",
        now=asked,
    )
    decide_extension(
        actor=people.city, extension=asking, granted=True, decision="理由充分，同意延期。", now=granted
    )
    record.refresh_from_db()


def mend(people: People, record: Rectification, now: datetime) -> Rectification:
    """A measure carried out, with person and date, and handed in for the re-check."""
    unit, day = _unit(people, record, now), shanghai_date(now)
    entry = MeasureEntry(
        words="补齐缺少的记录，修订工作制度，对经办人员作一次培训。",
        person="分管负责人",
        due_on=day,
        result="记录已补齐，制度已印发，培训有签到。",
        done_on=day,
        evidence_of=day,
    )
    add_measure(actor=unit, rectification=record, entry=entry, now=now)
    return submit_rectification(actor=unit, rectification=record, now=now)


def recheck_and_close(people: People, other: Actor, record: Rectification, now: datetime) -> None:
    """复查 by another than who mended, then 销号 by the office."""
    recheck_rectification(
        actor=other,
        rectification=record,
        passed=True,
        way="查阅补报材料并实地抽查",
        words="抽查3份，均符合销号标准。",
        checked_on=shanghai_date(now),
        now=now,
    )
    close_rectification(actor=people.city, rectification=record, now=now)
