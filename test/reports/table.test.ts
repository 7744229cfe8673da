import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { tableOf } from '../../src/reports/pivot.ts'
import { renderTable } from '../../src/reports/table.ts'
import { escapeControl, shorten, wrap } from '../../src/text.ts'
import { anyText, byWeekday } from './examples.ts'

const lines = (text: string) => text.split('\n')

/** Columns of a terminal. Word by word: string-width lets some letters swallow the blank behind them, terminals don't. */
const widthOf = (line: string) => {
  const words = line.split(' ')
  return words.reduce((sum, word) => sum + stringWidth(word), words.length - 1)
}

describe('renderTable', () => {
  test('numbers to the right with thousands set apart, text to the left, no blanks at the end', () => {
    const rows = [
      { level: 'paid', plays: 5591, share: 81.98, note: null },
      { level: 'free', plays: 1229, share: 18, note: 'x' },
    ]
    expect(lines(renderTable(rows))).toEqual([
      'level  plays  share  note',
      '─────  ─────  ─────  ────',
      'paid   5,591  81.98  null',
      'free   1,229  18.00  x',
    ])
  })

  test('bars are drawn in eighths of a column, or in ASCII', () => {
    const rows = [
      { hour: 0, plays: 160 },
      { hour: 1, plays: 81 },
      { hour: 2, plays: 0 },
    ]
    expect(lines(renderTable(rows, { bar: 'plays', width: 33 })).slice(2)).toEqual([
      '   0    160  ████████████████████',
      '   1     81  ██████████▏',
      '   2      0',
    ])
  })

  test('wide characters, emoji and combining marks take the columns a terminal gives them', () => {
    const rows = ['日本語', '👩‍👩‍👧‍👦', 'e\u0301', 'plain'].map((artist) => ({ artist, plays: 1 }))
    expect(lines(renderTable(rows)).map((line) => stringWidth(line))).toEqual([13, 13, 13, 13, 13, 13])
  })

  test('the widest text takes up to three lines and is then shortened, numbers never are', () => {
    const rows = [{ song: 'x'.repeat(90), artist: 'y'.repeat(20), plays: 123456 }]
    const [, rule, ...row] = lines(renderTable(rows, { width: 50 }))
    expect(row).toEqual([`${'x'.repeat(19)}  ${'y'.repeat(20)}  123,456`, 'x'.repeat(19), `${'x'.repeat(18)}…`])
    expect(rule).toHaveLength(50)
    expect(lines(renderTable(rows, { width: 63, bar: 'plays' })).slice(2)).toEqual([
      `${'x'.repeat(19)}…  ${'y'.repeat(20)}  123,456  ██████████`,
    ])
  })

  test('paths lose what they share, their start; prose breaks at blanks', () => {
    const row = (key: string) => ({
      object_key: `s3://sparkify-logs/log_data/2018/11/${key}`,
      line_number: 12,
      reason: 'ts is "yesterday", which is not a whole number of milliseconds since 1970',
    })
    expect(renderTable([row('2018-11-13-events.json'), row('a.json')])).toBe(
      `
object_key                        line_number  reason
────────────────────────────────  ───────────  ─────────────────────────────────
…/2018/11/2018-11-13-events.json           12  ts is "yesterday", which is not a
                                               whole number of milliseconds
                                               since 1970
…fy-logs/log_data/2018/11/a.json           12  ts is "yesterday", which is not a
                                               whole number of milliseconds
                                               since 1970`.trimStart(),
    )
    expect(lines(renderTable([{ ...row('a.json'), column_name: 'ts', raw_text: `{${'x'.repeat(500)}}` }]))).toEqual([
      'object_key   s3://sparkify-logs/log_data/2018/11/a.json',
      'line_number  12',
      'reason       ts is "yesterday", which is not a whole number of milliseconds',
      '             since 1970',
      'column_name  ts',
      `raw_text     {${'x'.repeat(66)}`,
      ...Array.from({ length: 3 }, () => `             ${'x'.repeat(67)}`),
      `             ${'x'.repeat(66)}…`,
    ])
  })

  test('rows that fit in no line become blocks', () => {
    const row = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`column_${index}`, 'value of some length']))
    const text = renderTable([{ ...row, plays: 1234567 }, row], { width: 40 })
    expect(lines(text).slice(7, 12)).toEqual([
      'column_7  value of some length',
      'column_8  value of some length',
      'plays     1,234,567',
      '',
      'column_0  value of some length',
    ])
  })

  test('identifiers and years are not counted, so they have no separators', () => {
    const rows = [{ session_id: 1114, year: 2018, plays: 6820 }]
    expect(lines(renderTable(rows))[2]).toBe('      1114  2018  6,820')
  })

  test('numbers of any size and kind are shown', () => {
    const rows = [1e20, 2.5e-7, -0, Number.NaN, 0.1 + 0.2, -1234.5].map((value) => ({ value }))
    expect(lines(renderTable(rows)).slice(2)).toEqual(
      [
        '100000000000000000000',
        '              2.5e-7',
        '                 0.0',
        '                 NaN',
        '                 0.3',
        '            -1,234.5',
      ].map((line) => line.padStart(21)),
    )
  })

  test('hints give headings', () => {
    const columns = [{ name: 'share', title: 'Part of all' }]
    expect(lines(renderTable([{ share: 81.976, plays: 1 }], { columns }))).toEqual([
      'Part of all  plays',
      '───────────  ─────',
      '     81.976      1',
    ])
  })

  test('no rows are said to be none', () => expect(renderTable([])).toBe('(no rows)'))

  test('a series becomes columns, in the order of the rows, and what is missing is blank', () => {
    const { rows, ...options } = tableOf(byWeekday)
    expect(lines(renderTable(rows, options)).slice(0, 6)).toEqual([
      'hour  Monday  Tuesday  Wednesday',
      '────  ──────  ───────  ─────────',
      '   0     155      156        157',
      '   1     154      155        156',
      '   2     117      118        119',
      '   3              110        111',
    ])
  })

  const anyRows = fc.array(
    fc.record({ before: anyText, plays: fc.option(fc.integer()), after: anyText, end: fc.nat() }),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  const anyWidth = fc.integer({ min: 66, max: 200 })

  test('no text in any cell breaks the alignment, leaves the width or gets a control character out', () => {
    fc.assert(
      fc.property(anyRows, anyWidth, (rows, width) => {
        const text = renderTable(rows, { width })
        expect(text).not.toMatch(/[^\P{Cc}\n]|[\p{Cs}\u202a-\u202e\u2066-\u2069]|[^\S\n]$/mu)
        const widths = lines(text).map(widthOf)
        const most = Math.max(...widths)
        // The last column is to the right, so the first line of every row ends where the others do.
        expect(widths.filter((each) => each === most).length).toBeGreaterThanOrEqual(rows.length + 2)
        expect(lines(text).length).toBeLessThanOrEqual(3 * rows.length + 2)
        expect(most).toBeLessThanOrEqual(width)
      }),
    )
  })

  test('colour adds nothing but colour', () => {
    fc.assert(
      fc.property(anyRows, anyWidth, (rows, width) => {
        const options = { width, bar: 'end' }
        expect(stripVTControlCharacters(renderTable(rows, { ...options, color: true }))).toBe(
          renderTable(rows, options),
        )
      }),
    )
  })

  test('blocks keep to the width too', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 8, maxLength: 8 }), (values) => {
        const row = Object.fromEntries(values.map((value, index) => [`column_${index}`, value]))
        for (const line of lines(renderTable([row], { width: 40 }))) expect(widthOf(line)).toBeLessThanOrEqual(40)
      }),
    )
  })
})

