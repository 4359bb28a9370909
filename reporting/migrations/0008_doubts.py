from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reporting", "0007_report_explanations")]
    operations = [migrations.RenameField("reportexplanation", "finding", "doubt")]
