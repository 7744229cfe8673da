import { createHash } from 'node:crypto'
import { escapeControl } from '../text.ts'

/** HTML that is safe to put into a page. Only the functions of this file make it. */
export interface Markup {
  readonly markup: string
}

type Part = Markup | readonly Markup[] | string | number

/** A template of HTML. Inserted text is escaped for elements and quoted attributes; inserted markup is not. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return trusted(literals.map((literal, index) => literal + rendered(parts[index] ?? '')).join(''))
}

/** Takes the text for markup without escaping it. Only for text that is already safe. */
export const trusted = (markup: string): Markup => ({ markup })

/** The source expression of a content security policy that allows exactly this script or style. */
export const sourceHash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function rendered(part: Part): string {
  if (typeof part === 'object') return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('\n')
  return escapeControl(String(part)).replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
