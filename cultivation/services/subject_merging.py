"""合并 of two records of one firm: everything that hangs on the duplicate moves to the record that stays.

What may stand only once (a year's enrollment, a year's self-assessment) and stands on both stays with the duplicate and
is named in the receipt, so that a count that changes can be explained.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q

from cultivation.enums import EnrollmentState, MergeCodes, PairingRole, SubjectEvent, SubjectState
from cultivation.models import (
    Enrollment,
    Pairing,
    Participation,
    Subject,
    SubjectContact,
    SubjectHistory,
    SubjectProfile,
    SubjectTransfer,
    TrainingAttendance,
)
from cultivation.services.rosters import remove_from_roster
from cultivation.services.subject_lives import clean_reason, may_live, write_history
from cultivation.services.subjects import PROFILE_FIELDS, check_keeper
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.row_versions import delete_kept
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import shortened
from zaozhuang_portal.operations.models import Attachment

# Told apart by their own rule, or staying with the record they tell of.
_NOT_MOVED = frozenset(
    {Subject, SubjectProfile, SubjectHistory, SubjectTransfer, Participation, TrainingAttendance}
)
_FILLED_FROM_DUPLICATE = (
    "credit_code_note",
    "industry_code",
    "ownership",
    "employee_count",
    "size_class",
    "contact_name",
    "contact_phone",
    "township",
)


@dataclass
class MergeReceipt:
    """What went where: (words, number) pairs."""

    moved: list[tuple[str, int]] = field(default_factory=list)
    kept: list[tuple[str, int]] = field(default_factory=list)

    def sentence(self) -> str:
        moved = "、".join(f"{word}{number}条" for word, number in self.moved) or "无"
        kept = "、".join(f"{word}{number}条" for word, number in self.kept)
        return f"已转入：{moved}。" + (f"因两边都有而留在原档案：{kept}。" if kept else "")


def codes_differ(heir: Subject, duplicate: Subject) -> bool:
    """Both have a credit code and it is not the same: probably two legal persons."""
    return bool(heir.credit_code and duplicate.credit_code and heir.credit_code != duplicate.credit_code)


def codes_question(heir: Subject, duplicate: Subject) -> str:
    return (
        f"两份档案的统一社会信用代码不同：保留的“{heir.name}”为{heir.credit_code}，"
        f"并入的“{duplicate.name}”为{duplicate.credit_code}。代码不同的很可能是两个法人，合并后不能拆分。"
    )


def _codes_answer(heir: Subject, duplicate: Subject, answer: str) -> dict[str, list[str]]:
    """What the audit entry keeps of it. Raises DomainError while the question is not answered."""
    if not codes_differ(heir, duplicate):
        return {}
    if answer not in MergeCodes.values:
        raise DomainError(
            f"{codes_question(heir, duplicate)}请核对营业执照，选择属于哪种情况；确是两家企业的，不要合并。",
            code="codes_differ",
            field="codes_answer",
        )
    return {
        "统一社会信用代码": [str(duplicate.credit_code), str(heir.credit_code)],
        "代码不同的说明": ["", str(MergeCodes(answer).label)],
    }


def check_merge(*, actor: Actor, heir: Subject, duplicate: Subject) -> None:
    """Raises DomainError or NotAllowed when these two may not be merged by this actor."""
    check_keeper(actor, heir.managing_organization)
    check_keeper(actor, duplicate.managing_organization)
    if heir.pk == duplicate.pk:
        raise DomainError("请选择另一份档案；不能与自己合并。", code="same", field="duplicate")
    if heir.kind != duplicate.kind:
        raise DomainError(
            f"“{heir.name}”是{heir.get_kind_display()}，“{duplicate.name}”是{duplicate.get_kind_display()}，"
            "类别不同，不能合并。",
            code="kind",
            field="duplicate",
        )
    may_live(heir)
    if duplicate.state == SubjectState.MERGED:
        raise ConflictError(f"“{duplicate.name}”已经并入其他档案。")
    if duplicate.pilot_year != heir.pilot_year:
        raise DomainError("两个行业试点的年度不同，不能合并。", code="pilot_year", field="duplicate")


@transaction.atomic
def merge_subjects(
    *,
    actor: Actor,
    heir: Subject,
    duplicate: Subject,
    reason: str,
    now: datetime,
    expected_version: int | None = None,
    codes_answer: str = "",
) -> MergeReceipt:
    """Move everything of `duplicate` to `heir` and close the duplicate as 已合并. One transaction; nothing is deleted.

    Blank fields of the heir are filled from the duplicate. `expected_version` is the duplicate's, as it was shown.
    Two different credit codes are probably two legal persons: then `codes_answer` (MergeCodes) says why it is one.
    """
    check_merge(actor=actor, heir=heir, duplicate=duplicate)
    reason = clean_reason(reason, "合并原因")
    # Lock in the order of the keys: two clerks merging the same pair the two ways round must not wait for each other.
    locked = list(Subject.objects.select_for_update().filter(pk__in=[heir.pk, duplicate.pk]).order_by("pk"))
    current = next(row for row in locked if row.pk == duplicate.pk)
    if current.state == SubjectState.MERGED or (expected_version and current.version != expected_version):
        words = changed_since(f"“{duplicate.name}”", actor.user.pk, current.updated_by_id)
        raise ConflictError(f"{words}，请核对后再合并。")
    standing = next(row for row in locked if row.pk == heir.pk)
    answered = _codes_answer(standing, current, codes_answer)
    receipt = MergeReceipt()
    _settle_enrollments(heir, duplicate, actor, now, receipt)
    _settle_participations(heir, duplicate, now, receipt)
    _settle_attendances(heir, duplicate, now, receipt)
    _settle_pairings(heir, duplicate, now, receipt)
    _settle_contacts(heir, duplicate, now)
    for relation in Subject._meta.related_objects:
        if relation.related_model not in _NOT_MOVED and not relation.many_to_many:
            _move_rows(relation, heir, duplicate, now, receipt)
    files = Attachment.objects.filter(owner_kind="Subject", owner_id=duplicate.pk).update(owner_id=heir.pk)
    if files:
        receipt.moved.append(("附件", files))
    SubjectTransfer.objects.filter(subject=duplicate, state="REQUESTED").update(
        state="WITHDRAWN", decided_at=now, decided_by=actor.user, decision_note="对象已合并"
    )
    _fill_blanks(heir, duplicate, actor, now)
    Subject.objects.filter(pk=duplicate.pk).update(
        state=SubjectState.MERGED,
        merged_into=heir,
        version=F("version") + 1,
        updated_at=now,
        updated_by=actor.user,
    )
    for subject, other in ((heir, duplicate), (duplicate, heir)):
        write_history(
            actor=actor,
            subject=subject,
            event=SubjectEvent.MERGED,
            happened_on=shanghai_date(now),
            before=duplicate.name,
            after=heir.name,
            reason=reason,
            now=now,
            merged_subject=other,
        )
    record_audit(
        actor=actor,
        at=now,
        action="合并档案",
        kind="Subject",
        object_id=heir.pk,
        label=heir.name,
        changes={"合并结果": ["", receipt.sentence()], **answered},
        reason=reason,
    )
    heir.refresh_from_db()
    duplicate.refresh_from_db()
    return receipt


def _stamp(model: type[models.Model], now: datetime) -> dict[str, datetime]:
    """The column that says when a row changed, where the model has one: figures of an earlier day need it."""
    names = {field.name for field in model._meta.concrete_fields}
    return {name: now for name in ("updated_at", "changed_at") if name in names}


def _move_rows(
    relation: Any, heir: Subject, duplicate: Subject, now: datetime, receipt: MergeReceipt
) -> None:
    """All rows of one relation at once; where a constraint forbids, one by one, and what cannot move stays."""
    name = relation.field.name
    model: type[models.Model] = relation.related_model
    rows = model._base_manager.filter(**{name: duplicate})
    word = str(model._meta.verbose_name)
    try:
        with transaction.atomic():
            moved = rows.update(**{name: heir}, **_stamp(model, now))
    except IntegrityError:
        moved = 0
        for row in rows:
            try:
                with transaction.atomic():
                    moved += model._base_manager.filter(pk=row.pk).update(
                        **{name: heir}, **_stamp(model, now)
                    )
            except IntegrityError:
                continue
    left = rows.count()
    if moved:
        receipt.moved.append((word, moved))
    if left:
        receipt.kept.append((word, left))


def _settle_enrollments(
    heir: Subject, duplicate: Subject, actor: Actor, now: datetime, receipt: MergeReceipt
) -> None:
    """A year that both are enrolled in counts once: the duplicate's row is taken off the list with its reason."""
    years = set(
        Enrollment.objects.filter(subject=heir)
        .exclude(state=EnrollmentState.REMOVED)
        .values_list("year_id", flat=True)
    )
    # A row that was already removed on the heir's side gives way to the duplicate's living one.
    for row in Enrollment.objects.filter(subject=duplicate).exclude(state=EnrollmentState.REMOVED):
        if row.year_id in years:
            Enrollment.objects.filter(pk=row.pk).update(
                state=EnrollmentState.REMOVED,
                reason=shortened(f"与“{heir.name}”为同一对象，已合并", 200),
                changed_at=now,
            )
            record_audit(
                actor=actor,
                at=now,
                action="调出培育名单",
                kind="Enrollment",
                object_id=row.pk,
                label=str(row),
                changes={"state": [row.state, EnrollmentState.REMOVED.value]},
                reason="对象合并",
            )
            if row.state == EnrollmentState.CONFIRMED:
                merged = f"与“{heir.name}”为同一对象，已合并"
                remove_from_roster(actor=actor, enrollment=row, reason=merged, document_number="", now=now)
        else:
            removed = Enrollment.objects.filter(subject=heir, year_id=row.year_id).first()
            if removed is not None:
                Enrollment.objects.filter(pk=removed.pk).update(
                    state=row.state,
                    is_key=row.is_key,
                    reason="",
                    confirmed_at=row.confirmed_at,
                    changed_at=now,
                )
                Enrollment.objects.filter(pk=row.pk).update(
                    state=EnrollmentState.REMOVED,
                    reason=shortened(f"与“{heir.name}”为同一对象，已合并", 200),
                    changed_at=now,
                )


