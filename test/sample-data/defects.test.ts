import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { validateRecord } from '../../src/objects/validate-record.ts'
import { lineDials, maxLineBytes } from '../../src/sample-data/defects/dials.ts'
import type { DefectAccount, Defects } from '../../src/sample-data/defects/inject.ts'
import { objectDials } from '../../src/sample-data/defects/object-dials.ts'
import { dialNames, parseDefects } from '../../src/sample-data/defects/parse.ts'
import { generateSampleData, type SampleOptions } from '../../src/sample-data/generate.ts'
import { stagingEvents, stagingSongs } from '../../src/schema/index.ts'
import { filesBelow, inFolder } from './sample.ts'

interface Made {
  /** Path to content, in Latin-1, so that a character is a byte. */
  readonly files: ReadonlyMap<string, string>
  readonly account: DefectAccount
}

const make = (options: Omit<SampleOptions, 'out'>): Promise<Made> =>
  inFolder(async (out) => {
    const { injected } = await generateSampleData({ ...options, out })
    const all = filesBelow(out)
    if (injected) expect(JSON.parse(all.get('defects.json') as string)).toEqual(injected)
    else expect(existsSync(join(out, 'defects.json'))).toBe(false)
    all.delete('defects.json')
    return { files: all, account: injected ?? { defects: [], variations: [] } }
  })

const unpacked = (path: string, content: string) =>
  path.endsWith('.gz') ? gunzipSync(Buffer.from(content, 'latin1')).toString('latin1') : content
const hash = (content: string) => createHash('sha256').update(content, 'latin1').digest('hex')
const lineNames = lineDials.map(({ name }) => name)
const withoutLongLine = Object.fromEntries(dialNames.map((name) => [name, name === 'long-line' ? 0 : 3]))

/** Each injected line with its record text, after its place and its bytes were found to be as the account says. */
function injectedLines({ files, account }: Made) {
  return account.defects.flatMap(({ dial, object, line, column, bytes, sha256 }) => {
    const content = files.get(object) as string
    const found = line === null ? content : (unpacked(object, content).split('\n')[line - 1] as string)
    expect({ bytes: found.length, sha256: hash(found) }).toEqual({ bytes, sha256 })
    return line === null ? [] : [{ dial, object, column, text: found }]
  })
}

