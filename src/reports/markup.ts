import { createHash } from 'node:crypto'
import { escapeControl } from '../text.ts'

/** HTML that is safe to put into a page. Only `html` and `trusted` make it. */
export interface Markup {
  readonly markup: string
}

type Part = Markup | readonly Markup[] | string | number

/** A template of HTML. What is filled in is text, escaped for elements and quoted attributes alike, unless it is markup itself. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return trusted(literals.map((literal, index) => literal + rendered(parts[index] ?? '')).join(''))
}

/** Takes the text for markup as it is. For text that was escaped by who made it. */
export function trusted(markup: string): Markup {
  return { markup }
}

/** Text of several lines: every line made harmless, the ends of line kept. */
export function lines(text: string): Markup {
  return trusted(text.split(/\r?\n/).map(rendered).join('\n'))
}

/** A value as JSON that is the same inside a script element: nothing in it ends or opens an element or a comment. */
export function inlineJson(value: unknown): Markup {
  return trusted(
    JSON.stringify(value).replace(
      /[<>&\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  )
}

/** What a content security policy calls this exact text of a script or style element. */
export function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

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
