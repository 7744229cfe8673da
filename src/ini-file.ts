/** Values by section and key. Keys are upper case. Section `''` holds the keys before the first header, `DEFAULT` those of all sections. */
type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface IniFile {
  readonly sections: Sections
  /** Lines that are neither key nor section, and keys that are set twice. Their text may be a secret, so no message has it. */
  readonly problems: readonly string[]
  /** The number of the line that sets a key. */
  lineOf(section: string, key: string): number | undefined
}

/** The characters that Python's `str.strip` removes. A byte order mark isn't one of them. */
const blanks = '[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const leading = new RegExp(`^${blanks}+`)
const trailing = new RegExp(`${blanks}+$`)
const stripped = (text: string) => text.replace(leading, '').replace(trailing, '')

/**
 * Reads an INI file as Python's configparser does: keys in any case, `key = value` or `key: value`, comments on lines of their own,
 * more deeply indented lines belong to the value above. Values are raw: see `valueIn`.
 */
export function readIni(text: string): IniFile {
  const problems: string[] = []
  const lineNumbers = new Map<string, number>()
  const values = new Map<string, string[]>()
  const headers: string[] = []
  let section = ''
  let current: string[] | undefined
  let indent = 0
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const content = stripped(line)
    const depth = leading.exec(line)?.[0].length ?? 0
    if (content === '') current?.push('')
    else if (/^[#;]/.test(content)) continue
    else if (current && depth > indent) current.push(content)
    else {
      indent = depth
      current = undefined
      const header = /^\[(.+)\]/s.exec(content)?.[1]
      const [, name = '', value = ''] = /^(.*?)[=:](.*)$/s.exec(content) ?? []
      const key = stripped(name).toUpperCase()
      const place = `${section}\n${key}`
      if (header !== undefined) {
        section = header
        headers.push(section)
      } else if (key === '') problems.push(`Line ${index + 1}: not a key with its value; write KEY = value.`)
      else if (lineNumbers.has(place))
        problems.push(`Line ${index + 1}: sets the key of line ${lineNumbers.get(place)} again; delete one of them.`)
      else {
        current = [stripped(value)]
        values.set(place, current)
        lineNumbers.set(place, index + 1)
      }
    }
  }
  return {
    sections: sectionsOf(headers, values),
    problems,
    lineOf: (name, key) => lineNumbers.get(`${name}\n${key}`),
  }
}

/** Each section with its keys; a section that is there twice has those of both. */
function sectionsOf(headers: readonly string[], values: ReadonlyMap<string, readonly string[]>): Sections {
  const keysOf = (section: string) =>
    [...values].flatMap(([place, lines]) => {
      const isOfSection = place.slice(0, place.lastIndexOf('\n')) === section
      return isOfSection ? [[place.slice(section.length + 1), lines.join('\n').replace(trailing, '')] as const] : []
    })
  return Object.fromEntries(['', ...headers].map((section) => [section, Object.fromEntries(keysOf(section))]))
}

/** References to other keys go no deeper than in Python. */
const deepest = 10

/**
 * The value of a key: `%%` is `%`, `%(other)s` the value of another key of the section or of [DEFAULT], and one pair of quotes is
 * removed. Undefined if the key isn't set, or set to nothing.
 *
 * @throws RangeError with the reason if the value has no clear meaning.
 */
export function valueIn({ sections }: IniFile, section: string, key: string): string | undefined {
  const known = new Map(Object.entries({ ...sections.DEFAULT, ...sections[section] }))
  const resolved = (text: string, depth: number): string =>
    text.replace(/%%|%\(([^)]+)\)s/g, (_, name: string | undefined) => {
      if (name === undefined) return '%'
      const other = known.get(name.toUpperCase())
      if (other === undefined || depth > deepest)
        throw new RangeError('refers to a key that is not there, as %(key)s; write %% for a percent sign')
      return other.includes('%') ? resolved(other, depth + 1) : other
    })
  const raw = known.get(key)
  if (raw === undefined) return undefined
  const text = resolved(raw, 1)
  // A quote of one line would pair with one of another.
  if (text.includes('\n')) return text
  if (/^[“”„‟‘’‚‛«»]|[“”„‟‘’‚‛«»]$/.test(text))
    throw new RangeError('has quotation marks of a word processor; write straight ones, or none')
  const pair = /^(["'])(.*)\1$/s.exec(text)
  if (!pair && /^["']|["']$/.test(text))
    throw new RangeError(
      'has a quote at one end only; delete it, or put the whole value between quotes of the other kind',
    )
  return (pair?.[2] ?? text) || undefined
}
