import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { piecesIn } from '../../src/objects/file.ts'
import { folderStore } from '../../src/objects/folder.ts'
import { otherName, type SourceObject } from '../../src/objects/object-store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparkify-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, content: string | Buffer = '{}'): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
  return join(folder, path)
}

const store = () => folderStore(folder)
const listed = async () => (await store().list('log_data')).objects.map(({ key }) => key.slice(folder.length + 1))
async function onlyObject(): Promise<SourceObject> {
  const [object] = (await store().list('log_data')).objects
  if (!object) return expect.fail('there is no object')
  return object
}

/** Pieces that stay what they are when the next one is asked for. */
async function* copied(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece)
}

/** What is said, in words and not as a bug, when `work` fails. */
async function complaintOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => expect.fail('nothing failed'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UserError)
  return (error as UserError).message.replaceAll(folder, 'folder')
}

describe('the list of a folder', () => {
  test('is in the order of the paths, however deep, and the same each time', async () => {
    const paths = ['b.json', 'a/z.json', 'a/b/c.json', 'a.json', 'B.json', 'a-b/x.json', '2018/11/2018-11-02.json']
    for (const path of paths) write(path)
    expect(await listed()).toEqual([...paths].sort())
    expect(await listed()).toEqual(await listed())
  })

  test('takes .json, .jsonl and .ndjson, compressed or not, in any case, and names the others', async () => {
    for (const path of [
      'a.json',
      'b.json.gz',
      'c.JSON',
      'd.jsonl',
      'd.NDJSON.GZ',
      'part-00000',
      'e.txt',
      'f.gz',
      'json',
      'g.json.bak',
      'h.json/i.csv',
    ])
      write(path)
    expect(await listed()).toEqual(['a.json', 'b.json.gz', 'c.JSON', 'd.NDJSON.GZ', 'd.jsonl'])
    const { skipped } = await store().list('log_data')
    expect(skipped.map(({ key }) => key.slice(folder.length + 1))).toEqual([
      'e.txt',
      'f.gz',
      'g.json.bak',
      'h.json/i.csv',
      'json',
      'part-00000',
    ])
    expect(new Set(skipped.map(({ reason }) => reason))).toEqual(new Set([otherName]))
  })

  test('leaves out hidden files and folders, and empty files, as markers of folders are', async () => {
    for (const path of ['.a.json', '.git/b.json', 'c/.d.json', 'c/.e/f.json', '_SUCCESS', '_temporary/0/i.json'])
      write(path)
    write('log_data.json', '')
    write('c/g.json.gz', '')
    write('c/h.json')
    expect(await store().list('log_data')).toMatchObject({ objects: [{ key: join(folder, 'c/h.json') }], skipped: [] })
  })

  test('is empty for an empty folder', async () => expect(await listed()).toEqual([]))

  test('follows links to files and folders', async () => {
    write('real/a.json')
    symlinkSync('real', join(folder, 'linked'))
    symlinkSync(join('real', 'a.json'), join(folder, 'b.json'))
    expect(await listed()).toEqual(['b.json', 'linked/a.json', 'real/a.json'])
  })

  test('says in words what is no folder and what is missing', async () => {
    write('a.json')
    expect(await complaintOf(folderStore(join(folder, 'a.json')).list('log_data'))).toBe(
      'The source folder/a.json is a file.',
    )
    expect(await complaintOf(folderStore(join(folder, 'b')).list('log_data'))).toBe(
      'The source folder/b does not exist.',
    )
  })

  test('leaves out what leads nowhere or in circles, with its path', async () => {
    write('a/b.json')
    symlinkSync('nowhere', join(folder, 'a', 'c.json'))
    symlinkSync('d.json', join(folder, 'a', 'd.json'))
    expect(await store().list('log_data')).toMatchObject({
      objects: [{ key: join(folder, 'a/b.json') }],
      skipped: [
        { key: join(folder, 'a/c.json'), reason: 'is a link to a file that does not exist' },
        { key: join(folder, 'a/d.json'), reason: 'is a link to itself' },
      ],
    })
  })

  test('has the size and time of each object, in its version too', async () => {
    const path = write('a.json', '{"a":1}')
    utimesSync(path, 1000, 1_541_105_830.5)
    const before = await onlyObject()
    expect(before).toMatchObject({ source: 'log_data', key: path, bytes: 7, modifiedAt: '2018-11-01T20:57:10.500Z' })
    utimesSync(path, 1000, 1_541_105_831)
    expect((await onlyObject()).etag).not.toBe(before.etag)
    write('a.json', '{"a":10}')
    utimesSync(path, 1000, 1_541_105_830.5)
    expect((await onlyObject()).etag).not.toBe(before.etag)
    write('a.json', '{"b":2}')
    // Runtimes write other fractions of a millisecond.
    utimesSync(path, 1000, 1_541_105_830.500_4)
    expect((await onlyObject()).etag).toBe(before.etag)
  })
})

describe('an object of a folder', () => {
  test.each(['a.json', 'a.json.gz'])('%s is read whole and in pieces, decompressed', async (name) => {
    const content = Buffer.from('{"a":"é"}\n'.repeat(200_000))
    write(name, name.endsWith('.gz') ? gzipSync(content) : content)
    const object = await onlyObject()
    expect((await buffer(piecesIn(object, await store().read(object)))).equals(content)).toBe(true)
    expect((await buffer(copied(store().stream(object)))).equals(content)).toBe(true)
  })

  test('is in place where it is, whatever its name', async () => {
    const path = write('a [1]*.json', '{}')
    expect(await store().localCopy(await onlyObject(), join(folder, 'copy'))).toBe(path)
  })

  test('that changed since it was listed is refused', async () => {
    write('a.json', '{"a":1}')
    const object = await onlyObject()
    await store().verifyUnchanged([object])
    write('a.json', '{"a":1}{')
    const complaint = 'folder/a.json changed while it was being loaded.'
    expect(await complaintOf(store().read(object))).toBe(complaint)
    expect(await complaintOf(store().verifyUnchanged([object]))).toBe(complaint)
  })

  test.each(['a.json', 'a.json.gz'])('%s that is gone since it was listed is missed in words', async (name) => {
    const path = write(name, gzipSync('{}'))
    const object = await onlyObject()
    rmSync(path)
    const works = [
      () => store().read(object),
      () => buffer(store().stream(object)),
      () => store().verifyUnchanged([object]),
    ]
    for (const work of works)
      expect(await complaintOf(work())).toBe(`folder/${name} vanished while it was being loaded.`)
  })

  test('that is named gzip and is not, or not all of it, is refused', async () => {
    const compressed = gzipSync('{"a":1}'.repeat(1000))
    for (const content of [Buffer.from('{"a":1}'), compressed.subarray(0, -10)]) {
      write('a.json.gz', content)
      const object = await onlyObject()
      const stored = await store().read(object)
      for (const work of [() => buffer(piecesIn(object, stored)), () => buffer(store().stream(object))])
        expect(await complaintOf(work())).toBe('folder/a.json.gz is not a complete gzip file.')
    }
  })

  test('of which only the beginning is read is closed', async () => {
    write('a.json.gz', gzipSync('{"a":1}\n'.repeat(1_000_000)))
    for await (const piece of store().stream(await onlyObject())) {
      expect(piece.length).toBeGreaterThan(0)
      break
    }
  })
})
