"""Which tables of cultivation keep the former states of their rows, for figures of an earlier day."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from cultivation.models import (
    AnnualTarget,
    Countersignature,
    CultivationRoster,
    Enrollment,
    Participation,
    Record,
    Subject,
    Training,
    TrainingAttendance,
)
from zaozhuang_portal.accounts.kept_tables import keep_versions


def register() -> None:
    """Called by cultivation.wiring.register(). Every ledger is kept, also one that is added later."""
    records: list[Any] = [model for model in apps.get_models() if issubclass(model, Record)]
    for model in records:
        keep_versions(model, late="backfilled")
    # Other rows point to a subject, so one that was not there yet is closed, not left out; one on a list that was
    # back-filled was there.
    keep_versions(
        Subject,
        late="backfilled",
        named_by=(Enrollment._meta.db_table, "subject_id"),
        tombstone="state = 'MERGED'",
    )
    keep_versions(Enrollment, birth="enrolled_at", moment="changed_at", late="backfilled")
    keep_versions(Participation, birth="joined_at", moment="changed_at", late="backfilled")
    keep_versions(AnnualTarget, birth="entered_at", moment="changed_at")
    keep_versions(CultivationRoster, birth="confirmed_at", moment="changed_at", late="backfilled")
    keep_versions(Countersignature, birth="entered_at", moment="entered_at")
    keep_versions(
        TrainingAttendance,
        birth="entered_at",
        moment="changed_at",
        late="backfilled",
        owner=(Training._meta.db_table, "training_id"),
    )
