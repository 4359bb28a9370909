"""The district of an attendance, consent given online, one tally per place and month."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery


def fill_organization(apps, schema_editor):
    attendance = apps.get_model("cultivation", "TrainingAttendance")
    subject = apps.get_model("cultivation", "Subject")
    of_subject = subject.objects.filter(pk=OuterRef("subject_id")).values("managing_organization_id")
    attendance.objects.update(organization_id=Subquery(of_subject))
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else the column cannot be altered after the update


def per_place(name):
    return models.UniqueConstraint(
        fields=("organization", "township", "happened_on", "topic", "outcome"),
        condition=Q(removed_at__isnull=True) & Q(tally=True, subject__isnull=True, township__isnull=False),
        name=name,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("cultivation", "0008_roster_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="trainingattendance",
            name="organization",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
                verbose_name="区（市）",
            ),
        ),
        migrations.RunPython(fill_organization, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="trainingattendance",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
                verbose_name="区（市）",
            ),
        ),
        migrations.AddField(
            model_name="bestpractice",
            name="consent_online",
            field=models.BooleanField(default=False, verbose_name="在线同意"),
        ),
        migrations.AddConstraint("employmentadvisory", per_place("one_advisory_tally_per_place")),
        migrations.AddConstraint("mediation", per_place("one_mediation_tally_per_place")),
    ]
