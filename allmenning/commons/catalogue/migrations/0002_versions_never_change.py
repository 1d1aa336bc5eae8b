from django.db import migrations

# A running case stands on the version that it began with: neither a bug nor an administrator's query may alter one.
FORWARDS = """
create function catalogue_version_never_changes() returns trigger language plpgsql as $$
begin
    raise exception 'a published version is never changed or removed' using errcode = 'restrict_violation';
end $$;
create trigger version_never_changes before update or delete on catalogue_serviceversion
    for each row execute function catalogue_version_never_changes();
create trigger versions_never_vanish before truncate on catalogue_serviceversion
    for each statement execute function catalogue_version_never_changes();
"""
BACKWARDS = """
drop trigger version_never_changes on catalogue_serviceversion;
drop trigger versions_never_vanish on catalogue_serviceversion;
drop function catalogue_version_never_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
