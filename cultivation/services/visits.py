"""指导服务: recorded once, joined by others, followed up (notice 三（二）1–2: C051, C073)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from cultivation.ledgers.instructors import ServingInstructor, serving_instructor
from cultivation.ledgers.visits import VISITS
from cultivation.models import GuidanceVisit, Subject, VisitParticipant
from cultivation.rules.participants import Participant, participants_line, with_employer
from cultivation.services.ledgers import create_record, guard_ledger, refuse_change
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import MemberUnit, User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

LONGEST_WORDS = 300


@dataclass(frozen=True)
class Attendee:
    """Somebody from the offices' side: a unit, a person with or without account, or both."""

    unit: MemberUnit | None = None
    user: User | None = None
    name: str = ""

    @property
    def participant(self) -> Participant:
        name = self.name or (self.user.full_name if self.user is not None else "")
        return Participant(self.unit.name if self.unit is not None else "", name)


def myself(actor: Actor) -> Attendee:
    return Attendee(actor.capacity.member_unit, actor.user)


def as_instructor(actor: Actor, unit: MemberUnit | None, employer: str = "") -> Attendee:
    """The actor with the unit served for; an employer that is no member unit stands before the name, where it fits."""
    name = actor.user.full_name
    return Attendee(unit, actor.user, name if unit is not None else with_employer(employer, name))


def _office_words(actor: Actor) -> str:
    """Where somebody without a member unit comes from, so that the name is not read as a unit's before it."""
    place = actor.organization.name if actor.organization is not None else ""
    return f"{place}三方办公室" if actor.role in {Role.CITY_OFFICE, Role.DISTRICT_OFFICE} else place


def joining(actor: Actor, instructor: ServingInstructor | None) -> Attendee:
    """The actor on somebody else's line: as instructor, with the member unit, or with the office."""
    if instructor is not None:
        return as_instructor(actor, instructor.unit, instructor.employer)
    me = myself(actor)
    if me.unit is not None:
        return me
    return Attendee(None, actor.user, with_employer(_office_words(actor), actor.user.full_name))


@transaction.atomic
def record_visit(
    *,
    actor: Actor,
    subject: Subject,
    values: Mapping[str, Any],
    attendees: Iterable[Attendee],
    now: datetime,
    indicator_codes: Sequence[str] = (),
    backfilled: bool = False,
    source_document: str = "",
    confirm_warnings: bool = False,
) -> GuidanceVisit:
    """One visit with everybody who took part; counts once. `values`: happened_on, mode, purpose, topic, and more columns.

    Raises RecordRefused (a future day, no topic), NeedsConfirmation (same subject and day, outside the pairing),
    NotAllowed. A follow-up is the recorder's own promise until somebody takes it over.
    """
    people = {attendee.participant: attendee for attendee in attendees if str(attendee.participant)}
    if not people:
        raise DomainError("请至少写一个参加单位或人员。", code="participants", field="participant_words")
    visit: GuidanceVisit = create_record(
        actor=actor,
        ledger=VISITS,
        values={**values, "subject": subject, "participant_words": participants_line(people)},
        now=now,
        backfilled=backfilled,
        source_document=source_document,
        confirm_warnings=confirm_warnings,
    )
    for row in visit.participants.select_related("unit"):
        attendee = people.get(Participant(row.unit.name if row.unit else "", row.name))
        if attendee is None or attendee.user is None:
            continue
        if not visit.participants.filter(user=attendee.user).exists():
            VisitParticipant.objects.filter(pk=row.pk).update(user=attendee.user)
    promised = actor.user if visit.follow_up_due is not None and not backfilled else None
    GuidanceVisit.objects.filter(pk=visit.pk).update(
        indicator_codes=list(indicator_codes), follow_up_by=promised, updated_at=now
    )
    visit.refresh_from_db()
    return visit


