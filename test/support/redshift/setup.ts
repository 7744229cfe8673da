/**
 * What makes a PostgreSQL answer like Redshift, as SQL that runs once: trailing blanks that don't count, functions PostgreSQL
 * lacks or answers differently, table attributes, catalog views. Everything is in the schema `redshift`, which comes before pg_catalog.
 */
import { catalogViews, systemTables } from './system-tables.ts'

/** Text is compared as CHAR is: blanks at the end don't count, in =, <, joins, GROUP BY, DISTINCT and ORDER BY. */
const trailingBlanks = `
update pg_operator o set oprcode = f.instead::regproc
from (values ('texteq', 'bpchareq'), ('textne', 'bpcharne'), ('text_lt', 'bpcharlt'), ('text_le', 'bpcharle'),
  ('text_gt', 'bpchargt'), ('text_ge', 'bpcharge')) f (own, instead)
where oprleft = 'text'::regtype and oprright = 'text'::regtype and oprcode::text = f.own;
update pg_amproc set amproc = f.instead::regproc
from (values ('btree', 1, 'bpcharcmp'), ('btree', 2, 'bpchar_sortsupport'), ('hash', 1, 'hashbpchar'),
  ('hash', 2, 'hashbpcharextended')) f (method, number, instead)
where amprocfamily = (select opf.oid from pg_opfamily opf join pg_am on pg_am.oid = opfmethod
    where opfname = 'text_ops' and amname = f.method)
  and amprocnum = f.number and amproclefttype = 'text'::regtype and amprocrighttype = 'text'::regtype;
`

/** With RETURN the body is read now: a body in quotes would be read when called, with the session's rules for backslashes. */
const sqlFunction = (signature: string, returns: string, body: string, volatility = 'immutable') =>
  `create function redshift.${signature} returns ${returns} language sql ${volatility} return ${body};\n`

const setting = (name: string) => `nullif(current_setting('double.${name}', true), '')`

