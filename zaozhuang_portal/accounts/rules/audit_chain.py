"""The hash chain over the audit log: pure, so that anybody can recompute it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

FIELDS = (
    "id", "at", "user_id", "user_name", "role", "organization_id", "capacity", "action", "kind", "object_id",
    "label", "changes", "reason", "ip", "request_id",
)  # fmt: skip


def canonical_line(entry: Mapping[str, Any]) -> str:
    """One entry as canonical JSON: fixed order of fields, sorted keys, UTC with microseconds."""
    values = [
        value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
        for value in (entry[name] for name in FIELDS)
    ]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal_hash(previous_hash: str, entries: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 (hex) over the previous seal's hash and the entries in id order."""
    digest = hashlib.sha256(previous_hash.encode("ascii"))
    for entry in entries:
        digest.update(b"\n" + canonical_line(entry).encode("utf-8"))
    return digest.hexdigest()
