import { createRequire } from 'node:module'

let measure: typeof import('string-width').default | undefined

/**
 * The columns of a terminal that a text takes. ASCII takes one a character; what knows about all other text is loaded when there
 * is some, because loading it takes a tenth of the time of a short command.
 */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  measure ??= (createRequire(import.meta.url)('string-width') as typeof import('string-width')).default
  return measure(text)
}
