/** Names of the functions Redshift documents. A call of any other is refused, whatever PostgreSQL could do with it. */

const names = (text: string) => new Set(text.trim().split(/\s+/))

/** Known to Redshift and to the double. */
export const functions = names(`
  abs acos add_months any_value ascii asin atan atan2 avg bit_and bit_length bit_or bool_and bool_or btrim cbrt ceil ceiling
  char_length character_length charindex chr coalesce concat convert_timezone cos cot count cume_dist current_database current_schema
  current_schemas date_part date_trunc dateadd datediff degrees dense_rank exp extract first_value floor from_hex
  from_varbyte getdate greatest has_database_privilege has_schema_privilege has_table_privilege initcap lag last_day last_value
  lead least left len length listagg ln log lower lpad ltrim max md5 median min mod nth_value ntile nullif nvl octet_length
  percent_rank percentile_cont pg_backend_pid pg_cancel_backend pg_last_copy_count pg_last_copy_id
  pg_terminate_backend pi position pow power quote_ident quote_literal radians random rank regexp_count regexp_instr
  regexp_replace regexp_substr repeat replace reverse right round row_number rpad rtrim sha2 sign sin split_part sqrt stddev
  stddev_pop stddev_samp strpos strtol substr substring sum tan textlen timeofday to_char to_date to_hex to_number to_timestamp
  to_varbyte translate trim trunc txid_current upper var_pop var_samp variance version
  obj_description col_description format_type pg_get_viewdef pg_table_is_visible pg_get_expr now age
`)

/** Known to Redshift, not to the double. */
export const missingFunctions = names(`
  array array_concat array_flatten bpcharcmp checksum convert crc32 date_cmp decode dexp dlog1 dlog10 farmfingerprint64 farmhash64
  fnv_hash func_sha1 get_array_length greatest_ignore_nulls hll hll_cardinality interval_cmp is_valid_json is_valid_json_array
  isnull json_array_length json_extract_array_element_text json_extract_path_text json_parse json_serialize json_typeof
  months_between murmur3_32_hash next_day nvl2 object octetindex pg_get_cols pg_last_query_id ratio_to_report sha sha1 soundex split_to_array
  subarray timezone to_timestamp_tz try_cast width_bucket zeroifnull can_json_parse difference lower_attribute_names
`)

/** Leader node only: Redshift can't run them over user tables. */
export const leaderFunctions = names(`
  now age current_schema current_schemas has_database_privilege has_schema_privilege has_table_privilege obj_description
  col_description format_type pg_get_viewdef pg_table_is_visible pg_get_expr version
`)

/** Need a frame (ROWS …) as soon as their window is ordered. */
export const framedFunctions = names(`
  avg bool_and bool_or count first_value last_value max min nth_value stddev stddev_pop stddev_samp sum var_pop var_samp variance
`)

/** Take no frame. */
export const unframedFunctions = names('cume_dist dense_rank lag lead ntile percent_rank rank row_number')

/** Words that may stand before a bracket without being a function. */
export const keywords = names(`
  all and any as asc between by case cast check cross delete desc distinct else end escape except exists filter from full group
  having ilike in inner insert intersect interval into is join key left like limit minus not null nulls offset on or order outer over
  partition precision primary references right rows select set similar some sortkey distkey encode table then to top truncate union unique
  update using values varying when where with within without zone recursive rollup cube sets grouping precedes set default with
  identity compound interleaved foreign constraint copy
`)

/** Reserved in Redshift alone: a name of this kind must be quoted there. */
export const reserved = names(`
  allowoverwrite bytedict defrag deflate delta delta32k lun luns lzo lzop new offline old open permissions recover rejectlog resort
  restore snapshot system tag tdes text255 text32k wallet mostly8 mostly16 mostly32 globaldict256 globaldict64k aes128 aes256 az64
`)

/** Names a column, too, can't have without quotes; PostgreSQL takes them. */
export const reservedForColumns = new Set([
  ...reserved,
  ...names(`
    backup binary blanksasnull bzip2 credentials current_user_id disable emptyasnull enable encode encrypt encryption explicit gzip
    identity ignore minus nulls off oid parallel partition percent raw readratio respect sysdate top truncatecolumns verbose without
  `),
])
