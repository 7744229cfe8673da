/**
 * What a terminal, a page or a reader would obey or not show: control characters, ends of line, changes of direction, blanks without width,
 * halves of surrogate pairs. Joiners and variation selectors stay, as emoji and several scripts are written with them.
 */
const hidden =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]|(?!\u200c|\u200d|[\ufe00-\ufe0f])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

/**
 * The text with every character that acts instead of showing replaced by a picture or its number: `\x1b` by `␛`, U+202E by `\u202e`.
 * The result is one line, well-formed Unicode and valid in XML.
 */
export function visibleText(text: string): string {
  return text.replace(hidden, pictureOf)
}

/** The same of a text of several lines, which stay lines. */
export function visibleLines(text: string): string {
  return text.split(/\r?\n/).map(visibleText).join('\n')
}

/** JSON that says the same and in which no character acts: they are escaped, in the texts where alone they can stand. */
export function visibleJson(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(hidden, (character) => character.split('').map(escaped).join(''))
}

function pictureOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '␡'
  const hex = code.toString(16)
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
}
