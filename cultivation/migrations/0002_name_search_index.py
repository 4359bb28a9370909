"""The bigram index of the name search. PostgreSQL only: SQLite searches with LIKE."""

from django.db import migrations

CREATE = (
    "CREATE INDEX IF NOT EXISTS subject_name_bigrams ON cultivation_subject"
    " USING gin (string_to_array(name_bigrams, ' '))"
)


def create_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS subject_name_bigrams")


class Migration(migrations.Migration):
    dependencies = [("cultivation", "0001_initial")]
    operations = [migrations.RunPython(create_index, drop_index)]
