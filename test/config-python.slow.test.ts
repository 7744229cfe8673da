import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readIni, valueIn } from '../src/ini-file.ts'

const hasPython = spawnSync('python3', ['-c', 'import configparser']).status === 0

/** Reads texts as configparser does: sections with their values, or null where it has no answer. */
const reader = `
import configparser, json, sys
def read(text):
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
        return {name: {key.upper(): parser.get(name, key) for key in parser[name]} for name in parser.sections()}
    except (configparser.Error, ValueError):
        return None
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
`

function readByPython(texts: readonly string[]): (Record<string, Record<string, string>> | null)[] {
  const { stdout, stderr } = spawnSync('python3', ['-c', reader], {
    input: JSON.stringify(texts),
    maxBuffer: 1e9,
    encoding: 'utf8',
  })
  if (stderr !== '') throw new Error(stderr)
  return JSON.parse(stdout)
}

/** What we make of it, without the pair of quotes that only we remove; null where we refuse. */
function readByUs(text: string): Record<string, Record<string, string>> | null {
  const file = readIni(text)
  if (file.problems.length > 0 || Object.keys(file.sections[''] ?? {}).length > 0) return null
  try {
    const { DEFAULT = {}, ...sections } = file.sections
    return Object.fromEntries(
      Object.entries(sections)
        .filter(([name]) => name !== '')
        .map(([name, own]) => [
          name,
          Object.fromEntries(Object.keys({ ...DEFAULT, ...own }).map((key) => [key, valueIn(file, name, key) ?? ''])),
        ]),
    )
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Without the pair of quotes that only we remove, of a value on one line. */
const unquoted = (value: string) => (value.includes('\n') ? value : (/^(["'])(.*)\1$/s.exec(value)?.[2] ?? value))

const word = fc.constantFrom(
  ...['key', 'KEY', 'Log_Data', 'other', 'a b', 'a:b', 'a=b', '%%', '50%', '%(key)s', '%(other)s', '"x"', "'x'", '“x”'],
  ...[
    '# note',
    '; note',
    'a # b',
    'a ; b',
    '\\\\server\\share',
    'C:\\new',
    '[x]',
    '',
    ' ',
    '\u00e9',
    '\ud83c\udfb5',
    '=',
    ':',
  ],
)
const indent = fc.constantFrom('', '', '', ' ', '    ', '\t')
const line = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(indent, word, fc.constantFrom('=', ' = ', ':', ': ', ' := '), word)
      .map((parts) => parts.join('')),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(indent, fc.constantFrom('[S3]', '[DWH] # here', '[DEFAULT]', '[a]b]'))
      .map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: fc.tuple(indent, word).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.constantFrom('', '   ', '# comment', ' ; comment') },
)
const text = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, end]) => ['[S3]', ...lines].join(end))

describe.skipIf(!hasPython)("a config and Python's configparser", () => {
  test('read any text alike, where both have an answer; we refuse what has no clear meaning', () => {
    const texts = fc.sample(text, { numRuns: 20_000, seed: 1 })
    const answers = readByPython(texts)
    let both = 0
    for (const [index, each] of texts.entries()) {
      const [theirs, ours] = [answers[index], readByUs(each)]
      if (theirs === null || theirs === undefined || ours === null) continue
      both += 1
      const plain = Object.entries(theirs).map(([name, values]) => [
        name,
        Object.fromEntries(Object.entries(values).map(([key, value]) => [key, unquoted(value)])),
      ])
      expect(ours, JSON.stringify(each)).toEqual(Object.fromEntries(plain))
    }
    expect(both).toBeGreaterThan(2_000)
  })
})
