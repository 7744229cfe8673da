import type { Value } from '../schema/index.ts'

/** A decimal as a number if a double has the same digits, else as text. */
export function exactNumber(text: string): Value {
  const digits = text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text
  return String(Number(digits)) === digits ? Number(digits) : text
}

/** A timestamp of Redshift as ISO 8601; one without a time zone is in UTC. */
export function instantOf(text: string): string {
  const iso = text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')
  return new Date(/[+-]\d\d:\d\d$/.test(iso) ? iso : `${iso}Z`).toISOString()
}
