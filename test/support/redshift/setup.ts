/**
 * What makes a PostgreSQL answer like Redshift, as SQL that runs once: trailing blanks that don't count, functions PostgreSQL
 * lacks or answers differently, system tables. Everything is in the schema `redshift`, which comes before pg_catalog.
 */
import { systemTables } from './history.ts'

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
  `create function redshift.${signature} returns ${returns} language sql ${volatility} return ${body};`

const setting = (name: string) => `nullif(current_setting('double.${name}', true), '')`

const functions = [
  // By the name that the one database has here, not by PGlite's own.
  sqlFunction(
    'has_database_privilege(text, text)',
    'boolean',
    `pg_catalog.has_database_privilege(case when $1 = ${setting('database')} then pg_catalog.current_database()::text else $1 end, $2)`,
    'stable',
  ),
  sqlFunction('current_schema()', 'name', `'public'::name`, 'stable'),
  sqlFunction('pg_backend_pid()', 'integer', `${setting('process')}::integer`, 'stable'),
  sqlFunction('pg_last_copy_id()', 'integer', `${setting('copy_id')}::integer`, 'stable'),
  sqlFunction('pg_last_copy_count()', 'bigint', `${setting('copy_count')}::bigint`, 'stable'),
  sqlFunction(
    'regexp_replace(text, text, text)',
    'text',
    String.raw`pg_catalog.regexp_replace($1, $2, pg_catalog.regexp_replace(replace($3, E'\\', E'\\\\'), '[$](\d)', E'\\\\\\1', 'g'), 'g')`,
  ),
  // VARBYTE is bytea here.
  sqlFunction(
    'to_varbyte(text, text)',
    'bytea',
    `case when $2 = 'hex' then decode($1, 'hex') else convert_to($1, $2) end`,
  ),
  sqlFunction('from_varbyte(bytea, text)', 'text', 'convert_from($1, $2)'),
  sqlFunction('getdate()', 'timestamp', `now() at time zone 'utc'`),
  sqlFunction('to_hex(bytea)', 'text', `encode($1, 'hex')`),
]

/** EXTRACT, which Redshift too calls date_part in its results, but which gives whole numbers. */
const extract = [
  ['extract', 'integer'],
  ['epoch', 'bigint'],
].map(
  ([part, returns]) => `create schema redshift_${part};
create function redshift_${part}.date_part(text, timestamp) returns ${returns} language sql stable
return trunc(pg_catalog.date_part($1, $2))::${returns};`,
)

/** VARCHAR(n) holds n bytes, not n characters: a check for each column that has none yet. */
const lengths = `
create function redshift.finish_table(target regclass) returns void language plpgsql as $f$
declare found record;
begin
  for found in
    select attname, atttypmod - 4 as bytes from pg_attribute
    where attrelid = target and attnum > 0 and not attisdropped and atttypid = 'varchar'::regtype and atttypmod > 4
      and not exists (select 1 from pg_constraint where conrelid = target and conname like 'bytes:%' and conkey = array[attnum])
  loop
    execute format('alter table %s add constraint %I check (octet_length(%I) <= %s)',
      target, left('bytes:' || found.bytes || ':' || found.attname, 63), found.attname, found.bytes);
  end loop;
end $f$;
create function redshift.forget_length(target regclass, name text) returns void language plpgsql as $f$
declare found record;
begin
  for found in select conname from pg_constraint where conrelid = target and conname like 'bytes:%:' || name
  loop
    execute format('alter table %s drop constraint %I', target, found.conname);
  end loop;
end $f$;
`

export const setup = [
  trailingBlanks,
  'create schema redshift;',
  'set search_path to redshift, pg_catalog, public;',
  ...functions,
  ...extract,
  lengths,
  ...Object.entries(systemTables).map(([name, columns]) => `create table redshift.${name} (${columns});`),
].join('\n')
