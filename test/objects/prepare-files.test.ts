import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { folderStore } from '../../src/objects/folder.ts'
import { prepareFiles } from '../../src/objects/prepare-files.ts'
import { stagingSongs } from '../../src/schema/index.ts'

let folder: string
let spooled: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparkify-'))
  spooled = join(folder, 'spool')
})
afterEach(() => rmSync(folder, { recursive: true }))

const sourceFolder = () => join(folder, 'source')
function write(files: Readonly<Record<string, string | Buffer>>): void {
  mkdirSync(sourceFolder(), { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(sourceFolder(), name)), { recursive: true })
    writeFileSync(join(sourceFolder(), name), content)
  }
}

interface SpooledPart {
  readonly names: string[]
  readonly paths: readonly string[]
  readonly contents: string[]
  readonly records: readonly number[]
  readonly rejected: readonly (string | number | null)[][]
  readonly isPlain: boolean
}

/** What each part held while it was there. */
async function spoolAll({
  needsValidation = (_: string): boolean => false,
  maxRejected = 1000,
} = {}): Promise<SpooledPart[]> {
  const store = folderStore(sourceFolder())
  const parts: SpooledPart[] = []
  const all = (await store.list('log_data')).objects
  const objectsToValidate = new Set(all.filter(({ key }) => needsValidation(key)))
  for await (const { paths, objects, results } of prepareFiles(store, songs, all, {
    folder: spooled,
    objectsToValidate,
    maxRejected,
  })) {
    parts.push({
      names: objects.map(({ key }) => key.slice(sourceFolder().length + 1)),
      paths,
      contents: paths.map((path) => readFileSync(path, 'utf8')),
      records: (await results).map(({ records }) => records),
      rejected: (await results).flatMap(({ rejected }) =>
        rejected.map(({ objectKey, line, column, reason, raw }) => [
          String(objectKey).slice(sourceFolder().length + 1),
          line,
          column,
          reason,
          raw?.toString('latin1') ?? null,
        ]),
      ),
      isPlain: (await results).every(({ needsValidation }) => !needsValidation),
    })
  }
  return parts
}

/** The column that stands here for all there may be. */
const songs = { ...stagingSongs, columns: stagingSongs.columns.filter(({ name }) => name === 'year') }
const options = () => ({ folder: spooled, objectsToValidate: new Set<never>(), maxRejected: 0 })

const large = (text: string) => `${text}\n`.repeat(Math.ceil(1_100_000 / (text.length + 1)))

