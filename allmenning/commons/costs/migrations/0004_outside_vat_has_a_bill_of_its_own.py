from django.db import migrations, models

# A bill was of one kind until now, so any of its lines tells. Rows never change, but for this once.
TOLD = """
alter table costs_issuedbill disable trigger row_never_changes;
update costs_issuedbill bill set is_outside = true
    where exists (select from costs_billline line where line.bill_id = bill.id and line.vat_category = 'O');
alter table costs_issuedbill enable trigger row_never_changes;
"""


class Migration(migrations.Migration):
    dependencies = [("costs", "0003_rows_never_change")]
    operations = [
        migrations.RemoveConstraint("issuedbill", "bill_of_a_party_once"),
        migrations.AddField(
            "issuedbill",
            "is_outside",
            models.BooleanField(default=False, help_text="Outside VAT: what is, has a bill of its own"),
            preserve_default=False,
        ),
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "issuedbill",
            models.UniqueConstraint(fields=["settlement", "party", "is_outside"], name="bill_of_a_party_once"),
        ),
    ]
