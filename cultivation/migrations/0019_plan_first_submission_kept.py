from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('cultivation', '0018_fill_plan_first_submission'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='workplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('first_submitted_at__isnull', True), ('submitted_at__isnull', True)), models.Q(('first_submitted_at__isnull', False), ('submitted_at__gte', models.F('first_submitted_at'))), _connector='OR'), name='plan_first_submission'),
        ),
    ]
