from django.db import migrations, models
from django.db.models import Q

LABELS = {"enterprises": "企业", "parks": "工业园区", "pilots": "行业试点"}


def fill_labels(apps, schema_editor):
    batches = apps.get_model("cultivation", "ImportBatch").objects.using(schema_editor.connection.alias)
    for kind, label in LABELS.items():
        batches.filter(kind=kind).update(kind_label=label)


class Migration(migrations.Migration):
    dependencies = [("cultivation", "0006_raise_rosters")]

    operations = [
        migrations.AlterField(
            model_name="importbatch",
            name="kind",
            field=models.CharField(max_length=40, verbose_name="类别代码"),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="kind_label",
            field=models.CharField(default="", max_length=40, verbose_name="类别"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="importbatch",
            name="backfilled",
            field=models.BooleanField(default=False, verbose_name="补录"),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="source_document",
            field=models.CharField(blank=True, default="", max_length=160, verbose_name="补录来源"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=Q(("backfilled", False), models.Q(("source_document", ""), _negated=True), _connector="OR"),
                name="backfill_import_has_source",
            ),
        ),
        migrations.RunPython(fill_labels, migrations.RunPython.noop, elidable=True),
    ]
