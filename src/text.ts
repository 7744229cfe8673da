/** Text for people: terminal widths, wrapping, escaped control characters, and numbers with their units. */
import { createRequire } from 'node:module'

/**
 * Characters that change how a terminal or a page shows text: control characters, line ends, changes of direction, zero-width
 * blanks, halves of surrogate pairs. Joiners and variation selectors stay, because emoji and several scripts need them.
 */
const controls =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]|(?!\u200c|\u200d|[\ufe00-\ufe0f])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

/**
 * Replaces every control character by its symbol or its number: `\x1b` by `␛`, U+202E by `\u202e`.
 * The result is one line of well-formed Unicode that is valid in XML.
 */
export const escapeControl = (text: string): string => text.replace(controls, pictureOf)

/** Like `escapeControl`, but line ends stay. */
export const escapeControlLines = (text: string): string => text.split(/\r?\n/).map(escapeControl).join('\n')

/** The value as JSON with control characters escaped; it parses to the same value. */
export function escapeControlJson(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(controls, (character) => character.split('').map(escaped).join(''))
}

function pictureOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '␡'
  const hex = code.toString(16)
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
}

let measure: typeof import('string-width').default | undefined

/**
 * The terminal columns that a text takes. The library that measures text other than ASCII is loaded only when it is needed:
 * loading it takes a tenth of the time of a short command.
 */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  measure ??= (createRequire(import.meta.url)('string-width') as typeof import('string-width')).default
  return measure(text)
}

/** Characters as people see them: an emoji of several parts is one. */
const characters = new Intl.Segmenter()

/** Cuts the text with an ellipsis so that it fits in `width` terminal columns. Never cuts a character in two. */
export function shorten(text: string, width: number): string {
  return textWidth(text) <= width ? text : `${beginning(text, width - 1)}…`
}

/** Like `shorten`, but cuts the start, because paths differ at their end. */
export function shortenStart(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let room = width - 1
  const all = [...characters.segment(text)]
  const from = all.findLastIndex(({ segment }) => {
    room -= textWidth(segment)
    return room < 0
  })
  return `…${text.slice((all[from]?.index ?? 0) + (all[from]?.segment.length ?? 0))}`
}

/** Breaks the text into at most `most` lines of `width` columns, at blanks where it can; the last one is shortened. */
export function fold(text: string, width: number, most: number): readonly string[] {
  const lines: string[] = []
  let rest = text
  while (lines.length < most - 1 && textWidth(rest) > width) {
    const { length } = beginning(rest, width)
    const blank = rest.lastIndexOf(' ', length)
    const end = blank > length / 2 ? blank : Math.max(length, 1)
    lines.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
  return [...lines, shorten(rest, width)]
}

/** As many whole characters from the start as fit in `width` columns. */
function beginning(text: string, width: number): string {
  let room = width
  for (const { segment, index } of characters.segment(text)) {
    room -= textWidth(segment)
    if (room < 0) return text.slice(0, index)
  }
  return text
}

/** Breaks a sentence at blanks into lines of at most `width` columns; a longer word gets a line of its own. Escapes control characters. */
export function wrap(sentence: string, width: number): string {
  const [first = '', ...words] = escapeControl(sentence).split(' ')
  let text = first
  let used = textWidth(first)
  for (const word of words) {
    const more = textWidth(word)
    const fits = used + 1 + more <= width
    text += `${fits ? ' ' : '\n'}${word}`
    used = fits ? used + 1 + more : more
  }
  return text
}

/** Milliseconds as `0.31 s`, `2 min 5 s` or `3 h 20 min`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 9.995 ? 2 : 1)} s`
  const isShort = seconds < 3599.5
  const whole = Math.round(isShort ? seconds : seconds / 60)
  const [large, small] = isShort ? ['min', 's'] : ['h', 'min']
  return `${Math.floor(whole / 60)} ${large} ${whole % 60} ${small}`
}

/** A count with its noun: `1 object`, `14,896 objects`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? singular : plural}`
}

/** Bytes in decimal units: `3.8 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

/** A text as one word of a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** A value as a JSON document of this project has it, with keys in snake case: `perHour` is `per_hour`. */
export function snakeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeKeys(item),
    ]),
  )
}

/** The first sentence of a text, with its full stop. */
export const firstSentence = (text: string): string => `${text.split('. ')[0]?.replace(/\.$/, '')}.`
