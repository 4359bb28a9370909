"""Loading a standard as a draft, publishing it, discarding the draft. Published content never changes (design §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from evaluation.models import IndicatorSet
from evaluation.models.indicator_sets import IndicatorSetState
from evaluation.permissions import require_set_manager
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.indicator_set_json import content_hash, from_json, to_canonical_json
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


@dataclass(frozen=True)
class LoadedSet:
    """`outcome`: a new draft, a draft replaced, or the same content already there (draft or published)."""

    indicator_set: IndicatorSet
    outcome: str


def require_loadable(definition: IndicatorSetDefinition) -> date:
    """The day the version takes effect; a set without one can be scored with but not kept. Raises DomainError."""
    if definition.effective_from is None:
        raise DomainError(
            "评价标准没有写明生效日期。请在 meta 中补上 effective_from（如 2020-09-20）后重新载入。",
            code="effective_from",
        )
    return definition.effective_from


@transaction.atomic
def load_indicator_set(
    *, actor: Actor | None, definition: IndicatorSetDefinition, now: datetime
) -> LoadedSet:
    """Store a checked definition as the draft of its code and version.

    A draft may be replaced; a published version with other content is refused: a change needs a new version
    number. Raises NotAllowed, DomainError, ConflictError.
    """
    require_set_manager(actor)
    effective_from = require_loadable(definition)
    fingerprint = content_hash(definition)
    existing = (
        IndicatorSet.objects.select_for_update()
        .filter(code=definition.code, version=definition.version)
        .first()
    )
    if existing is not None:
        if existing.content_hash == fingerprint:
            return LoadedSet(existing, UNCHANGED)
        if existing.state != IndicatorSetState.DRAFT:
            raise DomainError(
                f"{definition.code} 的 {definition.version} 版{existing.get_state_display()}，内容不能再改。"
                "请在文件中改用新的版本号（version）后重新载入。",
                code="published",
            )
    row = existing or IndicatorSet(code=definition.code, version=definition.version)
    before = row.content_hash
    row.title = definition.title
    row.status = definition.status
    row.definition = to_canonical_json(definition)
    row.content_hash = fingerprint
    row.effective_from = effective_from
    row.loaded_at = now
    row.loaded_by = actor.user if actor else None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ConflictError(
            f"{definition.code} 的 {definition.version} 版刚刚已载入（他人，或您的另一窗口）。请刷新后核对，再决定是否重新载入。"
        ) from error
    _audit(actor, now, "载入评价标准", row, {"content_hash": [before, fingerprint]})
    return LoadedSet(row, UPDATED if existing else CREATED)


@transaction.atomic
def publish_indicator_set(
    *, actor: Actor | None, indicator_set: IndicatorSet, now: datetime, expected_hash: str = ""
) -> IndicatorSet:
    """Publish a draft for good: from now on nobody can change it and assessments may pin it.

    `expected_hash` is the fingerprint of the content the person was shown; another content raises ConflictError.
    The stored content is read and checked once more. Raises NotAllowed, IllegalTransition, IndicatorSetError.
    """
    require_set_manager(actor)
    row = IndicatorSet.objects.select_for_update().get(pk=indicator_set.pk)
    if expected_hash and row.content_hash != expected_hash:
        words = changed_since("草稿内容", actor.user.pk if actor else None, row.loaded_by_id, "替换")
        raise ConflictError(f"{words}，与您核对的不一致。请返回查看最新内容后再发布。")
    definition = from_json(row.definition)
    if content_hash(definition) != row.content_hash:
        raise DomainError("草稿内容与载入时的校验码不一致，不能发布。请重新载入文件。", code="tampered")
    published = IndicatorSet.objects.filter(
        pk=row.pk, state=IndicatorSetState.DRAFT, content_hash=row.content_hash
    ).update(state=IndicatorSetState.PUBLISHED, published_at=now, published_by=actor.user if actor else None)
    if not published:
        raise IllegalTransition(f"“{row}”{row.get_state_display()}，不能再发布。请刷新页面查看最新状态。")
    row.refresh_from_db()
    _audit(actor, now, "发布评价标准", row, {"state": [IndicatorSetState.DRAFT, IndicatorSetState.PUBLISHED]})
    return row


@transaction.atomic
def discard_draft(*, actor: Actor | None, indicator_set: IndicatorSet, now: datetime) -> None:
    """Remove a draft that will not be published. Raises IllegalTransition for anything published."""
    require_set_manager(actor)
    label, pk = str(indicator_set), indicator_set.pk
    deleted, _ = IndicatorSet.objects.filter(pk=pk, state=IndicatorSetState.DRAFT).delete()
    if not deleted:
        raise IllegalTransition(f"“{label}”不是草稿，不能删除。请刷新页面查看最新状态。")
    record_audit(
        actor=actor, at=now, action="删除评价标准草稿", kind="IndicatorSet", object_id=pk, label=label
    )


def _audit(
    actor: Actor | None, now: datetime, action: str, row: IndicatorSet, changes: dict[str, object]
) -> None:
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="IndicatorSet",
        object_id=row.pk,
        label=str(row),
        changes=changes,
    )
