from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_versions_never_change")]

    operations = [
        migrations.CreateModel(
            name="OfferedService",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("municipality", models.SlugField(max_length=60)),
                ("service", models.SlugField(max_length=60)),
                ("version", models.CharField(max_length=20)),
                ("since", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "service"), name="offered_once"),
                ],
            },
        ),
    ]
