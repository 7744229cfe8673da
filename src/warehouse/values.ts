import type { Value } from '../schema/index.ts'

/** A decimal as a number if a double prints the same digits, as text if not. */
export function exactNumber(text: string): Value {
  const digits = text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text
  return String(Number(digits)) === digits ? Number(digits) : text
}
