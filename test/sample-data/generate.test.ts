import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { generateSampleData } from '../../src/sample-data/generate.ts'
import { filesBelow, inFolder, type SampleEvent, sample } from './sample.ts'

const small = { events: 700, songs: 60, seed: 7 }

/** A hash of all paths and bytes. */
async function fingerprint(options: Parameters<typeof sample>[0]): Promise<string> {
  const { logs, songs } = await sample(options)
  return createHash('sha256')
    .update(JSON.stringify([...logs, ...songs]))
    .digest('hex')
}

test('the same options give the same bytes on every machine, and another seed gives others', async () => {
  expect(await fingerprint(small)).toMatchInlineSnapshot(
    `"13e78fea51fdecf8000d551481e87bbb6973bbbc7abe0aa7990d922634929ec3"`,
  )
  const others = await Promise.all([7, 8, 7 + 2 ** 32].map((seed) => fingerprint({ ...small, seed })))
  expect(new Set(others).size).toBe(3)
})

test('more events leave the songs as they are', async () => {
  expect((await sample({ ...small, events: 20 })).songs).toEqual((await sample(small)).songs)
})

test('a second run into the same folder overwrites its own files only', () =>
  inFolder(async (out) => {
    await generateSampleData({ ...small, out })
    const before = filesBelow(out)
    for (const path of before.keys()) writeFileSync(join(out, path), 'half a f')
    writeFileSync(join(out, 'log_data', 'notes.txt'), 'keep')
    await generateSampleData({ ...small, out })
    expect(new Map([...filesBelow(out)])).toEqual(before.set('log_data/notes.txt', 'keep'))
  }))

test('each day has a log file, even with few events, and each song a file in the folders of its track', async () => {
  const { logs, songs } = await sample({ events: 400, songs: 700, seed: 1, days: 35 })
  const days = Array.from({ length: 35 }, (_, day) => new Date(Date.UTC(2018, 10, 1 + day)).toISOString().slice(0, 10))
  expect([...logs.keys()]).toEqual(days.map((day) => `2018/${day.slice(5, 7)}/${day}-events.json`))
  const pattern = /^([A-Z])\/([A-Z])\/([A-Z])\/TR\1\2\3[A-Z]{2}[0-9A-F]{11}\.json$/
  expect([...songs.keys()].filter((path) => !pattern.test(path))).toEqual([])
  const folders = [...new Set([...songs.keys()].map(dirname))]
  expect([folders.length, folders.at(-1)]).toEqual([32, 'A/B/F'])
})

test('any sample has as many events and songs as asked for, each with its own key, in the file of its day', async () => {
  const days = fc.integer({ min: 1, max: 40 })
  const anyOptions = fc.record({ events: fc.nat(500), songs: fc.nat(50), seed: fc.nat(), days })
  await fc.assert(
    fc.asyncProperty(anyOptions, async (options) => {
      const { summary, logs, songs } = await sample(options)
      const texts: string[] = [...logs.values(), ...songs.values()]
      const bytes = texts.reduce((sum, text) => sum + text.length, 0)
      expect(summary).toEqual({ events: options.events, songs: options.songs, objects: texts.length, bytes })
      const keys = new Set<string>()
      for (const [path, text] of logs) {
        const events: SampleEvent[] = text.split('\n').map((line: string) => JSON.parse(line))
        expect(events).toEqual(events.toSorted((a, b) => a.ts - b.ts))
        for (const { ts, sessionId, itemInSession } of events) {
          expect(path).toContain(new Date(ts).toISOString().slice(0, 10))
          keys.add(`${sessionId} ${itemInSession}`)
        }
      }
      expect(keys.size).toBe(options.events)
      expect(new Set([...songs.values()].map((text) => JSON.parse(text).song_id)).size).toBe(options.songs)
    }),
    { numRuns: 40 },
  )
})

test('progress is reported, and an abort stops it', () =>
  inFolder(async (out) => {
    const seen: number[] = []
    const controller = new AbortController()
    const onProgress = ({ events, songs }: { events: number; songs: number }) => {
      seen.push(events + songs)
      if (seen.length === 50) controller.abort(new Error('enough'))
    }
    await generateSampleData({ ...small, out, onProgress })
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect([seen.length > 20, seen.at(-1)]).toEqual([true, 760])
    const aborted = generateSampleData({ ...small, events: 99_999, out, onProgress, signal: controller.signal })
    await expect(aborted).rejects.toThrow('enough')
    expect(seen.length).toBe(50)
  }))
