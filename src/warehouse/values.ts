import type { Value } from '../schema/index.ts'

/** A decimal as a number if a double has the same digits, else as text. */
export function exactNumber(text: string): Value {
  const digits = text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text
  return String(Number(digits)) === digits ? Number(digits) : text
}
