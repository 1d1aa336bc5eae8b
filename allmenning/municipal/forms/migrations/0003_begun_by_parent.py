"""Which parent began a draft. Of an earlier one nothing tells, so it is no parent's where it may be another parent's."""

from django.db import migrations

import allmenning.tenancy.models

# One parent has acted for the child: theirs. Several: a mark that nobody has, and the child or a guardian alone sees it.
_SAFELY = """
update forms_draft set parent_index = parents.mark
from (
  select owner_key, case when count(distinct representative_key) = 1
    then sha256('parent'::bytea || decode(min(encode(representative_key, 'hex')), 'hex')) else '' end as mark
  from people_representation where kind = 'parent' group by owner_key
) parents
where parents.owner_key = forms_draft.owner_key and forms_draft.channel = 'portal'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("forms", "0002_submission_digest"),
        ("people", "0003_representation"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="parent_index",
            field=allmenning.tenancy.models.IndexField(max_length=32, null=True),
        ),
        migrations.RunSQL(_SAFELY, migrations.RunSQL.noop),
    ]
