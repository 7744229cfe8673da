import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { folderStore } from '../../src/objects/folder.ts'
import { linesOf } from '../../src/objects/lines.ts'
import { spool } from '../../src/objects/spool.ts'

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
}

/** What each part held while it was there. */
async function spoolAll(): Promise<SpooledPart[]> {
  const store = folderStore(sourceFolder())
  const parts: SpooledPart[] = []
  for await (const { paths, objects, records } of spool(store, await store.list('log_data'), spooled)) {
    parts.push({
      names: objects.map(({ key }) => key.slice(sourceFolder().length + 1)),
      paths,
      contents: paths.map((path) => readFileSync(path, 'utf8')),
      records: await records,
    })
  }
  return parts
}

const large = (text: string) => `${text}\n`.repeat(Math.ceil(1_100_000 / (text.length + 1)))

describe('the spool', () => {
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
      .array(fc.constantFrom('{}', '{"a":1}', ' ', '\t', '\n', '\r\n', '\f'))
      .map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), async (texts) => {
        rmSync(sourceFolder(), { recursive: true, force: true })
        write(Object.fromEntries(texts.map((content, index) => [`${index}.json`, content])))
        const store = folderStore(sourceFolder())
        const expected: number[] = []
        for (const object of await store.list('log_data'))
          expected.push((await Readable.from(linesOf(store, object)).toArray()).length)
        expect((await spoolAll()).flatMap(({ records }) => records)).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })

  test('is gone afterwards, and there is nothing to spool of nothing', async () => {
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
    const objects = await store.list('log_data')
    const failing = async () => {
      for await (const _ of spool(store, objects, spooled)) throw new Error('the engine has failed')
    }
    await expect(failing()).rejects.toThrow('the engine has failed')
    expect(existsSync(spooled)).toBe(false)
    for await (const _ of spool(store, objects, spooled)) break
    expect(existsSync(spooled)).toBe(false)
  })

  test('is gone when an object cannot be read', async () => {
    write({ 'a.json': '{}', 'b.json.gz': 'not gzip' })
    await expect(spoolAll()).rejects.toThrow('b.json.gz is not a whole gzip file')
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
