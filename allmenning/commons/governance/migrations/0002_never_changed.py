from django.db import migrations

# The plan is what councils decide by: what was written stays, and what is said anew stands beside it. Neither a bug nor an
# administrator's query alters a row.
TABLES = (
    "plan item itemtext removal cost estimate baseline risk milestone statusreport matter mattertext hearing statement"
    " submission councildecision participation agendaproposal agendaanswer rollout rolloutdate preparation"
).split()
FORWARDS = """
create function governance_never_changes() returns trigger language plpgsql as $$
begin
    raise exception 'a row of the joint plan is never changed or removed' using errcode = 'restrict_violation';
end $$;
""" + "".join(
    f"""
create trigger never_changes before update or delete on governance_{table}
    for each row execute function governance_never_changes();
create trigger never_vanishes before truncate on governance_{table}
    for each statement execute function governance_never_changes();
"""
    for table in TABLES
)
BACKWARDS = "drop function governance_never_changes() cascade;"


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
