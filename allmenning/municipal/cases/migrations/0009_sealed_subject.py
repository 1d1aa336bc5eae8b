import allmenning.tenancy.models
import django.contrib.postgres.fields
from django.db import migrations

# A title was "<service>: <subject>" in the area `ordinary`. Nobody who migrates has keys to seal with, so what was typed is
# taken out of what is clear; it stays where it was sealed: in the answers, and in the titles on record.
OUT_OF_THE_JOURNAL = """
    update {table} r set public_title = split_part(c.title, ': ', 1) from cases_case c
    where c.id = r.case_id and position(': ' in c.title) > 0
      and position(split_part(c.title, ': ', 1) || ': ' in r.public_title) > 0"""
OUT_OF_TITLES = "update cases_case set title = split_part(title, ': ', 1) where position(': ' in title) > 0"


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0008_begun_by_parent'),
        ('archive', '0002_retentionrule_disposal'),
    ]

    operations = [
        migrations.RunSQL(OUT_OF_THE_JOURNAL.format(table="archive_casefile"), migrations.RunSQL.noop),
        migrations.RunSQL(OUT_OF_THE_JOURNAL.format(table="archive_registryentry"), migrations.RunSQL.noop),
        migrations.RunSQL(OUT_OF_TITLES, migrations.RunSQL.noop),
        migrations.AddField(
            model_name='case',
            name='subject',
            field=allmenning.tenancy.models.SealedField(default=b''),
        ),
        migrations.AddField(
            model_name='case',
            name='subject_words',
            field=django.contrib.postgres.fields.ArrayField(base_field=allmenning.tenancy.models.IndexField(max_length=32), default=list, size=None),
        ),
    ]