const functions = [
  // Who and when.
  sqlFunction('version()', 'text', `'PostgreSQL 8.0.2, Redshift 1.0 (a test double on PGlite)'::text`),
  sqlFunction('current_database()', 'name', `${setting('database')}::name`, 'stable'),
  // By the name that the one database has here, not by PGlite's own.
  sqlFunction(
    'has_database_privilege(text, text)',
    'boolean',
    `pg_catalog.has_database_privilege(case when $1 = ${setting('database')} then pg_catalog.current_database()::text else $1 end, $2)`,
    'stable',
  ),
  sqlFunction('"current_user"()', 'name', `${setting('user_name')}::name`, 'stable'),
  sqlFunction('"session_user"()', 'name', `${setting('user_name')}::name`, 'stable'),
  sqlFunction('"user"()', 'name', `${setting('user_name')}::name`, 'stable'),
  sqlFunction('current_schema()', 'name', `${setting('schema')}::name`, 'stable'),
  sqlFunction('pg_backend_pid()', 'integer', `${setting('process')}::integer`, 'stable'),
  sqlFunction('pg_last_copy_id()', 'integer', `${setting('copy_id')}::integer`, 'stable'),
  sqlFunction('pg_last_copy_count()', 'bigint', `${setting('copy_count')}::bigint`, 'stable'),
  sqlFunction('txid_current()', 'bigint', `${setting('transaction')}::bigint`, 'stable'),
  sqlFunction('getdate()', 'timestamp', `date_trunc('second', statement_timestamp() at time zone 'UTC')`, 'stable'),
  sqlFunction('sysdate()', 'timestamp', `transaction_timestamp() at time zone 'UTC'`, 'stable'),
  // Text.
  sqlFunction('len(text)', 'integer', 'length($1)'),
  sqlFunction('charindex(text, text)', 'integer', 'strpos($2, $1)'),
  sqlFunction('regexp_replace(text, text)', 'text', `pg_catalog.regexp_replace($1, $2, '', 'g')`),
  sqlFunction(
    'regexp_replace(text, text, text)',
    'text',
    `pg_catalog.regexp_replace($1, $2, redshift.replacement($3), 'g')`,
  ),
  sqlFunction(
    'regexp_replace(text, text, text, integer)',
    'text',
    `left($1, $4 - 1) || pg_catalog.regexp_replace(substr($1, $4), $2, redshift.replacement($3), 'g')`,
  ),
  sqlFunction('strtol(text, integer)', 'bigint', 'redshift.from_base($1, $2)'),
  sqlFunction(
    'sha2(text, integer)',
    'text',
    `encode(case $2 when 224 then sha224(convert_to($1, 'UTF8')) when 384 then sha384(convert_to($1, 'UTF8')) when 512 then sha512(convert_to($1, 'UTF8')) else sha256(convert_to($1, 'UTF8')) end, 'hex')`,
  ),
  // VARBYTE, which is bytea here.
  sqlFunction(
    'to_varbyte(text, text)',
    'bytea',
    `case lower($2) when 'hex' then decode($1, 'hex') when 'base64' then decode($1, 'base64') else convert_to($1, 'UTF8') end`,
  ),
  sqlFunction(
    'from_varbyte(bytea, text)',
    'text',
    `case lower($2) when 'hex' then encode($1, 'hex') when 'base64' then encode($1, 'base64') else convert_from($1, 'UTF8') end`,
  ),
  sqlFunction('to_hex(bytea)', 'text', `encode($1, 'hex')`),
  sqlFunction('from_hex(text)', 'bytea', `decode($1, 'hex')`),
  // Numbers: an average of integers is an integer.
  sqlFunction('round(double precision, integer)', 'double precision', 'round($1::numeric, $2)::double precision'),
  sqlFunction('trunc(double precision, integer)', 'double precision', 'trunc($1::numeric, $2)::double precision'),
  sqlFunction('trunc(timestamp)', 'date', '$1::date'),
  ...['smallint', 'integer', 'bigint'].map(
    (type) =>
      `create aggregate redshift.avg(${type}) (sfunc = redshift.${type === 'bigint' ? 'int8' : type === 'integer' ? 'int4' : 'int2'}_avg_accum_whole, stype = numeric[], initcond = '{0,0}', finalfunc = redshift.whole_average);\n`,
  ),
  `create aggregate redshift.median(double precision) (sfunc = array_append, stype = double precision[], finalfunc = redshift.middle);\n`,
  // Time.
  ...['timestamp', 'date'].flatMap((type) => [
    sqlFunction(`dateadd(text, bigint, ${type})`, 'timestamp', `($3::timestamp + $2 * redshift.one($1))`),
  ]),
  sqlFunction(
    'datediff(text, timestamp, timestamp)',
    'bigint',
    'redshift.boundaries($1, $3) - redshift.boundaries($1, $2)',
  ),
  sqlFunction('last_day(timestamp)', 'date', `(date_trunc('month', $1) + interval '1 month' - interval '1 day')::date`),
  sqlFunction('add_months(timestamp, integer)', 'timestamp', `$1 + $2 * interval '1 month'`),
  sqlFunction('convert_timezone(text, timestamp)', 'timestamp', `($2 at time zone 'UTC') at time zone $1`, 'stable'),
  sqlFunction('convert_timezone(text, text, timestamp)', 'timestamp', '($3 at time zone $1) at time zone $2', 'stable'),
]

