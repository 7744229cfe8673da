/** JSON as both sources write it: ASCII, with the solidus escaped. */
export function asciiJson(value: unknown, replacer?: (key: string, value: unknown) => unknown): string {
  return JSON.stringify(value, replacer).replace(/[^ -.0-~]/g, (character) =>
    character === '/' ? String.raw`\/` : String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Text as events have it: its UTF-8 was read as Latin-1 and encoded again, twice. The catalog has it right. */
export function doubleEncoded(text: string): string {
  const once = Buffer.from(text, 'utf8').toString('latin1')
  return Buffer.from(once, 'utf8').toString('latin1')
}
