"""Undo of an import into the register: delete what it created, put back what it changed, as far as untouched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from cultivation.models import Subject, SubjectProfile
from cultivation.services.imports_kinds import UndoOutcome
from cultivation.services.imports_write import blank_of, save_profiles, save_subjects, set_names
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.bulk import key_set


def undo_register(log: Mapping[str, Any], *, actor: Actor, now: datetime) -> UndoOutcome:
    """A row edited since (another version) or in use elsewhere (a roster, an assessment) stays and is named."""
    outcome = UndoOutcome()
    outcome.deleted = _delete_created(log.get("created", []), now, outcome)
    outcome.restored = _restore_changed(log.get("changed", []), actor, now, outcome)
    return outcome


def _delete_created(ids: list[int], now: datetime, outcome: UndoOutcome) -> int:
    living = {
        pk: (version, name)
        for pk, version, name in Subject.objects.select_for_update()
        .filter(pk__in=key_set(ids))
        .order_by("pk")
        .values_list("pk", "version", "name")
    }
    used = _ids_in_use(living)
    free = []
    for pk, (version, name) in living.items():
        if version != 1:
            outcome.keep(name, "导入后已被修改")
        elif pk in used:
            outcome.keep(name, "已在培育名单、自评或其他记录中使用")
        else:
            free.append(pk)
    if free:
        doomed = key_set(free)
        Subject.objects.filter(pk__in=doomed).update(updated_at=now)  # what they held is kept with its end
        SubjectProfile.objects.filter(subject_id__in=doomed)._raw_delete("default")
        Subject.objects.filter(pk__in=doomed)._raw_delete("default")
    return len(free)


def _ids_in_use(ids: Iterable[int]) -> set[int]:
    """Subjects some other row points to, whatever app it belongs to. Statements: one for each such relation."""
    used: set[int] = set()
    wanted = list(ids)
    for relation in Subject._meta.related_objects:
        model: type[models.Model] = relation.related_model
        if model is SubjectProfile:
            continue
        column = relation.field.attname if not relation.many_to_many else relation.field.name
        used.update(
            model._default_manager.filter(**{f"{column}__in": key_set(wanted)}).values_list(column, flat=True)
        )
    return used


def _restore_changed(log: list[list[Any]], actor: Actor, now: datetime, outcome: UndoOutcome) -> int:
    subjects = {
        subject.pk: subject
        for subject in Subject.objects.select_for_update(no_key=True)
        .filter(pk__in=key_set([entry[0] for entry in log]))
        .order_by("pk")
    }
    profiles = {profile.pk: profile for profile in SubjectProfile.objects.filter(pk__in=key_set(subjects))}
    restored = []
    touched: dict[int, SubjectProfile] = {}
    for pk, version, old in log:
        subject = subjects.get(pk)
        if subject is None:
            continue
        if subject.version != version:
            outcome.keep(subject.name, "导入后已被修改")
            continue
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
    return len(restored)


def _stored(column: str, value: Any) -> Any:
    if value is None:
        return blank_of(column)
    if column == "established_on":
        return date.fromisoformat(value)
    return Decimal(value) if column in ("annual_revenue", "total_assets") else value