describe('the prepareFiles', () => {
  test('joins small objects in their order, each on lines of its own though none ends with a newline', async () => {
    write({ 'b.json': '{"b":1}\n{"b":2}', 'a.json': '{"a":1}', 'c.json.gz': gzipSync('{"c":1}\n') })
    const parts = await spoolAll()
    expect(parts).toHaveLength(1)
    expect(parts[0]).toMatchObject({ names: ['a.json', 'b.json', 'c.json.gz'], records: [1, 2, 1] })
    const lines = parts[0]?.contents.join('').split('\n')
    expect(lines?.filter((line) => line !== '')).toEqual(['{"a":1}', '{"b":1}', '{"b":2}', '{"c":1}'])
  })

  test('reads large objects where they lie, with as many records as they have lines', async () => {
    write({ 'large.json': large('{"a":1}'), 'small.json': '{}', 'other.json': large('{"b":22}').trimEnd() })
    const parts = await spoolAll()
    const places = parts.flatMap(({ names, paths }) => (names.includes('small.json') ? [] : paths))
    expect(places).toEqual(['large.json', 'other.json'].map((name) => join(sourceFolder(), name)))
    const counts = Object.fromEntries(
      parts.flatMap(({ names, records }) => names.map((name, index) => [name, records[index]])),
    )
    expect(counts).toEqual({
      'large.json': Math.ceil(1_100_000 / 8),
      'other.json': Math.ceil(1_100_000 / 9),
      'small.json': 1,
    })
  })

  test('has every object exactly once', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `${index % 7}/${index}.json`)
    write(Object.fromEntries(names.map((name) => [name, `{"name":"${name}"}`])))
    write({ 'large.json': large('{}') })
    const parts = await spoolAll()
    expect(parts.flatMap((part) => part.names).sort()).toEqual([...names, 'large.json'].sort())
  })

  test('holds the records that the lines of its objects are, whatever these hold', async () => {
    const text = fc
      .array(fc.constantFrom('{}', '{"a":1}', ' ', '\t', '\n', '\r\n', '\n\f\n'))
      .map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), async (texts) => {
        rmSync(sourceFolder(), { recursive: true, force: true })
        write(Object.fromEntries(texts.map((content, index) => [`${index}.json`, content])))
        const expected = texts.filter((content) => content !== '').map((content) => content.split('{').length - 1)
        expect((await spoolAll()).flatMap(({ records }) => records)).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })

  test('is gone afterwards, and there is nothing to prepareFiles of nothing', async () => {
    write({ 'a.json': '{}', 'b.json': large('{}'), 'c[1].json': large('{}') })
    await spoolAll()
    expect(readdirSync(folder)).toEqual(['source'])
    expect(readdirSync(sourceFolder())).toEqual(['a.json', 'b.json', 'c[1].json'])
    rmSync(sourceFolder(), { recursive: true })
    write({})
    expect(await spoolAll()).toEqual([])
    expect(readdirSync(folder)).toEqual(['source'])
  })

  test('is gone when its reader fails or has enough', async () => {
    write({ 'a.json': '{}', 'b.json': large('{}') })
    const store = folderStore(sourceFolder())
    const objects = (await store.list('log_data')).objects
    const failing = async () => {
      for await (const _ of prepareFiles(store, songs, objects, options())) throw new Error('the engine has failed')
    }
    await expect(failing()).rejects.toThrow('the engine has failed')
    expect(existsSync(spooled)).toBe(false)
    for await (const _ of prepareFiles(store, songs, objects, options())) break
    expect(existsSync(spooled)).toBe(false)
  })

  test('says which objects cannot be read, and has the others', async () => {
    write({ 'a.json': '{}', 'b.json.gz': 'not gzip', 'c.json': Buffer.from('{"a":1}', 'utf16le') })
    const [part] = await spoolAll({ needsValidation: (key) => key.endsWith('c.json') })
    expect(part?.records).toEqual([1, 0, 0])
    expect(part?.rejected).toEqual([
      ['b.json.gz', null, null, 'is not a complete gzip file', null],
      ['c.json', null, null, 'is in UTF-16, not in UTF-8', null],
    ])
    expect(existsSync(spooled)).toBe(false)
  })

  test('holds only the records that can be loaded, plain ones as they are, others spelled as every engine reads them', async () => {
    write({
      'small.json': '{"year":" +0200.0 ","other":1}\n{"year":1999 , "other":[{"a":null}]}\nhello\n{"year":"noon"}\n',
      'large.json': `{"year":1.5}\n${large('{"year":1970}')}`,
      'plain.json': 'hello',
    })
    const parts = await spoolAll({ needsValidation: (key) => key.endsWith('large.json') })
    expect(parts.flatMap(({ rejected }) => rejected)).toEqual([
      ['plain.json', 1, null, 'is not JSON', 'hello'],
      ['small.json', 3, null, 'is not JSON', 'hello'],
      ['small.json', 4, 'year', 'has year that is not a number', '{"year":"noon"}'],
      ['large.json', 1, 'year', 'has year that is not a whole number', '{"year":1.5}'],
    ])
    expect(parts[0]?.contents.join('').trim()).toBe('{"year":200}\n{"year":1999 , "other":[{"a":null}]}')
    expect(new Set(parts[1]?.contents.join('').trim().split('\n'))).toEqual(new Set(['{"year":1970}']))
  })

  test('says of a large object whether the engine can read it as it is', async () => {
    write({ 'large.json': large('{"year":1}') })
    expect((await spoolAll())[0]).toMatchObject({ isPlain: true, rejected: [] })
    write({ 'large.json': `${large('{"year":1}')}{"year": true}` })
    expect((await spoolAll())[0]).toMatchObject({ isPlain: false, rejected: [] })
  })

  test('gives up when more records of an object are refused than may be', async () => {
    write({ 'a.json': 'one\n{}\ntwo\nthree' })
    const needsValidation = () => true
    expect((await spoolAll({ needsValidation, maxRejected: 3 })).flatMap(({ rejected }) => rejected)).toHaveLength(3)
    await expect(spoolAll({ needsValidation, maxRejected: 2 })).rejects.toThrow(
      /MAX_QUARANTINED = 2.*a\.json, line 1: is not JSON/,
    )
    expect(existsSync(spooled)).toBe(false)
  })

  test('replaces what a process left there that was killed', async () => {
    mkdirSync(join(spooled, 'copies'), { recursive: true })
    writeFileSync(join(spooled, 'joined.json'), '{"half')
    writeFileSync(join(spooled, 'copies', '0.json'), '{"half')
    write({ 'a.json': '{}', 'b[1].json': large('{}') })
    const parts = await spoolAll()
    expect(parts.flatMap(({ names }) => names)).toEqual(['a.json', 'b[1].json'])
    expect(parts.flatMap(({ contents }) => contents).join('')).not.toContain('half')
    expect(existsSync(spooled)).toBe(false)
  })
})
