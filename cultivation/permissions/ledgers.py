"""Who may read, enter and change the rows of a ledger. Which rows one sees at all is `visible_to` of the model."""

from __future__ import annotations

from collections.abc import Collection

from cultivation.models import Record, Subject
from cultivation.models.subjects import served_by
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role

# Who sees a part of a district only: what a row names may lie outside of it.
NARROW_READERS = frozenset({Role.TOWNSHIP_STAFF, Role.INSTRUCTOR, Role.SUBJECT_CONTACT})


def refuse_entry(actor: Actor, keepers: Collection[str], noun: str) -> str:
    """Why the actor may not enter rows of a ledger kept by `keepers`, or ""."""
    if actor.role not in keepers or actor.organization is None:
        return f"您当前的身份不能登记{noun}。"
    if not actor.is_city and actor.district is None:
        return f"您当前的身份不能登记{noun}：没有所在区（市）。"
    return ""


def refuse_record_change(actor: Actor, keepers: Collection[str], noun: str, record: Record) -> str:
    """Why the actor may not change this row, or "".

    City keepers change every row, districts their own district's, townships and parks their own place's; an
    instructor the rows of its own hand and those of the subjects it is paired with or assigned to.
    """
    refused = refuse_entry(actor, keepers, noun)
    if refused or actor.is_city:
        return refused
    if actor.role == Role.TOWNSHIP_STAFF:
        own = actor.organization is not None and record.township_id == actor.organization.pk
        return "" if own else "只能维护本乡镇（街道）、园区的记录。"
    if actor.district is None or record.organization_id != actor.district.pk:
        return "只能维护本区（市）的记录。"
    if actor.role == Role.INSTRUCTOR and record.created_by_id != actor.user.pk:
        subject_id: int | None = getattr(record, "subject_id", None)
        served = Subject.objects.filter(pk=subject_id).filter(pk__in=served_by(actor))
        if subject_id is None or not served.exists():
            return "指导员、协调员只能维护自己录入的，或者自己结对、联系的对象的记录。"
    return ""
