from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cultivation", "0010_ledger_imports")]

    operations = [
        migrations.AddField(
            model_name="guidancevisit",
            name="participant_words",
            field=models.CharField(blank=True, max_length=300, verbose_name="参加单位和人员"),
        ),
    ]
