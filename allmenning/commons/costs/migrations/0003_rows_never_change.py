from django.db import migrations

# What was entered, settled, issued and paid is what somebody was billed by: no bug and no query of an operator alters it.
TABLES = (
    "publishedagreement", "costbatch", "costline", "costattachment", "grant", "measureduse", "budget", "takenout", "settlement",
    "settlementwithdrawal", "settlementapproval", "settlementissue", "comment", "answer", "correction", "correctionsettled",
    "billingdetails", "issuedbill", "billline", "billfile", "payment",
)  # fmt: skip
FUNCTION = """
create function costs_row_never_changes() returns trigger language plpgsql as $$
begin
    raise exception 'what was entered, settled, issued or paid is never changed or removed' using errcode = 'restrict_violation';
end $$;
"""
TRIGGERS = """
create trigger row_never_changes before update or delete on costs_{0}
    for each row execute function costs_row_never_changes();
create trigger rows_never_vanish before truncate on costs_{0}
    for each statement execute function costs_row_never_changes();
"""
UNDONE = "drop trigger row_never_changes on costs_{0}; drop trigger rows_never_vanish on costs_{0};\n"


class Migration(migrations.Migration):
    dependencies = [("costs", "0002_costs_and_settlement")]
    operations = [
        migrations.RunSQL(
            FUNCTION + "".join(TRIGGERS.format(each) for each in TABLES),
            "".join(UNDONE.format(each) for each in TABLES) + "drop function costs_row_never_changes();",
        )
    ]