@transaction.atomic
def join_visit(*, actor: Actor, visit: GuidanceVisit, now: datetime) -> GuidanceVisit:
    """Take part in a visit somebody else recorded, instead of recording it twice. Joining again changes nothing.

    With an instructor the visit is one an instructor took part in.

    Raises NotAllowed for a role that records no visits, ConflictError for a removed visit.
    """
    if actor.role not in VISITS.keepers:
        raise NotAllowed("您当前的身份不能登记指导服务。")
    locked: GuidanceVisit | None = (
        GuidanceVisit.objects.select_for_update(of=("self",)).live().filter(pk=visit.pk).first()
    )
    if locked is None:
        raise ConflictError("这条指导服务刚刚已被删除，请重新登记。")
    if locked.participants.filter(user=actor.user).exists():
        return locked
    instructor = serving_instructor(actor, shanghai_date(now))
    guard_ledger(actor=actor, ledger=VISITS, records=[locked], now=now, what=f"加入指导服务：{locked}")
    me = joining(actor, instructor)
    changes: dict[str, list[Any]] = {}
    names = {me.participant.name, actor.user.full_name}
    listed = locked.participants.filter(user=None, unit=me.unit, name__in=names).order_by("id").first()
    if listed is not None:
        locked.participants.filter(pk=listed.pk).update(user=me.user)
    else:
        VisitParticipant.objects.create(visit=locked, unit=me.unit, user=me.user, name=me.participant.name)
        # 「甲单位 张三、李四」 would make 李四 one of 甲单位.
        between = "、" if me.unit is not None else "；"
        words = between.join(part for part in (locked.participant_words, str(me.participant)) if part)
        if len(words) > LONGEST_WORDS:
            raise DomainError("参加人员已满（合计不超过 300 字），请在记录中精简后再加入。", code="too_many")
        changes["participant_words"] = [locked.participant_words, words]
    if instructor is not None and not locked.by_instructor:
        changes["by_instructor"] = [False, True]
    if not changes:
        return locked
    GuidanceVisit.objects.filter(pk=locked.pk).update(
        **{key: new for key, (_, new) in changes.items()},
        version=F("version") + 1,
        updated_at=now,
        updated_by=actor.user,
    )
    record_audit(
        actor=actor,
        at=now,
        action="加入指导服务",
        kind=VISITS.kind,
        object_id=locked.pk,
        label=str(locked),
        changes=changes,
    )
    locked.refresh_from_db()
    return locked


@transaction.atomic
def complete_follow_up(
    *, actor: Actor, visit: GuidanceVisit, done_on: date, note: str, now: datetime
) -> GuidanceVisit:
    """The promised follow-up was done, with what came of it (at least 2 characters). Raises DomainError, ConflictError.

    Whose promise it is, and whoever may change the record, may do so.
    """
    note = note.strip()
    if visit.follow_up_by_id != actor.user.pk and (refused := refuse_change(actor, VISITS, visit)):
        raise NotAllowed(refused)
    if visit.follow_up_due is None:
        raise DomainError("这次服务没有约定跟进。", code="no_follow_up")
    if len(note) < 2:
        raise DomainError("请写明跟进情况，如“已补签12份劳动合同”。", code="note", field="follow_up_note")
    if len(note) > LONGEST_WORDS:
        raise DomainError(f"跟进情况最多 300 个字，现有 {len(note)} 个字，请删减。", field="follow_up_note")
    if done_on < visit.happened_on:
        raise DomainError(
            f"完成日期 {done_on} 早于服务日期 {visit.happened_on}，请核对。", field="follow_up_done_on"
        )
    if done_on > shanghai_date(now):
        raise DomainError(f"完成日期 {done_on} 还没有到，请核对。", field="follow_up_done_on")
    updated = (
        GuidanceVisit.objects.live()
        .filter(pk=visit.pk, follow_up_done_on__isnull=True)
        .update(
            follow_up_done_on=done_on,
            follow_up_note=note,
            version=F("version") + 1,
            updated_at=now,
            updated_by=actor.user,
        )
    )
    if not updated:
        by = GuidanceVisit.objects.values_list("updated_by_id", flat=True).get(pk=visit.pk)
        raise ConflictError(f"{changed_since('这项跟进', actor.user.pk, by, '办结')}，请刷新页面查看。")
    record_audit(
        actor=actor,
        at=now,
        action="办结跟进",
        kind=VISITS.kind,
        object_id=visit.pk,
        label=str(visit),
        changes={"follow_up_done_on": [None, str(done_on)], "follow_up_note": ["", note]},
    )
    visit.refresh_from_db()
    return visit
