"""SQL that makes the audit log insert-only on both databases: the seal may be set once, nothing else ever changes."""

from __future__ import annotations

ENTRY = "accounts_auditentry"
SEAL = "accounts_auditseal"
_COLUMNS = (
    "id", "at", "user_id", "user_name", "role", "organization_id", "capacity", "action", "kind", "object_id",
    "label", "changes", "reason", "ip", "request_id",
)  # fmt: skip
_MESSAGE = "the audit log is insert-only"


def _sqlite() -> list[str]:
    same = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in _COLUMNS)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
    return [
        f"CREATE TRIGGER audit_entry_update BEFORE UPDATE ON {ENTRY} "
        f"WHEN NOT (OLD.seal_id IS NULL AND NEW.seal_id IS NOT NULL AND {same}) {refuse}",
        f"CREATE TRIGGER audit_entry_delete BEFORE DELETE ON {ENTRY} {refuse}",
        f"CREATE TRIGGER audit_seal_update BEFORE UPDATE ON {SEAL} {refuse}",
        f"CREATE TRIGGER audit_seal_delete BEFORE DELETE ON {SEAL} {refuse}",
    ]


def _postgresql() -> list[str]:
    same = " AND ".join(f'NEW."{column}" IS NOT DISTINCT FROM OLD."{column}"' for column in _COLUMNS)
    statements = [
        "CREATE FUNCTION accounts_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER audit_entry_update BEFORE UPDATE ON {ENTRY} FOR EACH ROW "
        f"WHEN (NOT (OLD.seal_id IS NULL AND NEW.seal_id IS NOT NULL AND {same})) "
        "EXECUTE FUNCTION accounts_audit_refuse()",
        f"CREATE TRIGGER audit_seal_update BEFORE UPDATE ON {SEAL} FOR EACH ROW EXECUTE FUNCTION accounts_audit_refuse()",
    ]
    for table, name in ((ENTRY, "entry"), (SEAL, "seal")):
        statements += [
            f"CREATE TRIGGER audit_{name}_delete BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION accounts_audit_refuse()",
            f"CREATE TRIGGER audit_{name}_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_refuse()",
        ]
    return statements


def install(vendor: str) -> list[str]:
    """The statements that create the triggers. Raises KeyError for another database."""
    return {"sqlite": _sqlite, "postgresql": _postgresql}[vendor]()


def remove(vendor: str) -> list[str]:
    """The statements that take them away again (reversing the migration; emptying a test database)."""
    if vendor == "postgresql":
        return ["DROP FUNCTION IF EXISTS accounts_audit_refuse() CASCADE"]
    names = ("entry_update", "entry_delete", "seal_update", "seal_delete")
    return [f"DROP TRIGGER IF EXISTS audit_{name}" for name in names]
