from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0004_fill_report_filings"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='annualreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['SUBMITTED', 'ACCEPTED']), _negated=True), ('submitted_at__isnull', False), _connector='OR'), name='report_submitted_at'),
        ),
        migrations.AddConstraint(
            model_name='annualreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('first_filed_at__isnull', True), ('is_late', False), ('submitted_at__isnull', True)), models.Q(('first_filed_at__isnull', False), ('submitted_at__gte', models.F('first_filed_at'))), _connector='OR'), name='report_first_filing'),
        ),
        migrations.AddConstraint(
            model_name='annualreport',
            constraint=models.CheckConstraint(condition=models.Q(('return_due_on__isnull', True), ('first_filed_at__isnull', False), _connector='OR'), name='returned_report_was_filed'),
        ),
        migrations.AddConstraint(
            model_name='annualreport',
            constraint=models.CheckConstraint(condition=models.Q(('consent__isnull', True), ('backfilled', True), _connector='OR'), name='consent_is_to_backfill'),
        ),
    ]
