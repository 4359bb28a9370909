from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cultivation", "0021_namesakes")]
    operations = [migrations.RenameField("importreport", "findings", "doubts")]
