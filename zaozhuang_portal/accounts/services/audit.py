"""Writing the audit log. Call inside the transaction of the act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import AuditEntry, User
from zaozhuang_portal.kernel.lengths import shortened
from zaozhuang_portal.kernel.logs import one_line


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
    user: User | None = None,
    ip: str | None = None,
    request_id: str = "",
) -> AuditEntry:
    """Insert one entry. `kind` is the model name of the glossary; `changes` is {field: [old, new]} with JSON values.

    `actor` None means the system itself (a scheduled task, a command), or, with `user`, somebody who is just
    signing in or redeeming a link and has no capacity yet. Control characters in words become spaces.
    """
    person = actor.user if actor else user
    return AuditEntry.objects.create(
        at=at,
        user_id=person.pk if person else None,
        user_name=one_line(f"{person.full_name}（{person.username}）" if person else "系统"),
        role=actor.role if actor else "",
        organization_id=actor.organization.pk if actor and actor.organization else None,
        capacity=shortened(one_line(actor.capacity.label), 160) if actor else "",
        action=action,
        kind=kind,
        object_id=str(object_id),
        label=shortened(one_line(label), 200),
        changes=dict(changes or {}),
        reason=reason,
        ip=actor.ip if actor else ip,
        request_id=actor.request_id if actor else request_id,
    )


def record_audits(
    *,
    actor: Actor | None,
    at: datetime,
    action: str,
    kind: str,
    items: Iterable[tuple[int | str, str, Mapping[str, Any]]],
    reason: str = "",
) -> None:
    """Many entries of one act in few statements; `items` are (object id, label, changes)."""
    shared = {
        "at": at,
        "user_id": actor.user.pk if actor else None,
        "user_name": one_line(f"{actor.user.full_name}（{actor.user.username}）") if actor else "系统",
        "role": actor.role if actor else "",
        "organization_id": actor.organization.pk if actor and actor.organization else None,
        "capacity": shortened(one_line(actor.capacity.label), 160) if actor else "",
        "action": action,
        "kind": kind,
        "reason": reason,
        "ip": actor.ip if actor else None,
        "request_id": actor.request_id if actor else "",
    }
    AuditEntry.objects.bulk_create(
        (
            AuditEntry(
                **shared, object_id=str(pk), label=shortened(one_line(label), 200), changes=dict(changes)
            )
            for pk, label, changes in items
        ),
        batch_size=1000,
    )
