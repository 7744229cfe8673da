import { SqlError } from './messages.ts'

/** Configuration parameters a session may set. */
export const parameters: Readonly<Record<string, string>> = {
  analyze_threshold_percent: '10',
  application_name: '',
  client_encoding: 'UTF8',
  datestyle: 'ISO, MDY',
  describe_field_name_in_uppercase: 'off',
  enable_case_sensitive_identifier: 'off',
  enable_result_cache_for_session: 'on',
  extra_float_digits: '0',
  json_serialization_enable: 'off',
  max_cursor_result_set_size: '0',
  query_group: 'default',
  search_path: '"$user", public',
  statement_timeout: '0',
  timezone: 'UTC',
  wlm_query_slot_count: '1',
}

export const unknownParameter = (name: string) =>
  new SqlError('42704', `unrecognized configuration parameter "${name}"`)
