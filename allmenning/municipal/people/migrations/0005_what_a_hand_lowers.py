"""Which rows a hand set aside. Of what was said before: all that is older than it, as it was counted until now."""

import django.contrib.postgres.fields
from django.db import migrations, models

_AS_IT_STOOD = """
update people_protection hand set lowers = coalesce(
  (select array_agg(said.id) from people_protection said
   where said.owner_key = hand.owner_key and (said.at, said.id) < (hand.at, hand.id)), '{}')
where hand.source = 'hand'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_exports"),
    ]

    operations = [
        migrations.AddField(
            model_name="protection",
            name="lowers",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None),
        ),
        migrations.RunSQL(_AS_IT_STOOD, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="protection",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", "hand"), ("lowers", []), _connector="OR"), name="only_a_hand_lowers"
            ),
        ),
    ]
