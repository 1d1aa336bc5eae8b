-- What PostgreSQL shows everybody about others: other databases, logins, sessions, sizes, counts. Run by a superuser
-- in the template, and again in each database when this file has changed. The catalogue is each database's own, so a
-- clone inherits it. What can't be shut is guessing names, so databases and logins have opaque ones.

revoke select on
  pg_database, pg_roles, pg_user, pg_shadow, pg_group, pg_auth_members, pg_db_role_setting, pg_shdescription,
  pg_shseclabel, pg_shdepend, pg_stat_activity, pg_stat_database, pg_stat_database_conflicts, pg_stat_ssl,
  pg_stat_gssapi, pg_locks, pg_stat_replication, pg_prepared_xacts, pg_tablespace, pg_stat_io, pg_stat_wal,
  pg_stat_bgwriter, pg_stat_checkpointer, pg_stat_archiver, pg_stat_slru, pg_replication_slots
  from public;

-- How many rows and pages a table has, all areas together: the columns of pg_class that tell, and the functions.
revoke select on pg_class from public;
do $$
declare
  columns text;
begin
  select string_agg(quote_ident(attname), ', ') into columns from pg_attribute
    where attrelid = 'pg_catalog.pg_class'::regclass and attnum > 0 and not attisdropped
      and attname not in ('reltuples', 'relpages', 'relallvisible', 'relallfrozen', 'relfrozenxid', 'relminmxid');
  execute format('grant select (%s) on pg_catalog.pg_class to public', columns);
end $$;

do $$
declare
  f regprocedure;
begin
  for f in
    select oid::regprocedure from pg_proc where pronamespace = 'pg_catalog'::regnamespace and (
      proname ~ '^pg_stat_get_' or proname ~ '^pg_stat_reset' or proname ~ '^pg_(try_)?advisory_'
      or proname ~ '^pg_(current|last)_(wal|xlog|committed)' or proname ~ '^pg_control_' or proname ~ '^lo_'
      or proname in (
        'pg_lock_status', 'pg_prepared_xact', 'pg_tablespace_size', 'pg_tablespace_databases', 'pg_database_size',
        'pg_relation_size', 'pg_total_relation_size', 'pg_table_size', 'pg_indexes_size',
        'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids', 'pg_isolation_test_session_is_blocked',
        'pg_terminate_backend', 'pg_cancel_backend', 'pg_log_backend_memory_contexts', 'pg_notify',
        'pg_current_xact_id', 'txid_current', 'pg_current_snapshot', 'txid_current_snapshot',
        'pg_replication_origin_session_is_setup', 'pg_get_replication_slots', 'pg_show_replication_origin_status',
        'pg_export_snapshot', 'pg_sequence_last_value', 'pg_xact_status', 'txid_status', 'mxid_age',
        'pg_get_multixact_members', 'pg_notification_queue_usage')
      or oid = 'pg_catalog.age(xid)'::regprocedure)
  loop
    execute format('revoke execute on function %s from public', f);
  end loop;
end $$;

-- The migrations keep two of them apart with an advisory lock.
grant execute on function pg_advisory_lock(bigint), pg_advisory_unlock(bigint), pg_try_advisory_lock(bigint)
  to allmenning_owner;

-- A condition that asks nothing of the row (`pg_sleep(1) is null`, `1 / random()::int = 1`) may be worked out before the
-- policy where it is cheaper, since it can't leak what the row holds; but it tells that there is a row. PostgreSQL
-- moves only what costs less than 10 operators ahead of a policy, so nothing volatile may be that cheap.
do $$
declare
  f regprocedure;
begin
  for f in select oid::regprocedure from pg_proc
    where provolatile = 'v' and prokind = 'f' and procost < 100
      and pronamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  loop
    execute format('alter function %s cost 100', f);
  end loop;
end $$;

-- Others' transactions can be counted by these two: place_in_time() and settled() ask them for everybody.
grant execute on function pg_current_xact_id(), pg_current_snapshot() to allmenning_owner;
