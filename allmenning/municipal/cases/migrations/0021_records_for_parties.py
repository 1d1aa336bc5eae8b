from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0020_sender_is_no_party")]

    operations = [
        migrations.AddField(
            model_name="record", name="visible_to_parties", field=models.BooleanField(default=False)
        ),
    ]