/** What the functions above are made of. */
const helpers = [
  sqlFunction(
    'replacement(text)',
    'text',
    String.raw`pg_catalog.regexp_replace(replace($1, E'\\', E'\\\\'), '[$](\d)', E'\\\\\\1', 'g')`,
  ),
  `create function redshift.from_base(digits text, base integer) returns bigint language plpgsql immutable as $f$
  declare value bigint := 0; digit integer;
  begin
    for place in 1..length(digits) loop
      digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', lower(substr(digits, place, 1))) - 1;
      if digit < 0 or digit >= base then
        raise exception 'The input % is not valid to be converted to base %', digits, base using errcode = '22023';
      end if;
      value := value * base + digit;
    end loop;
    return value;
  end $f$;\n`,
  ...['smallint', 'integer', 'bigint'].map((type) =>
    sqlFunction(
      `${type === 'bigint' ? 'int8' : type === 'integer' ? 'int4' : 'int2'}_avg_accum_whole(numeric[], ${type})`,
      'numeric[]',
      `case when $2 is null then $1 else array[$1[1] + $2, $1[2] + 1] end`,
    ),
  ),
  sqlFunction(
    'whole_average(numeric[])',
    'bigint',
    'case when $1[2] = 0 then null else trunc($1[1] / $1[2])::bigint end',
  ),
  sqlFunction(
    'middle(double precision[])',
    'double precision',
    '(select percentile_cont(0.5) within group (order by value) from unnest($1) value)',
  ),
  `create function redshift.one(part text) returns interval language sql immutable as $f$
    select case when lower(part) in ('quarter', 'quarters', 'qtr', 'q') then interval '3 months' else ('1 ' || lower(part))::interval end $f$;\n`,
  `create function redshift.boundaries(part text, at timestamp) returns bigint language sql immutable as $f$
    select case
      when p in ('year', 'years', 'yr', 'y') then extract(year from at)
      when p in ('quarter', 'quarters', 'qtr') then extract(year from at) * 4 + extract(quarter from at)
      when p in ('month', 'months', 'mon') then extract(year from at) * 12 + extract(month from at)
      when p in ('week', 'weeks', 'w') then floor((at::date - date '2000-01-02') / 7.0)
      when p in ('day', 'days', 'd') then at::date - date '2000-01-01'
      when p in ('hour', 'hours', 'hr', 'h') then floor(extract(epoch from at) / 3600)
      when p in ('minute', 'minutes', 'min', 'mi', 'm') then floor(extract(epoch from at) / 60)
      when p in ('second', 'seconds', 'sec', 's') then floor(extract(epoch from at))
      when p in ('millisecond', 'milliseconds', 'ms') then floor(extract(epoch from at) * 1000)
      when p in ('microsecond', 'microseconds', 'us') then floor(extract(epoch from at) * 1000000)
    end::bigint from (select lower(part) as p) parts $f$;\n`,
]

/** EXTRACT, which Redshift too calls date_part in its results, but which gives whole numbers. */
const extract = [
  'create schema redshift_extract; create schema redshift_epoch;\n',
  ...['timestamp', 'timestamptz', 'date', 'time', 'interval'].flatMap((type) =>
    [['extract', 'integer'] as const, ['epoch', 'bigint'] as const].map(
      ([schema, returns]) =>
        `create function redshift_${schema}.date_part(text, ${type}) returns ${returns} language sql stable return trunc(pg_catalog.date_part($1, $2))::${returns};\n`,
    ),
  ),
  'create aggregate redshift.listagg(text, text) (sfunc = string_agg_transfn, stype = internal, finalfunc = string_agg_finalfn);\n',
]

/** Where a table's rows are kept and in what order: PostgreSQL has no place for it. */
const attributes = `
create table redshift.table_attributes (
  relation oid, diststyle text, distkey text, sortkeys text[], created timestamp default (now() at time zone 'UTC')
);
create table redshift.column_encodings (relation oid, name text, encoding text);
`

/** VARCHAR(n) holds n bytes, not n characters: a check for each column that has none yet. */
const finishTable = `
create function redshift.finish_table(target regclass) returns void language plpgsql as $f$
declare found record;
begin
  for found in
    select attname, atttypmod - 4 as bytes from pg_attribute
    where attrelid = target and attnum > 0 and not attisdropped
      and atttypid in ('varchar'::regtype, 'bpchar'::regtype) and atttypmod > 4
      and not exists (select 1 from pg_constraint where conrelid = target and conname like 'bytes:%' and conkey = array[attnum])
  loop
    execute format('alter table %s add constraint %I check (octet_length(%I) <= %s)',
      target, left('bytes:' || found.bytes || ':' || found.attname, 63), found.attname, found.bytes);
  end loop;
end $f$;
create function redshift.count_rows(target oid) returns bigint language plpgsql as $f$
declare counted bigint;
begin
  execute format('select count(*) from %s', target::regclass) into counted;
  return counted;
end $f$;
`

export const setup = [
  trailingBlanks,
  'create schema redshift;',
  'set search_path to redshift, pg_catalog, public;',
  ...helpers,
  ...functions,
  ...extract,
  attributes,
  finishTable,
  ...systemTables.map(({ name, columns }) => `create table redshift.${name} (${columns});`),
  catalogViews,
].join('\n')
