from datetime import date

from django.db import migrations, models


def drop_a_date_before_the_notice(apps, schema_editor):
    """The notice is of 31 May 2023; the roster's date of that year lay before it. One the city moved stays."""
    apps.get_model("cultivation", "Milestone").objects.filter(
        year_id=2023, code="ROSTER", due_on=date(2023, 3, 31), system_default=True
    ).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('cultivation', '0019_plan_first_submission_kept'),
    ]

    operations = [
        migrations.AddField(
            model_name='milestone',
            name='done_basis',
            field=models.CharField(blank=True, max_length=160, verbose_name='完成依据'),
        ),
        migrations.AddField(
            model_name='milestone',
            name='done_on',
            field=models.DateField(blank=True, null=True, verbose_name='完成日期'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_basis', ''), ('done_on__isnull', True)), models.Q(('done_on__isnull', False), models.Q(('done_basis', ''), _negated=True)), _connector='OR'), name='done_milestone_has_basis'),
        ),
        migrations.RunPython(drop_a_date_before_the_notice, migrations.RunPython.noop),
    ]