def _settle_participations(heir: Subject, duplicate: Subject, now: datetime, receipt: MergeReceipt) -> None:
    own = Participation.objects.filter(subject=heir).values("year_id")
    twice = Participation.objects.filter(
        subject=duplicate, year_id__in=list(own.values_list("year_id", flat=True))
    )
    delete_kept(twice, at=now)
    moved = Participation.objects.filter(subject=duplicate).update(subject=heir, changed_at=now)
    if moved:
        receipt.moved.append(("参与创建", moved))


def _settle_attendances(heir: Subject, duplicate: Subject, now: datetime, receipt: MergeReceipt) -> None:
    """Two lines of one session become one with the people of both."""
    moved = 0
    own = {row.training_id: row for row in TrainingAttendance.objects.filter(subject=heir)}
    for row in TrainingAttendance.objects.filter(subject=duplicate):
        mine = own.get(row.training_id)
        if mine is None:
            TrainingAttendance.objects.filter(pk=row.pk).update(subject=heir, changed_at=now)
        else:
            TrainingAttendance.objects.filter(pk=mine.pk).update(
                managers=F("managers") + row.managers, hr=F("hr") + row.hr, changed_at=now
            )
            delete_kept(TrainingAttendance.objects.filter(pk=row.pk), at=now)
        moved += 1
    if moved:
        receipt.moved.append(("参训人次", moved))


