import { parse } from 'ini'

/** Values by section and key; undefined where the key has no equals sign. Section `''` holds the keys before the first header. */
export type IniSections = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>

/**
 * Reads an INI file as Python's configparser does: a value is everything after the first equals sign of its line, trimmed.
 * Comments are whole lines. One pair of quotes around a value is removed.
 */
export function readIni(text: string): IniSections {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim())
  const exactLines = lines.filter((line) => line !== '' && !/^[;#]/.test(line)).map(exactLine)
  return byName(parse(['[]', ...exactLines].join('\n')), (section) =>
    byName(section as object, (value) => (typeof value === 'string' ? unwrapped(value) : undefined)),
  )
}

/** The line with its names and value wrapped. */
function exactLine(line: string): string {
  const section = /^\[(.+)\]/.exec(line)?.[1]
  // `ini` takes a name with a dot for a nested section.
  if (section !== undefined) return `[${wrapped(section.replaceAll('.', '\\.'))}]`
  const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(line) ?? []
  return value === undefined ? wrapped(key) : `${wrapped(key.trim())}=${wrapped(withoutQuotes(value.trim()))}`
}

/**
 * Protects a text from `ini`, which cuts at `#` and `;`, resolves backslashes, and interprets `null`, `true`, `__proto__` and
 * `key[]`. It leaves JSON text between colons alone if that has no bracket and no line separator.
 */
function wrapped(text: string): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(`:${text}:`).replace(/[\]\u2028\u2029]/g, escaped)
}

function unwrapped(text: string): string {
  return text.slice(1, -1)
}

function withoutQuotes(value: string): string {
  return /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value
}

function byName<Content>(parsed: object, read: (content: unknown) => Content): Record<string, Content> {
  return Object.fromEntries(Object.entries(parsed).map(([name, content]) => [unwrapped(name), read(content)]))
}