describe('shorten', () => {
  test('cuts between characters as people see them', () => {
    expect(shorten('日本語', 4)).toBe('日…')
    expect(shorten('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3)).toBe('👩‍👩‍👧‍👦…')
    expect(shorten('fits', 4)).toBe('fits')
  })
})

describe('wrap', () => {
  test('breaks a sentence at blanks, and leaves one alone that fits', () => {
    expect(wrap('Most plays start between 16:00 and 17:00 UTC: 542.', 80)).toBe(
      'Most plays start between 16:00 and 17:00 UTC: 542.',
    )
    expect(lines(wrap('Most plays start between 16:00 and 17:00 UTC: 542.', 20))).toEqual([
      'Most plays start',
      'between 16:00 and',
      '17:00 UTC: 542.',
    ])
    expect(lines(wrap('日本 日本 日本', 10))).toEqual(['日本 日本', '日本'])
  })

  test('any sentence keeps its words, and a line is too long only if it is one word', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 80 }), (sentence, width) => {
        const wrapped = lines(wrap(sentence, width))
        expect(wrapped.join(' ')).toBe(escapeControl(sentence))
        for (const line of wrapped) if (line.includes(' ')) expect(widthOf(line)).toBeLessThanOrEqual(width)
      }),
    )
  })
})
