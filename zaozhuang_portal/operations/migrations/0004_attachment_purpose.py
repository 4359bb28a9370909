from django.conf import settings
from django.db import migrations, models

# Where a count relied on "any file": the sign-in sheet of a training and the consent to a best practice. The other
# kinds hold nothing but signed or stamped papers.
_RELIED_ON = ("Training", "BestPractice")
_ONLY_PAPERS = ("PlanCountersigning", "RosterCountersigning", "AnnualReport", "ImportBatch", "assessment")


def keep_what_counts(apps, schema_editor):
    """What counted as the paper yesterday is the paper, removed files too (they may be restored)."""
    attachments = apps.get_model("operations", "Attachment").objects.using(schema_editor.connection.alias)
    attachments.filter(owner_kind__in=_RELIED_ON + _ONLY_PAPERS).update(purpose="SCAN")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_audit_of_user"),
        ("operations", "0003_reminder_digests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="purpose",
            field=models.CharField(
                choices=[("OTHER", "其他材料"), ("SCAN", "盖章（签字）扫描件")],
                default="OTHER",
                max_length=8,
                verbose_name="用途",
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["OTHER", "SCAN"])), name="attachment_purpose_known"
            ),
        ),
        migrations.RunPython(keep_what_counts, migrations.RunPython.noop),
    ]
