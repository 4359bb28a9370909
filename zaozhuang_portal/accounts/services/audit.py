"""Writing the audit log. Call inside the transaction of the act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import AuditEntry


def record_audit(
    *,
    actor: Actor | None,
    at: datetime,
    action: str,
    kind: str,
    object_id: int | str = "",
    label: str = "",
    changes: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Insert one entry. `kind` is the model name of the glossary; `changes` is {field: [old, new]} with JSON values.

    `actor` None means the system itself (a scheduled task, a command).
    """
    return AuditEntry.objects.create(
        at=at,
        user_id=actor.user.pk if actor else None,
        user_name=f"{actor.user.full_name}（{actor.user.username}）" if actor else "系统",
        role=actor.role if actor else "",
        organization_id=actor.organization.pk if actor and actor.organization else None,
        capacity=actor.capacity.label if actor else "",
        action=action,
        kind=kind,
        object_id=str(object_id),
        label=label[:200],
        changes=dict(changes or {}),
        reason=reason,
        ip=actor.ip if actor else None,
        request_id=actor.request_id if actor else "",
    )
