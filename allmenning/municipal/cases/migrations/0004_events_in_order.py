from django.db import migrations

# When an event was written: other systems ask for what is new in that order, below what is settled, so that an event
# whose transaction commits late is passed by nobody. PostgreSQL fills it in; it is no field of the model, so that nobody
# writes another. What there was before is as old as all the rest of it.
FORWARDS = """
alter table cases_event add column place bigint not null default 0;
alter table cases_event alter column place set default public.place_in_time();
create index events_in_order on cases_event (area, place, id) where visible_to_resident;
"""
BACKWARDS = """
drop index events_in_order;
alter table cases_event drop column place;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_work_list_by_time")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
