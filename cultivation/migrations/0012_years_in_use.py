from zoneinfo import ZoneInfo

from django.db import migrations, models


def mark_years_before(apps, schema_editor):
    """An installation that has its years already: those before the year of its first audited act were before the use."""
    first = apps.get_model("accounts", "AuditEntry").objects.order_by("at").values_list("at", flat=True).first()
    if first is not None:
        year = min(first.astimezone(ZoneInfo("Asia/Shanghai")).year, 2027)
        apps.get_model("cultivation", "CampaignYear").objects.filter(year__lt=year).update(in_use=False)


class Migration(migrations.Migration):

    dependencies = [
        ("cultivation", "0011_signed_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaignyear",
            name="in_use",
            field=models.BooleanField(default=True, verbose_name="门户启用后的年度"),
        ),
        migrations.RunPython(mark_years_before, migrations.RunPython.noop),
    ]
