"""A confirmed assessment was opened by the city. Rows confirmed unopened before get the moment of confirmation."""

from django.db import migrations, models
from django.db.models import F, Q


def fill(apps, schema_editor):
    rows = apps.get_model("evaluation", "Assessment").objects.filter(
        state__in=["CONFIRMED", "ARCHIVED"], city_opened_at__isnull=True
    )
    rows.update(city_opened_at=F("confirmed_at"))


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0004_returned_item_before")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveConstraint("assessment", "assessment_city_opened_at"),
        migrations.AddConstraint(
            "assessment",
            models.CheckConstraint(
                condition=Q(city_opened_at__isnull=False, state__in=["VERIFIED", "CONFIRMED", "ARCHIVED"])
                | Q(city_opened_at__isnull=True) & ~Q(state__in=["CONFIRMED", "ARCHIVED"]),
                name="assessment_city_opened_at",
            ),
        ),
    ]
