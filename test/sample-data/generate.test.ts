import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { generateSampleData } from '../../src/sample-data/generate.ts'
import { filesBelow, fingerprint, inFolder, linesOf, sample } from './sample.ts'

const small = { events: 700, songs: 60, seed: 7 }

describe('the same options', () => {
  test('give the same bytes, everywhere and always', async () => {
    expect(fingerprint(await sample(small))).toBe('10f4bf7be64022b6df21b24d7ee31f7488a951d1ad5471caa8ed8b79b7d3727b')
  })

  test('give the same bytes in a folder that has been used, and touch nothing else there', () =>
    inFolder(async (out) => {
      await generateSampleData({ ...small, out })
      const before = filesBelow(out)
      const notOurs = join(out, 'log_data', '2018', '11', 'notes.txt')
      writeFileSync(notOurs, 'keep')
      for (const [path] of [...before].filter((_, index) => index % 3 === 0)) writeFileSync(join(out, path), 'half a f')
      await generateSampleData({ ...small, out })
      expect(readFileSync(notOurs, 'utf8')).toBe('keep')
      const after = filesBelow(out)
      after.delete('log_data/2018/11/notes.txt')
      expect(after).toEqual(before)
    }))

  test('but another seed give other bytes', async () => {
    const one = await sample(small)
    const other = await sample({ ...small, seed: 8 })
    const large = await sample({ ...small, seed: 7 + 2 ** 32 })
    expect(new Set([one, other, large].map(fingerprint)).size).toBe(3)
  })

  test('but more events leave the songs as they are', async () => {
    const { songs } = await sample(small)
    expect((await sample({ ...small, events: 20 })).songs).toEqual(songs)
  })
})

describe('the layout', () => {
  test('has a log file a day, in folders of years and months', async () => {
    const { logs } = await sample({ events: 3_000, songs: 0, seed: 1, days: 35 })
    const days = Array.from({ length: 35 }, (_, day) =>
      new Date(Date.UTC(2018, 10, 1 + day)).toISOString().slice(0, 10),
    )
    expect([...logs.keys()]).toEqual(days.map((day) => `log_data/2018/${day.slice(5, 7)}/${day}-events.json`))
  })

  test('may have several log files a day, which together are the one', async () => {
    const options = { events: 2_000, songs: 0, seed: 1, days: 3 }
    const whole = await sample(options)
    const parts = await sample({ ...options, files: 4 })
    expect([...parts.logs.keys()].slice(0, 5).map((path) => path.slice(17))).toEqual([
      '2018-11-01-events-01.json',
      '2018-11-01-events-02.json',
      '2018-11-01-events-03.json',
      '2018-11-01-events-04.json',
      '2018-11-02-events-01.json',
    ])
    expect(linesOf(parts)).toEqual(linesOf(whole))
  })

  test('files songs under the third to fifth letter of their track', async () => {
    const { songs } = await sample({ events: 0, songs: 700, seed: 1 })
    for (const path of songs.keys())
      expect(path).toMatch(/^song_data\/([A-Z])\/([A-Z])\/([A-Z])\/TR\1\2\3[A-Z]{2}[0-9A-F]{11}\.json$/)
    expect(new Set([...songs.keys()].map(dirname)).size).toBe(32)
  })

  test('has both folders even when they are empty', () =>
    inFolder(async (out) => {
      expect(await generateSampleData({ events: 0, songs: 0, seed: 1, out })).toEqual({
        events: 0,
        songs: 0,
        objects: 0,
        bytes: 0,
      })
      expect(existsSync(join(out, 'log_data')) && existsSync(join(out, 'song_data'))).toBe(true)
    }))
})

test('any sample is complete and valid', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        events: fc.nat(500),
        songs: fc.nat(50),
        seed: fc.nat(),
        days: fc.integer({ min: 1, max: 40 }),
        files: fc.integer({ min: 1, max: 5 }),
      }),
      async (options) => {
        const { summary, logs, songs } = await sample(options)
        const lines = [...logs.values()].flatMap((text) => text.split('\n'))
        const texts = [...logs.values(), ...songs.values()]
        expect(lines.length).toBe(options.events)
        expect(songs.size).toBe(options.songs)
        expect(summary).toEqual({
          events: options.events,
          songs: options.songs,
          objects: texts.length,
          bytes: texts.reduce((sum, text) => sum + text.length, 0),
        })
        const events = lines.map((line) => JSON.parse(line))
        expect(new Set(events.map(({ sessionId, itemInSession }) => `${sessionId} ${itemInSession}`)).size).toBe(
          options.events,
        )
        expect(new Set([...songs.values()].map((text) => JSON.parse(text).song_id)).size).toBe(options.songs)
        for (const [path, text] of logs) {
          const instants = text.split('\n').map((line) => JSON.parse(line).ts)
          expect(instants).toEqual(instants.toSorted((a, b) => a - b))
          for (const ts of instants) expect(path).toContain(new Date(ts).toISOString().slice(0, 10))
        }
      },
    ),
    { numRuns: 60 },
  )
})

describe('generateSampleData', () => {
  test('says how far it is', () =>
    inFolder(async (out) => {
      const seen: { events: number; songs: number }[] = []
      await generateSampleData({ ...small, out, onProgress: (done) => seen.push(done) })
      expect(seen.at(-1)).toEqual({ events: 700, songs: 60 })
      expect(seen.length).toBeGreaterThan(20)
      expect(seen).toEqual(seen.toSorted((a, b) => a.songs - b.songs || a.events - b.events))
    }))

  test.each([0, 10, 40])('stops when it is told to, at report %i', (reports) =>
    inFolder(async (out) => {
      const controller = new AbortController()
      let seen = 0
      const onProgress = () => {
        if (seen++ === reports) controller.abort(new Error('enough'))
      }
      const running = generateSampleData({
        events: 9_000,
        songs: 300,
        seed: 1,
        out,
        signal: controller.signal,
        onProgress,
      })
      await expect(running).rejects.toThrow('enough')
      expect(seen).toBe(reports + 1)
    }),
  )

  test('passes on that a file cannot be written', () =>
    inFolder(async (out) => {
      mkdirSync(join(out, 'log_data/2018/11/2018-11-02-events.json'), { recursive: true })
      await expect(generateSampleData({ ...small, out })).rejects.toThrow('EISDIR')
    }))

  test.each([
    [{ events: -1 }, 'events is -1.'],
    [{ songs: 1.5 }, 'songs is 1.5.'],
    [{ seed: Number.NaN }, 'seed is NaN.'],
    [{ days: 0 }, 'days is 0.'],
    [{ files: 10_000 }, 'files is 10000.'],
  ])('refuses %j', async (wrong, message) => {
    const running = generateSampleData({ ...small, out: '/nowhere', ...wrong })
    await expect(running).rejects.toThrow(message)
    await expect(running).rejects.toBeInstanceOf(UserError)
  })
})
