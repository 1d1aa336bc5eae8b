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

-- What this database has been given, by the hash of its text: the same is not done twice.
create table if not exists tenancy.applied (
  what text primary key,
  hash text not null,
  at timestamptz not null default now()
);
