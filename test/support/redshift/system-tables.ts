/** The system tables the double fills from its own records, and the catalog views it derives from PostgreSQL's catalog. */

export interface SystemTable {
  readonly name: string
  /** As documented; CHAR columns come padded, as they do from Redshift. */
  readonly columns: string
}

export const systemTables: readonly SystemTable[] = [
  {
    name: 'sys_load_error_detail',
    columns: `user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name char(64), table_id integer,
      start_time timestamp, file_name char(256), line_number bigint, column_name char(127), column_type char(10),
      column_length char(10), position integer, error_code integer, error_message char(512)`,
  },
  {
    name: 'sys_load_history',
    columns: `user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name text, status text,
      table_name text, start_time timestamp, end_time timestamp, duration bigint, data_source text, file_format text,
      loaded_rows bigint, loaded_bytes bigint, source_file_count integer, source_file_bytes bigint, file_count_scanned integer,
      file_bytes_scanned bigint, error_count bigint, copy_job_id bigint`,
  },
  {
    name: 'sys_load_detail',
    columns: `user_id integer, query_id bigint, file_name char(256), bytes_scanned integer, lines_scanned integer,
      record_time timestamp, splits_scanned integer, start_time timestamp, end_time timestamp, file_etag char(256),
      file_last_modified timestamp`,
  },
  {
    name: 'sys_query_history',
    columns: `user_id integer, query_id bigint, query_label char(320), transaction_id bigint, session_id integer,
      database_name char(128), query_type char(32), status char(10), result_cache_hit boolean, start_time timestamp,
      end_time timestamp, elapsed_time bigint, queue_time bigint, execution_time bigint, error_message char(512),
      returned_rows bigint, returned_bytes bigint, query_text char(4000), redshift_version char(256), usage_limit char(150),
      compute_type varchar(32), compile_time bigint, planning_time bigint, lock_wait_time bigint, service_class_id integer,
      service_class_name char(64), query_priority char(20), short_query_accelerated char(10), user_query_hash char(40),
      generic_query_hash char(40), query_hash_version integer, result_cache_query_id bigint`,
  },
  {
    name: 'sys_serverless_usage',
    columns: `start_time timestamp, end_time timestamp, compute_seconds double precision, compute_capacity double precision,
      data_storage integer, cross_region_transferred_data integer, charged_seconds integer`,
  },
  {
    name: 'svv_transactions',
    columns: `txn_owner text, txn_db text, xid bigint, pid integer, txn_start timestamp, lock_mode text,
      lockable_object_type text, relation integer, granted boolean`,
  },
  {
    name: 'stv_locks',
    columns: `table_id integer, last_update timestamp, last_commit timestamp, lock_owner bigint, lock_owner_pid bigint,
      lock_owner_start_ts timestamp, lock_owner_end_ts timestamp, lock_status char(22)`,
  },
  {
    name: 'stv_sessions',
    columns: 'starttime timestamp, process integer, user_name char(50), db_name char(50), timeout_sec integer',
  },
]

/** Does that relation belong to a user: neither PostgreSQL's nor the double's own? */
const ofUsers = `n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'redshift', 'redshift_extract', 'redshift_epoch')`

const typeName = `case
  when t.typname = 'bytea' then 'binary varying'
  else format_type(a.atttypid, null) end`

const encoding = `coalesce((select nullif(replace(e.encoding, 'raw', 'none'), 'auto') from redshift.column_encodings e where e.relation = c.oid and e.name = a.attname),
  case when a.attname = any (d.sortkeys) then 'none' when t.typname in ('varchar', 'bpchar') then 'lzo'
    when t.typname in ('bool', 'float4', 'float8') then 'none' else 'az64' end)`

const sortPosition = `coalesce(array_position(d.sortkeys, a.attname::text), 0)`

