"""Undo of an import into the register: delete what it created, put back what it changed, as far as untouched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cultivation.models import Subject, SubjectProfile
from cultivation.services.imports_kinds import UndoOutcome
from cultivation.services.imports_undo_rule import TOUCHED, free_to_delete, told
from cultivation.services.imports_write import blank_of, save_profiles, save_subjects, set_names
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audits
from zaozhuang_portal.kernel.bulk import key_set


def undo_register(log: Mapping[str, Any], *, actor: Actor, now: datetime) -> UndoOutcome:
    """A row edited since (another version), in use elsewhere (a roster, an assessment) or with files stays and is named.

    What is deleted or put back stands in the audit log, each row with its values.
    """
    outcome = UndoOutcome()
    outcome.deleted = _delete_created(log.get("created", []), actor, now, outcome)
    outcome.restored = _restore_changed(log.get("changed", []), actor, now, outcome)
    return outcome


def _delete_created(ids: list[int], actor: Actor, now: datetime, outcome: UndoOutcome) -> int:
    rows = Subject.objects.select_for_update().filter(pk__in=key_set(ids)).order_by("pk")
    living = {subject.pk: subject for subject in rows}
    free = free_to_delete(Subject, living, outcome, in_use="已在培育名单、自评或其他记录中使用")
    if free:
        record_audits(
            actor=actor,
            at=now,
            action="撤销导入，删除培育对象",
            kind="Subject",
            items=((subject.pk, subject.name, {}) for subject in free),
        )
        doomed = key_set([subject.pk for subject in free])
        Subject.objects.filter(pk__in=doomed).update(updated_at=now)  # what they held is kept with its end
        SubjectProfile.objects.filter(subject_id__in=doomed)._raw_delete("default")
        Subject.objects.filter(pk__in=doomed)._raw_delete("default")
    return len(free)


def _restore_changed(log: list[list[Any]], actor: Actor, now: datetime, outcome: UndoOutcome) -> int:
    subjects = {
        subject.pk: subject
        for subject in Subject.objects.select_for_update(no_key=True)
        .filter(pk__in=key_set([entry[0] for entry in log]))
        .order_by("pk")
    }
    profiles = {profile.pk: profile for profile in SubjectProfile.objects.filter(pk__in=key_set(subjects))}
    restored = []
    changes: dict[int, dict[str, list[Any]]] = {}
    touched: dict[int, SubjectProfile] = {}
    for pk, version, old in log:
        subject = subjects.get(pk)
        if subject is None:
            continue
        if subject.version != version:
            outcome.keep(subject.name, TOUCHED)
            continue
        changes[pk] = {
            column: [told(_held(subject, profiles.get(pk), column)), value] for column, value in old.items()
        }
        for column, value in old.items():
            if column == "township":
                subject.township_id = value
            elif hasattr(subject, column):
                setattr(subject, column, blank_of(column) if value is None else value)
            elif pk in profiles:
                setattr(profiles[pk], column, _stored(column, value))
                touched[pk] = profiles[pk]
        if "name" in old:
            set_names(subject)
        subject.version += 1
        subject.updated_at = now
        subject.updated_by = actor.user
        restored.append(subject)
    save_subjects(restored)
    save_profiles(list(touched.values()))
    record_audits(
        actor=actor,
        at=now,
        action="撤销导入，恢复培育对象",
        kind="Subject",
        items=((subject.pk, subject.name, changes[subject.pk]) for subject in restored),
    )
    return len(restored)


def _held(subject: Subject, profile: SubjectProfile | None, column: str) -> Any:
    """What a column holds before it is put back; a place by its key, as the log keeps it."""
    if column == "township":
        return subject.township_id
    return getattr(subject, column) if hasattr(subject, column) else getattr(profile, column, None)


def _stored(column: str, value: Any) -> Any:
    if value is None:
        return blank_of(column)
    if column == "established_on":
        return date.fromisoformat(value)
    return Decimal(value) if column in ("annual_revenue", "total_assets") else value
