"""撤销本批: within 24 hours, for every row nobody has touched since; the others are skipped and named (ux E14)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from cultivation.models import ImportBatch, ImportReport, Subject, SubjectProfile
from cultivation.services.imports_write import blank_of, save_profiles, save_subjects, set_names
from cultivation.workflows import IMPORT_WORKFLOW
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.bulk import key_set
from zaozhuang_portal.kernel.errors import DomainError

UNDO_TIME = timedelta(hours=24)
_MOST_NAMED = 200


def may_still_undo(batch: ImportBatch, now: datetime) -> bool:
    return batch.confirmed_at is not None and batch.undone_at is None and now < batch.confirmed_at + UNDO_TIME


@transaction.atomic
def undo_import(*, actor: Actor, batch: ImportBatch, now: datetime) -> ImportBatch:
    """Delete what the batch created and put back what it changed, row by row as far as untouched.

    A row edited since (another version) or already in use elsewhere (a roster, an assessment) stays and is
    named in `report.undo_result`. Raises DomainError after 24 hours, IllegalTransition when already undone.
    """
    if batch.confirmed_at is not None and now >= batch.confirmed_at + UNDO_TIME:
        raise DomainError(
            "导入已超过 24 小时，不能整批撤销。请在登记页面逐条修改，或联系市三方委员会办公室。",
            code="undo_expired",
        )
    IMPORT_WORKFLOW.apply(batch, "undo", role=actor.role, changes={"undone_at": now})
    report = ImportReport.objects.get(batch=batch)
    log = report.undo_log
    kept: list[dict[str, str]] = []
    deleted = _delete_created(log.get("created", []), kept)
    restored = _restore_changed(log.get("changed", []), actor, now, kept)
    report.undo_result = {
        "deleted": deleted,
        "restored": restored,
        "kept_count": len(kept),
        "kept": kept[:_MOST_NAMED],
    }
    report.save(update_fields=["undo_result"])
    record_audit(
        actor=actor,
        at=now,
        action="撤销导入",
        kind="ImportBatch",
        object_id=batch.pk,
        label=str(batch),
        changes={"deleted": [0, deleted], "restored": [0, restored], "kept": [0, len(kept)]},
    )
    return batch


def _delete_created(ids: list[int], kept: list[dict[str, str]]) -> int:
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
            kept.append({"name": name, "why": "导入后已被修改"})
        elif pk in used:
            kept.append({"name": name, "why": "已在培育名单、自评或其他记录中使用"})
        else:
            free.append(pk)
    if free:
        doomed = key_set(free)
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


def _restore_changed(log: list[list[Any]], actor: Actor, now: datetime, kept: list[dict[str, str]]) -> int:
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
            kept.append({"name": subject.name, "why": "导入后已被修改"})
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
