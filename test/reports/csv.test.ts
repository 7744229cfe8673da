import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderCsv } from '../../src/reports/csv.ts'
import type { Row } from '../../src/schema/index.ts'
import { anyText } from './examples.ts'

describe('renderCsv', () => {
  test('a header, CRLF, quotes where needed, null apart from the empty string', () => {
    const rows = [
      { artist: 'Björk', note: 'a "b", c', plays: 1234.5, known: true },
      { artist: null, note: '', plays: null, known: false },
    ]
    expect(renderCsv(rows)).toBe('artist,note,plays,known\r\nBjörk,"a ""b"", c",1234.5,true\r\n,"",,false\r\n')
  })

  test('no rows are no text', () => expect(renderCsv([])).toBe(''))

  test.each(['=1+1', '+1+1', '-1+1', '@SUM(A1)', ' =1+1', '\tA1', '\rA1', '\nA1', '- Intro', '＝1', '－A1'])(
    'a spreadsheet gets %j as text, as a value and as the name of a column',
    (text) => {
      const cell = (value: string) => (/[\r\n]|^\s/.test(value) ? `"${value}"` : value)
      const rows = [{ [text]: text }]
      expect(renderCsv(rows, { spreadsheet: true })).toBe(`\ufeff${cell(`'${text}`)}\r\n${cell(`'${text}`)}\r\n`)
      expect(renderCsv(rows)).toBe(`${cell(text)}\r\n${cell(text)}\r\n`)
    },
  )

  test('numbers, and text that starts like no formula, are the same in a spreadsheet', () => {
    const rows = [{ a: -3, b: '-12.50', c: '+49', d: "'=1", e: '1=1', f: 'A-ha', g: '', h: null, i: true }]
    expect(renderCsv(rows, { spreadsheet: true })).toBe(`\ufeff${renderCsv(rows)}`)
  })

  test('any values read back exactly', () => {
    const value = fc.oneof(anyText, fc.constant(null))
    fc.assert(
      fc.property(fc.array(fc.record({ a: value, b: value, c: value }), { minLength: 1, maxLength: 5 }), (rows) => {
        expect(parse(renderCsv(rows))).toEqual(rows)
      }),
    )
  })
})

/** RFC 4180 read back the slow way, character by character. A field without quotes and without text is null. */
function parse(text: string): Row[] {
  const records: (string | null)[][] = [[]]
  let at = 0
  while (at < text.length) {
    let field: string | null = null
    if (text[at] === '"') {
      field = ''
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
        if (text[at] === '"') at += 1
        field += text[at]
      }
      at += 1
    } else {
      const start = at
      while (at < text.length && text[at] !== ',' && text[at] !== '\r') at += 1
      if (at > start) field = text.slice(start, at)
    }
    records.at(-1)?.push(field)
    if (text[at] === ',') at += 1
    else if (text.slice(at, at + 2) === '\r\n') at += records.push([]) * 0 + 2
    else throw new Error(`Neither comma nor end of line at ${at}`)
  }
  const [names = [], ...rows] = records.slice(0, -1)
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [String(name), row[index] ?? null])))
}
