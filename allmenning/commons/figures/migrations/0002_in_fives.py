"""Cases and people are told in whole fives."""

from django.db import migrations, models
from django.db.models.functions import Mod
from django.db.models.lookups import Exact

_TOLD = """
    update figures_publishedfigure
    set count = count - count % 5,
        value = case when measure = 'median-days' then round(value) else value - mod(value, 5) end
    where count is not null
"""


class Migration(migrations.Migration):
    dependencies = [("figures", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="publishedfigure",
            name="count",
            field=models.PositiveIntegerField(help_text="Different people behind the figure, at least", null=True),
        ),
        migrations.RunSQL(_TOLD, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="publishedfigure",
            constraint=models.CheckConstraint(
                condition=models.Q(count=None)
                | models.Q(Exact(Mod(models.F("count"), 5), 0))
                & (models.Q(measure="median-days") | models.Q(Exact(Mod(models.F("value"), 5), 0))),
                name="figure_is_in_fives",
            ),
        ),
    ]
