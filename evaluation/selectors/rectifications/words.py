"""What is said of a rectification on its page, in its notices and on its papers: one source."""

from __future__ import annotations

from datetime import date

from cultivation.selectors.work_days import working_day_note
from evaluation.enums import RectificationState
from evaluation.models import LetterReceipt, Rectification, RectificationRecheck, TeamMember
from evaluation.selectors.letters import people_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.clock import SHANGHAI

_S = RectificationState
# Of an order whose finding came from no check.
BASIS = "枣人社字〔2023〕34号三（四）2、3"


def last_recheck(record: Rectification) -> RectificationRecheck | None:
    """Of what was handed in last; None while that waits. A re-check of an earlier handing in is history."""
    if record.submitted_at is None:
        return None
    return record.rechecks.filter(checked_at__gte=record.submitted_at).order_by("-id").first()


def state_words(record: Rectification) -> str:
    """The row as it stands, in one or two sentences."""
    if record.state == _S.DRAFTED:
        return "起草中，尚未下达。"
    if record.state == _S.WITHDRAWN:
        return f"整改通知书已撤销：{record.withdrawal}"
    if record.state == _S.CLOSED and record.closed_at is not None:
        return f"复查通过，已于{record.closed_at.astimezone(SHANGHAI):%Y-%m-%d}销号。"
    until = f"{record.due_on:%Y-%m-%d}" if record.due_on else ""
    if record.state == _S.IN_PROGRESS:
        return f"整改中，期限至{until}，完成后报送复查。"
    found = last_recheck(record)
    if record.state == _S.NOT_PASSED:
        return f"复查未通过：{found.words if found else ''} 请继续整改，期限至{until}，完成后再次报送复查。"
    return "复查通过，等待销号。" if found is not None and found.passed else "已报送，等待复查。"


def order_sections(record: Rectification) -> list[tuple[str, str]]:
    """Heading and words of the 整改通知书, for its letter and its paper."""
    finding = record.finding
    found = [finding.facts]
    if finding.evidence_of is not None:
        found.append(f"佐证所属日期：{finding.evidence_of:%Y-%m-%d}")
    if finding.recurrence_of is not None:
        found.append(f"该问题再次出现，上次为{finding.recurrence_of.number}。")
    basis = BASIS
    if finding.check_record is not None:
        basis = f"{finding.check_record.round.basis}；{finding.check_record.round.title}，检查编号{finding.check_record.number}"
    term = f"{record.term_days}个工作日"
    if record.due_on is not None:
        note = working_day_note(record.due_on)
        term = f"{term}，至{record.due_on:%Y-%m-%d}" + (f"（{note}）" if note else "")
    return [
        ("依据", basis),
        ("发现的问题", finding.title),
        ("事实", "\n".join(found)),
        ("条款或指标", finding.clause),
        ("整改要求", record.requirement),
        ("销号标准", record.criterion),
        ("整改期限", term),
        ("逾期后果", record.consequence),
        ("报送方式", record.reporting_way),
    ]


def nameable_people(actor: Actor, record: Rectification, on: date) -> list[User]:
    """Whom this person may name 整改责任人: a contact of a subject its contacts, a district also its own people."""
    if actor.role != Role.SUBJECT_CONTACT:
        return unit_people(record, on)
    return people_of(
        [LetterReceipt(organization_id=record.organization_id, subject_id=record.subject_id)], on
    )


def unit_people(record: Rectification, on: date) -> list[User]:
    """Who acts for the unit: the district's offices, for a subject its contacts too."""
    district = LetterReceipt(organization_id=record.organization_id)
    subject = LetterReceipt(organization_id=record.organization_id, subject_id=record.subject_id)
    return people_of([district, subject] if record.subject_id else [district], on)


def leading_inspectors(record: Rectification) -> list[User]:
    """The 主检 of the check it came from, where he has an account."""
    if record.finding.check_record_id is None:
        return []
    led = TeamMember.objects.filter(
        check_record_id=record.finding.check_record_id, until_at__isnull=True, lead=True
    )
    users = (row.inspector.user for row in led.select_related("inspector__user"))
    return [user for user in users if user is not None]
