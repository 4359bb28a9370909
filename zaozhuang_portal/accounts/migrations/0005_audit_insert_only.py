"""The audit log becomes insert-only. A later change of these tables must put the triggers back (tested)."""

from django.db import migrations

from zaozhuang_portal.accounts.rules import audit_triggers


def install(apps, schema_editor):
    for statement in audit_triggers.install(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    for statement in audit_triggers.remove(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_codes")]

    operations = [migrations.RunPython(install, remove)]
