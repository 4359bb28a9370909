"""Which kinds of import there are, and which adapter serves a batch."""

from __future__ import annotations

import cultivation.ledgers  # noqa: F401 - registers all of them
from cultivation.ledgers.base import all_ledgers, find_ledger
from cultivation.models import ImportBatch
from cultivation.rules.imports_fields import ImportKind, KindSpec
from cultivation.services.imports_attendance import AttendanceAdapter
from cultivation.services.imports_kinds import ImportAdapter
from cultivation.services.imports_ledgers import ledger_adapter
from cultivation.services.imports_register import RegisterAdapter
from cultivation.services.imports_rosters import RosterAdapter
from zaozhuang_portal.kernel.errors import DomainError

_REGISTER: dict[str, ImportAdapter] = {
    **{kind.value: RegisterAdapter(kind) for kind in ImportKind},
    "rosters": RosterAdapter(),
    "attendance": AttendanceAdapter(),
}


def register_adapter(adapter: ImportAdapter) -> None:
    """Upper apps register their own kinds in AppConfig.ready(); the same key again replaces the former one."""
    _REGISTER[adapter.spec.key] = adapter


def find_adapter(key: str) -> ImportAdapter | None:
    """The adapter of a kind: one of the register, or a ledger's slug."""
    ledger = find_ledger(key)
    return _REGISTER.get(key) or (ledger_adapter(ledger) if ledger else None)


def all_kinds() -> list[KindSpec]:
    """What may be imported, the register first."""
    return [
        *(adapter.spec for adapter in _REGISTER.values()),
        *(ledger_adapter(ledger).spec for ledger in all_ledgers()),
    ]


def adapter_of(batch: ImportBatch) -> ImportAdapter:
    """Raises DomainError for a kind this version does not know any more."""
    return require_adapter(batch.kind)


def require_adapter(key: str) -> ImportAdapter:
    adapter = find_adapter(key)
    if adapter is None:
        raise DomainError(f"不认识的导入类别“{key}”。", code="unknown_kind")
    return adapter
