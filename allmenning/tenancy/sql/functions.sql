-- In every municipality's database, before its tables. Run as allmenning_owner; may be run again.
-- Bodies are parsed here and now (return / begin atomic), so no caller's search_path changes what they mean.

-- Which login of this database is connected: 'child-welfare', 'resident', 'owner' ...; null for any other role.
-- session_user, since SET ROLE can't change it; the part after the database's name, since a clone has another name.
create or replace function public.session_area() returns text language sql stable parallel safe
  return case when starts_with(session_user::text, current_database()::text || '_')
    then replace(substr(session_user::text, length(current_database()::text) + 2), '_', '-') end;

-- Keys of the resident (or of the member of staff, for drafts) that the connection acts for: 32 unguessable bytes
-- each, in hexadecimal, comma between.
create or replace function public.resident_keys() returns bytea[] language sql stable parallel safe
  return case when public.session_area() <> 'administration' then array(
    select decode(key, 'hex')
    from unnest(string_to_array(current_setting('allmenning.resident', true), ',')) as key
    where key ~ '^[0-9a-f]{64}$'
  ) else array[]::bytea[] end;

-- How far one who acts for the resident may go: areas, and services of areas ('ordinary/inquiry'). Null: to everything,
-- since it is the resident. Shown in one breath with the keys, so that nobody has the keys without it.
create or replace function public.resident_scope() returns text[] language sql stable parallel safe
  return (
    select array_agg(substr(shown, length('scope=') + 1))
    from unnest(string_to_array(current_setting('allmenning.resident', true), ',')) as shown
    where starts_with(shown, 'scope=')
  );

-- Which parent acts for the child whose keys are shown: what another parent began is not shown to them. Null for anybody
-- else, who sees what each has begun.
create or replace function public.resident_parent() returns bytea language sql stable parallel safe
  return (
    select decode(substr(shown, length('parent=') + 1), 'hex')
    from unnest(string_to_array(current_setting('allmenning.resident', true), ',')) as shown
    where shown ~ '^parent=[0-9a-f]{64}$' limit 1
  );

-- Norwegian order without ICU: æ, ø, å last, aa as å, Swedish and German letters beside them, accents ignored.
create or replace function public.nb_sort_key(value text) returns text language sql immutable strict parallel safe
  return translate(
    replace(lower(value collate "pg_c_utf8"), 'aa', 'å'),
    'æäøöåüéèêëóòôáàâç', '{{||}yeeeeoooaaac') collate "C";

-- Series of numbers: nobody sees how far another area's has come.
create table if not exists tenancy.counter (
  counter text not null,
  area text not null,
  year integer not null,
  last integer not null,
  primary key (counter, area, year)
);

-- The next number of a series, without gaps: the row is locked until the transaction ends, so take it last.
create or replace function public.next_number(counter text, area text, year integer) returns integer
language plpgsql volatile strict security definer set search_path = pg_catalog, pg_temp as $$
declare
  number integer;
begin
  if public.session_area() is null or public.session_area() not in (next_number.area, 'resident', 'owner') then
    raise insufficient_privilege using message = 'the series belongs to another area';
  end if;
  insert into tenancy.counter as c (counter, area, year, last)
    values (next_number.counter, next_number.area, next_number.year, 1)
    on conflict on constraint counter_pkey do update set last = c.last + 1
    returning c.last into number;
  return number;
end $$;
revoke all on function public.next_number(text, text, integer) from public;
grant execute on function public.next_number(text, text, integer)
  to allmenning_area, allmenning_resident, allmenning_owner;

-- The runs of the server in which this database was written to, in order. Transactions are numbered by a server, and a
-- restored database has rows with another's numbers: a place in time is a run and then a transaction of it.
create table if not exists tenancy.run (
  number integer primary key,
  started timestamptz not null unique
);

-- The place in time of the transaction at hand: of what is written earlier in a database it is never larger.
create or replace function public.place_in_time() returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  here integer;
begin
  select run.number into here from tenancy.run where started = pg_postmaster_start_time();
  if here is null then
    insert into tenancy.run (number, started)
      select coalesce(max(run.number), 0) + 1, pg_postmaster_start_time() from tenancy.run
      on conflict do nothing;
    select run.number into here from tenancy.run where started = pg_postmaster_start_time();
  end if;
  return here::bigint << 44 | pg_current_xact_id()::text::bigint;
end $$;

-- The place below which everything is written for good or never will be, and the newest run that was written in. Of a
-- transaction that is at work longer than others, on the whole server, this is the place.
create or replace function public.settled(out before bigint, out run integer, out started timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  select newest.number, newest.started into run, started from tenancy.run newest order by newest.number desc limit 1;
  run := coalesce(run, 0);
  before := case when started = pg_postmaster_start_time()
    then run::bigint << 44 | pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    else (run + 1)::bigint << 44 end;
end $$;

-- Whether a run that somebody remembers is one of this database's: after a restore it may not be.
create or replace function public.knows_run(run integer, started timestamptz) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
  return run = 0 or exists (
    select from tenancy.run known where known.number = knows_run.run and known.started = knows_run.started);
revoke all on function
  public.place_in_time(), public.settled(), public.knows_run(integer, timestamptz) from public;
grant execute on function public.place_in_time() to allmenning_area, allmenning_resident, allmenning_owner;
grant execute on function public.settled(), public.knows_run(integer, timestamptz) to allmenning_area;

-- What this database has been given, by the hash of its text: the same is not done twice.
create table if not exists tenancy.applied (
  what text primary key,
  hash text not null,
  at timestamptz not null default now()
);