def _settle_pairings(heir: Subject, duplicate: Subject, now: datetime, receipt: MergeReceipt) -> None:
    """Two open 主结对 of one subject: the duplicate's becomes 协同."""
    open_lead = Q(role=PairingRole.LEAD, ends_on__isnull=True)
    if Pairing.objects.live().filter(open_lead, subject=heir).exists():
        Pairing.objects.live().filter(open_lead, subject=duplicate).update(
            role=PairingRole.ASSISTING, version=F("version") + 1, updated_at=now
        )


def _settle_contacts(heir: Subject, duplicate: Subject, now: datetime) -> None:
    """Somebody who is contact of both ends as the duplicate's."""
    today = shanghai_date(now)
    both = SubjectContact.objects.filter(subject=heir, valid_to__isnull=True).values_list(
        "user_id", flat=True
    )
    for contact in SubjectContact.objects.filter(
        subject=duplicate, valid_to__isnull=True, user_id__in=list(both)
    ):
        SubjectContact.objects.filter(pk=contact.pk).update(valid_to=max(today, contact.valid_from))


def _fill_blanks(heir: Subject, duplicate: Subject, actor: Actor, now: datetime) -> None:
    values: dict[str, Any] = {}
    for name in _FILLED_FROM_DUPLICATE:
        if name == "township" and heir.managing_organization_id != duplicate.managing_organization_id:
            continue
        mine, other = getattr(heir, name), getattr(duplicate, name)
        if mine in (None, "") and other not in (None, ""):
            values[name] = other
    Subject.objects.filter(pk=heir.pk).update(
        **values, version=F("version") + 1, updated_at=now, updated_by=actor.user
    )
    profile = SubjectProfile.objects.get_or_create(subject=heir)[0]
    source = SubjectProfile.objects.filter(subject=duplicate).first()
    if source is None:
        return
    blanks = {
        name: getattr(source, name)
        for name in PROFILE_FIELDS
        if getattr(profile, name) in (None, "") and getattr(source, name) not in (None, "")
    }
    if blanks:
        SubjectProfile.objects.filter(pk=profile.pk).update(**blanks)
