import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Line, linesOf } from '../../src/objects/lines.ts'
import type { ObjectStore, SourceObject } from '../../src/objects/object-store.ts'

/** As a store hands it out: when the next piece is asked for, something else stands in the memory of the one before. */
async function* inPieces(content: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0
  for (let turn = 0; start < content.length; turn += 1) {
    const end = start + (sizes[turn % sizes.length] ?? content.length)
    const piece = Buffer.from(content.subarray(start, end))
    yield piece
    piece.fill('x')
    start = end
  }
}

/** The lines of a content that arrives in pieces of these sizes, over and over. */
async function linesIn(content: string | Buffer, ...sizes: number[]): Promise<Line[]> {
  const store = { stream: () => inPieces(Buffer.from(content as string), sizes) } as unknown as ObjectStore
  return Readable.from(linesOf(store, {} as SourceObject)).toArray()
}

const textsOf = (lines: readonly Line[]) => lines.map(({ number, bytes }) => `${number} ${bytes}`)

/** Bytes in which line ends, white space and parts of characters are frequent. */
const content = fc
  .array(
    fc.oneof(
      fc.constantFrom(9, 10, 10, 11, 12, 13, 32, 0xc3, 0xa9, 0xe2, 0x80, 0xa8),
      fc.integer({ min: 0, max: 255 }),
    ),
  )
  .map((bytes) => Buffer.from(bytes))
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })

describe('the lines of an object', () => {
  test('are numbered from 1; blank ones count but are left out', async () => {
    expect(textsOf(await linesIn('{"a":1}\n\n \t\r\n{"b":2}\n\v\f\n{"c":3}'))).toEqual([
      '1 {"a":1}',
      '4 {"b":2}',
      '6 {"c":3}',
    ])
  })

  test('are none in an empty object, and one without a newline at the end', async () => {
    expect(await linesIn('')).toEqual([])
    expect(await linesIn('\n\n')).toEqual([])
    expect(textsOf(await linesIn('{}'))).toEqual(['1 {}'])
    expect(textsOf(await linesIn('{}\n'))).toEqual(['1 {}'])
  })

  test('lose the CR before the line feed, and no other', async () => {
    expect(textsOf(await linesIn('a\rb\r\nc\r'))).toEqual(['1 a\rb', '2 c'])
  })

  test('keep white space that is none to the engines, as text is text', async () => {
    expect(textsOf(await linesIn('\u00a0\n\ufeff\n\u2028\n'))).toEqual(['1 \u00a0', '2 \ufeff', '3 \u2028'])
  })

  test('are whole where a character or a CRLF is cut by the end of a piece', async () => {
    const text = '日本語\r\n🎵🎶\n'
    for (let size = 1; size <= Buffer.byteLength(text); size += 1)
      expect(textsOf(await linesIn(text, size))).toEqual(['1 日本語', '2 🎵🎶'])
  })

  test('keep their bytes where those are no UTF-8', async () => {
    const [line] = await linesIn(Buffer.from([0x61, 0xff, 0xc3]))
    expect(line?.bytes).toEqual(Buffer.from([0x61, 0xff, 0xc3]))
  })

  test('lose the byte order mark of the object, and no other', async () => {
    expect(textsOf(await linesIn('\ufeff{}\n\ufeff{}'))).toEqual(['1 {}', '2 \ufeff{}'])
  })

  test('say how long they are, however little of them is kept', async () => {
    const size = 17 * 1024 * 1024
    const [line] = await linesIn(Buffer.alloc(size, 'x'), 1_000_000)
    expect(line?.length).toBe(size)
    expect(line?.bytes.length).toBe(16 * 1024 * 1024)
  })

  test('are the same however the content is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(content, sizes, async (bytes, cuts) => {
        expect(await linesIn(bytes, ...cuts)).toEqual(await linesIn(bytes, bytes.length || 1))
      }),
      { numRuns: 500 },
    )
  })

  test('are the lines that splitting the text gives', async () => {
    const line = fc.string({ unit: 'binary' }).filter((text) => !/[\r\n]/.test(text))
    await fc.assert(
      fc.asyncProperty(fc.array(line), sizes, async (lines, cuts) => {
        const expected = lines.flatMap((text, index) => (/^[\t\v\f ]*$/.test(text) ? [] : [`${index + 1} ${text}`]))
        expect(textsOf(await linesIn(lines.join('\n'), ...cuts))).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })
})
