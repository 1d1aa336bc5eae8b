"""Whose parent began a case. Of a case that was sent before, the log tells by which representation it was sent."""

from django.db import migrations

import allmenning.tenancy.models

# As `people.representing.parent_index` makes it. A case that was sent by nobody's parent has none, as before.
_FROM_THE_LOG = """
update cases_case set parent_index = sha256('parent'::bytea || sent.representative_key)
from (
  select entry.case_id, representation.representative_key
  from access_logentry entry
  join people_representation representation on representation.id = entry.representation_id
  where entry.action = 'submit' and representation.kind = 'parent'
) sent
where sent.case_id = cases_case.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_disclosed_to_another"),
        ("access", "0006_representation"),
        ("people", "0003_representation"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="parent_index",
            field=allmenning.tenancy.models.IndexField(max_length=32, null=True),
        ),
        migrations.RunSQL(_FROM_THE_LOG, migrations.RunSQL.noop),
    ]
