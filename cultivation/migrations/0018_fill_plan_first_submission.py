"""The first handing in of a plan: from the audit log where a later one took its place.

A back-filled plan that says it was received was never received by an act of the city: it waits for one.
"""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    plans = apps.get_model("cultivation", "WorkPlan")
    entries = apps.get_model("accounts", "AuditEntry")
    plans.objects.filter(submitted_at__isnull=False).update(first_submitted_at=F("submitted_at"))
    for plan in plans.objects.filter(submitted_at__isnull=False, backfilled=False):
        first = (
            entries.objects.filter(kind="WorkPlan", object_id=str(plan.pk), action="报送工作方案").order_by("at").first()
        )
        if first is not None and first.at < plan.submitted_at:
            plans.objects.filter(pk=plan.pk).update(first_submitted_at=first.at)
    plans.objects.filter(backfilled=True, state="ACCEPTED", decided_by__isnull=True).update(
        state="SUBMITTED", decided_at=None
    )


class Migration(migrations.Migration):
    dependencies = [
        ('cultivation', '0017_plan_first_submission'),
        ("accounts", "0009_audit_of_user"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