export const catalogViews = `
create view redshift.svv_tables as
  select current_database()::text as table_catalog, n.nspname::text as table_schema, c.relname::text as table_name,
    case c.relkind when 'v' then 'VIEW' else 'BASE TABLE' end as table_type, obj_description(c.oid, 'pg_class') as remarks
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'v') and ${ofUsers};
create view redshift.svv_columns as
  select current_database()::text as table_catalog, n.nspname::text as table_schema, c.relname::text as table_name,
    a.attname::text as column_name, row_number() over (partition by c.oid order by a.attnum)::integer as ordinal_position,
    pg_get_expr(f.adbin, f.adrelid)::text as column_default,
    case when a.attnotnull then 'NO' else 'YES' end as is_nullable, ${typeName} as data_type,
    case when t.typname in ('varchar', 'bpchar') and a.atttypmod > 4 then a.atttypmod - 4 end as character_maximum_length,
    case t.typname when 'numeric' then ((a.atttypmod - 4) >> 16) & 65535 when 'int2' then 16 when 'int4' then 32
      when 'int8' then 64 when 'float4' then 24 when 'float8' then 53 end as numeric_precision,
    case when t.typname = 'numeric' then 10 when t.typname in ('int2', 'int4', 'int8', 'float4', 'float8') then 2 end
      as numeric_precision_radix,
    case when t.typname = 'numeric' then (a.atttypmod - 4) & 2047 when t.typname in ('int2', 'int4', 'int8') then 0 end
      as numeric_scale,
    case when t.typname in ('timestamp', 'timestamptz') then 6 end as datetime_precision,
    null::text as interval_type, null::text as interval_precision, null::text as character_set_catalog,
    null::text as character_set_schema, null::text as character_set_name, null::text as collation_catalog,
    null::text as collation_schema, null::text as collation_name, null::text as domain_name,
    col_description(c.oid, a.attnum) as remarks
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_type t on t.oid = a.atttypid left join pg_attrdef f on f.adrelid = c.oid and f.adnum = a.attnum
  where c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped and ${ofUsers};
create view redshift.pg_table_def as
  select n.nspname as schemaname, c.relname as tablename, a.attname as "column",
    format_type(a.atttypid, a.atttypmod) as "type", ${encoding} as encoding,
    coalesce(d.distkey = a.attname::text, false) as distkey, ${sortPosition} as sortkey, a.attnotnull as notnull
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_type t on t.oid = a.atttypid left join redshift.table_attributes d on d.relation = c.oid
  where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and ${ofUsers}
    and n.nspname = any (string_to_array(current_setting('double.path', true), ','))
  order by n.nspname, c.relname, a.attnum;
create view redshift.svv_table_info as
  select current_database()::text as "database", n.nspname::text as "schema", c.oid::integer as table_id,
    c.relname::text as "table", 'Y, AUTO(ENCODE)'::text as encoded,
    case when d.diststyle = 'KEY' then 'KEY(' || d.distkey || ')' when d.diststyle is null then 'AUTO(ALL)'
      when d.diststyle = 'AUTO' then 'AUTO(ALL)' else d.diststyle end as diststyle,
    coalesce(d.sortkeys[1], 'AUTO(SORTKEY)') as sortkey1,
    (select max(a.atttypmod - 4) from pg_attribute a where a.attrelid = c.oid and a.atttypid = 'varchar'::regtype) as max_varchar,
    'none'::text as sortkey1_enc, coalesce(cardinality(d.sortkeys), 0) as sortkey_num, 1::bigint as size,
    0.0001::numeric(10, 4) as pct_used, 0::bigint as empty, 0.00::numeric(5, 2) as unsorted, 0.00::numeric(5, 2) as stats_off,
    counted.tbl_rows::numeric(38, 0) as tbl_rows, null::numeric(19, 2) as skew_sortkey1, null::numeric(19, 2) as skew_rows,
    counted.tbl_rows::numeric(38, 0) as estimated_visible_rows, null::text as risk_event,
    null::numeric(12, 2) as vacuum_sort_benefit, d.created as create_time
  from pg_class c join pg_namespace n on n.oid = c.relnamespace left join redshift.table_attributes d on d.relation = c.oid
    cross join lateral (select redshift.count_rows(c.oid) as tbl_rows) counted
  where c.relkind = 'r' and ${ofUsers} and counted.tbl_rows > 0;
create view redshift.pg_user_info as
  select current_setting('double.user_name', true)::name as usename, 100 as usesysid, true as usecreatedb, true as usesuper;
`