/** The files with the injected lines taken out, and without the objects that were added. */
function goodFiles({ files, account }: Made): Map<string, string> {
  const injected = new Set(account.defects.map(({ object, line }) => `${object}:${line}`))
  const kept = [...files].filter(([path]) => !/^log_data\/(defects|variations)\//.test(path))
  return new Map(
    kept.map(([path, content]) => {
      const lines = content.split('\n').filter((_, index) => !injected.has(`${path}:${index + 1}`))
      return [path, lines.join('\n')]
    }),
  )
}

describe('generateSampleData with defects', () => {
  test('leaves the good records byte for byte, at any size, seed and dials, and accounts for each line', async () => {
    const dials = fc.dictionary(fc.constantFrom(...dialNames.filter((name) => name !== 'long-line')), fc.nat(9), {
      noNullPrototype: true,
    })
    const options = fc.record({ events: fc.integer({ min: 1, max: 400 }), songs: fc.nat(40), seed: fc.maxSafeNat() })
    await fc.assert(
      fc.asyncProperty(options, fc.nat(3), dials, async (size, parts, asked) => {
        const plain = await make({ ...size, files: parts + 1 })
        const hasPlays = [...plain.files.values()].some((text) => text.includes('"page":"NextSong"'))
        const defects: Defects = hasPlays ? asked : { ...asked, conflict: 0 }
        const made = await make({ ...size, files: parts + 1, defects })
        expect(goodFiles(made)).toEqual(plain.files)
        expect(await make({ ...size, files: parts + 1, defects })).toEqual(made)
        injectedLines(made)
        const counts: Record<string, number> = {}
        for (const { dial } of [...made.account.defects, ...made.account.variations])
          counts[dial] = (counts[dial] ?? 0) + 1
        expect(counts).toEqual(Object.fromEntries(Object.entries(defects).filter(([, count]) => count > 0)))
      }),
      { numRuns: 20 },
    )
  }, 120_000)

  test('spreads them over both sources and many files, compressed ones too', async () => {
    const { account } = await make({ events: 2_000, songs: 200, seed: 5, defects: { ...withoutLongLine, gzip: 40 } })
    const objects = account.defects.map(({ object }) => object)
    expect(new Set(objects).size).toBeGreaterThan(40)
    expect(objects.some((object) => object.startsWith('song_data/'))).toBe(true)
    expect(objects.some((object) => object.startsWith('log_data/variations/gzip-'))).toBe(true)
  })

  test('makes lines that are refused for the column that the account names', async () => {
    const defects = Object.fromEntries(lineNames.map((name) => [name, name === 'long-line' ? 0 : 60]))
    const made = await make({ events: 2_000, songs: 100, seed: 2, defects })
    const lines = injectedLines(made)
    expect(new Set(lines.map(({ dial }) => dial)).size).toBe(lineDials.length - 1)
    for (const { dial, object, column, text } of lines) {
      if (dial === 'conflict') continue
      const bytes = Buffer.from(text, 'latin1')
      const table = object.startsWith('log_data') ? stagingEvents : stagingSongs
      const reading = validateRecord(table, { bytes, length: bytes.length })
      expect({ dial, column: 'problem' in reading ? reading.problem.column : 'none' }).toEqual({ dial, column })
    }
    for (const { text } of lines.filter(({ dial }) => dial === 'long-text')) {
      const record = JSON.parse(Buffer.from(text, 'latin1').toString('utf8'))
      expect(Object.values(record).some((value) => /^é+$/.test(String(value)))).toBe(true)
    }
  })

  test('contradicts a play by a later one, and no two of them are the same', async () => {
    const made = await make({ events: 200, songs: 5, seed: 1, days: 1, defects: { conflict: 50 } })
    const good = [...goodFiles(made)]
      .filter(([path]) => path.startsWith('log_data'))
      .flatMap(([, text]) => text.split('\n').map((line) => JSON.parse(line)))
    const conflicts = injectedLines(made).map(({ text }) => JSON.parse(text))
    expect(conflicts.length).toBe(50)
    for (const { sessionId, itemInSession, ts, page, userId } of conflicts) {
      const [play, ...others] = good.filter(
        (event) => event.sessionId === sessionId && event.itemInSession === itemInSession,
      )
      expect({ page, userId, others, known: play.page }).toEqual({
        page: 'NextSong',
        userId: '',
        others: [],
        known: page,
      })
      expect(ts).toBeGreaterThan(play.ts)
    }
    const identities = conflicts.map(({ sessionId, itemInSession, ts }) => `${sessionId} ${itemInSession} ${ts}`)
    expect(new Set(identities).size).toBe(50)
  })

  test('writes a line over the limit that has nothing else wrong', async () => {
    const made = await make({ events: 20, songs: 0, seed: 1, defects: { 'long-line': 2 } })
    for (const { text } of injectedLines(made)) {
      expect(text.length).toBeGreaterThan(maxLineBytes)
      const bytes = Buffer.from(text, 'latin1')
      expect(validateRecord(stagingEvents, { bytes, length: 0 })).toHaveProperty('values')
    }
  })

  test('has variations whose records are copies of good ones', async () => {
    const defects = Object.fromEntries(objectDials.map(({ name }) => [name, 4]))
    const { files, account } = await make({ events: 500, songs: 5, seed: 3, defects })
    const sorted = (line: string) => {
      const { device: _, abTest: __, ...record } = JSON.parse(line)
      return JSON.stringify(Object.entries(record).sort())
    }
    const good = new Set(
      [...files]
        .filter(([path]) => path.startsWith('log_data/2018/'))
        .flatMap(([, text]) => text.split('\n').map(sorted)),
    )
    expect(account.variations.length).toBe(4 * objectDials.filter(({ isDefect }) => !isDefect).length)
    for (const { object, records } of account.variations) {
      const text = unpacked(object, files.get(object) as string).replace(/^\xef\xbb\xbf/, '')
      const lines = text.split('\n').filter((line) => line.trim() !== '')
      expect(lines.length).toBe(records)
      for (const line of lines) expect(good.has(sorted(line))).toBe(true)
    }
  })

  test.each([
    [{ events: 0, songs: 5 }, { conflict: 1 }],
    [{ events: 0, songs: 0 }, { 'not-json': 1 }],
    [{ events: 0, songs: 5 }, { gzip: 1 }],
  ])('refuses of %j the defects %j, which need other records', async (size, defects) => {
    const running = make({ ...size, seed: 1, defects })
    await expect(running).rejects.toThrow(`There is no record to make the defect ${Object.keys(defects)[0]} of.`)
  })
})

describe('parseDefects', () => {
  test('reads a number for each dial, and all for the others', () => {
    expect(parseDefects('all=2, array=0')).toEqual({
      ...Object.fromEntries(dialNames.map((name) => [name, 2])),
      array: 0,
    })
    expect(parseDefects('utf-16=7')).toMatchObject({ 'utf-16': 7, 'not-json': 0 })
  })

  test.each([
    ['wrong-typ=2', 'There is no defect wrong-typ.', 'Did you mean wrong-type? --help names all.'],
    [
      'array',
      'The defect array has no number that can be used.',
      'Give a whole number from 0 to 100,000, such as array=3.',
    ],
    ['array=-1', 'The defect array=-1 has no number that can be used.', 'Give a whole number'],
    ['array=1.5', 'The defect array=1.5 has no number that can be used.', 'Give a whole number'],
    ['array=100001', 'The defect array=100001 has no number that can be used.', 'Give a whole number'],
    ['array=1,array=2', 'The defect array is there twice.', 'Give one number for it.'],
    ['array=1,', 'There is no defect "".', 'Did you mean'],
  ])('refuses %s', (text, message, hint) => {
    try {
      parseDefects(text)
    } catch (error) {
      expect(error).toBeInstanceOf(UserError)
      expect(error).toMatchObject({ message, exitCode: 2, hint: expect.stringContaining(hint) })
      return
    }
    expect.fail('it was read')
  })
})
