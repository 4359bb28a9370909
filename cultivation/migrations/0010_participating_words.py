from django.db import migrations, models


def write_lines(apps, schema_editor):
    """The units each task has already, in one line."""
    item = apps.get_model("cultivation", "WorkItem")
    joined = item.participating_units.through.objects.order_by("id")
    lines = {}
    for pk, name in joined.values_list("workitem_id", "memberunit__name"):
        lines.setdefault(pk, []).append(name)
    items = [item(pk=pk, participating_words="、".join(names)[:600]) for pk, names in lines.items()]
    item.objects.bulk_update(items, ["participating_words"], batch_size=200)


class Migration(migrations.Migration):

    dependencies = [("cultivation", "0009_plan_return_due")]

    operations = [
        migrations.AddField(
            model_name="workitem",
            name="participating_words",
            field=models.CharField(blank=True, max_length=600, verbose_name="参加单位"),
        ),
        migrations.RunPython(write_lines, migrations.RunPython.noop),
    ]
