/** The system tables that the double fills from its own records, with the columns that the project reads, as documented. */
export const systemTables: Readonly<Record<string, string>> = {
  sys_load_error_detail: `query_id bigint, session_id integer, start_time timestamp, file_name char(256), line_number bigint,
    column_name char(127), error_code integer, error_message char(512)`,
  sys_load_detail:
    'query_id bigint, file_name char(256), bytes_scanned integer, lines_scanned integer, file_etag char(256)',
}
