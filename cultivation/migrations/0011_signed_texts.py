"""What a signature stands under: the state and the fingerprints of the texts; when a plan's text changed last."""

import hashlib

from django.db import migrations, models
from django.db.models import F

TEXTS = (
    "title", "objectives", "cultivated_subjects", "methods", "schedule", "implementation", "responsibilities",
)  # fmt: skip


def mark_current_signatures(apps, schema_editor):
    """A signature of the text that still stands can be told later what changed; older ones only that it did."""
    signatures = apps.get_model("cultivation", "Countersignature").objects
    current = signatures.filter(plan__isnull=False, signed_version=F("plan__version"))
    for row in current.select_related("plan").iterator(500):
        row.signed_marks = {
            key: hashlib.sha256(getattr(row.plan, key).replace("\r\n", "\n").strip().encode()).hexdigest()[:16]
            for key in TEXTS
        }
        row.save(update_fields=["signed_marks"])


class Migration(migrations.Migration):
    dependencies = [("cultivation", "0010_participating_words")]

    operations = [
        migrations.AddField(
            model_name="countersignature",
            name="signed_marks",
            field=models.JSONField(blank=True, default=dict, verbose_name="会签时内容指纹"),
        ),
        migrations.AddField(
            model_name="countersignature",
            name="signed_state",
            field=models.CharField(blank=True, max_length=12, verbose_name="会签时状态"),
        ),
        migrations.AddField(
            model_name="workplan",
            name="text_changed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="内容修改时间"),
        ),
        migrations.RunPython(mark_current_signatures, migrations.RunPython.noop),
    ]
