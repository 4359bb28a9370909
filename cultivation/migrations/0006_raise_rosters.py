from django.db import migrations, models


def raise_existing_rosters(apps, schema_editor):
    """Enrollments confirmed before rosters were kept: each district and year gets its roster, first revision."""
    enrollment = apps.get_model("cultivation", "Enrollment")
    roster = apps.get_model("cultivation", "CultivationRoster")
    rows = (
        enrollment.objects.filter(state="CONFIRMED")
        .order_by()
        .values("organization_id", "year_id")
        .annotate(
            first=models.Min("confirmed_at"),
            source=models.Max("source_document"),
            typed=models.Count("pk", filter=models.Q(backfilled=False)),
        )
    )
    for row in rows:
        roster.objects.get_or_create(
            organization_id=row["organization_id"],
            year_id=row["year_id"],
            defaults={
                "state": "CONFIRMED",
                "revision": 1,
                "confirmed_at": row["first"],
                "backfilled": not row["typed"],
                "source_document": "" if row["typed"] else row["source"],
            },
        )


class Migration(migrations.Migration):

    dependencies = [("cultivation", "0005_ledgers")]

    operations = [migrations.RunPython(raise_existing_rosters, migrations.RunPython.noop)]
