import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { duration, escapeControl, escapeControlJson, escapeControlLines } from '../src/text.ts'
import { anyText } from './reports/examples.ts'

describe('escapeControl', () => {
  test.each([
    ['\x1b[31mred\x07', '␛[31mred␇'],
    ['two\r\nlines\tand a tab', 'two␍␊lines␉and a tab'],
    ['You\x19re The One', 'You␙re The One'],
    ['\x7f\x9b', '␡\\u009b'],
    ['\u202eback', '\\u202eback'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    ['half \ud800', 'half \\ud800'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
  ])('%j is shown as %s', (text, shown) => expect(escapeControl(text)).toBe(shown))

  test.each(['Björk', '宇多田ヒカル', 'شيرين', '👩‍👩‍👧‍👦', '❤️', ' \u00a0blanks '])('%s stays as it is', (text) =>
    expect(escapeControl(text)).toBe(text),
  )

  test('of any text makes one line of well-formed Unicode without controls, and what is visible stays', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = escapeControl(text)
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/u)
        expect(escapeControl(shown)).toBe(shown)
      }),
    )
  })
})

test('escapeControlLines keeps lines and shows what stands in them', () => {
  expect(escapeControlLines('a\x1b[2J\r\n\n\x9bb')).toBe('a␛[2J\n\n\\u009bb')
})

test('escapeControlJson of any value says the same as JSON, without a character that acts', () => {
  fc.assert(
    fc.property(fc.dictionary(anyText, anyText), (value) => {
      const text = escapeControlJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(escapeControl(text)).toBe(text)
    }),
  )
})

test.each([
  [400, '0.40 s'],
  [9_996, '10.0 s'],
  [45_000, '45.0 s'],
  [59_970, '1 min 0 s'],
  [119_700, '2 min 0 s'],
  [192_000, '3 min 12 s'],
  [3_599_700, '1 h 0 min'],
  [7_500_000, '2 h 5 min'],
])('%d ms are %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text)
})
