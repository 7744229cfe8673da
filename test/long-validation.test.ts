import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { openContext } from '../src/open-context.ts'
import { runEtl } from './support/run-etl.ts'
import { event, lines } from './support/source.ts'
import { quietLog, TestWarehouse } from './support/warehouse-run.ts'

let warehouse: TestWarehouse
beforeEach(async () => {
  warehouse = await new TestWarehouse().create()
})
afterEach(() => warehouse.remove())

describe('a line of some megabytes takes time by its length, not by its square:', () => {
  const rest = JSON.stringify(event()).slice(1)
  const most = 4_000_000
  const filled = (text: string, bytes = most) => text.repeat(Math.floor(bytes / text.length))
  const brackets = `${'['.repeat(most / 2)}${']'.repeat(most / 2)}`
  const cases: [about: string, line: string, reason: string | undefined][] = [
    ['a key that no column takes, over and over', `{${filled('"a":1,')}${rest}`, undefined],
    ['a key that a column takes, over and over', `{${filled('"level":"free",')}${rest}`, undefined],
    [
      'another key each time',
      `{${Array.from({ length: 300_000 }, (_, key) => `"k${key}":1,`).join('')}${rest}`,
      undefined,
    ],
    ['escapes in a value', `{"a":"${filled('\\\\')}",${rest}`, undefined],
    ['escapes in a key', `{"${filled('\\"')}":1,${rest}`, undefined],
    ['lists in lists', `{"a":${brackets},${rest}`, undefined],
    ['white space', `{"a"${filled(' ', most / 2)}:1${filled('\t', most / 2)},${rest}`, undefined],
    ['quotes without an end', `{"a":1,${filled('"')}`, 'is not JSON'],
    // Fewer, so that the test ends on the day on which it fails.
    [
      'zeros that are not a number',
      rest.replace(/^/, '{').replace('"status":200', () => `"status":"${filled('0', 400_000)}x"`),
      'has status that is not a number',
    ],
  ]

  test.each(cases)('%s', async (_, line, reason) => {
    warehouse.write([{ source: 'log_data', key: 'log_data/a.json', text: line }])
    const { quarantine, reconciliation } = (await warehouse.etl()).summary
    expect(reconciliation.events).toBe(reason === undefined ? 1 : 0)
    expect(quarantine.reasons).toEqual(reason === undefined ? [] : [{ reason, records: 1 }])
  })
})

test('a record with very many texts that differs from the one before in its last value is read once', async () => {
  const texts = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`text${index}`, 'a']))
  const text = [0, 0.123456789012345]
    .map((last, index) => JSON.stringify({ ...event({ sessionId: index }), ...texts, last }))
    .join('\n')
  warehouse.write([{ source: 'log_data', key: 'log_data/a.json', text }])
  expect((await warehouse.etl()).summary.reconciliation.events).toBe(2)
})

describe('a signal ends the validation', () => {
  /**
   * Loads with a signal that arrives after so many pieces, or whole objects, were read for the validation; and answers with
   * how many were read in all. A signal reaches a process only when it has no other work, as `setImmediate` does.
   */
  async function readUntilSignal(arrivesAfter: number, isSecondTry: boolean): Promise<number> {
    let isValidating = !isSecondTry
    let read = 0
    const count = () => {
      if (!isValidating) return
      read += 1
      if (read === arrivesAfter) setImmediate(() => controller.abort())
    }
    const controller = new AbortController()
    const context = openContext(warehouse.configFile, controller.signal)
    const observed: Context = {
      ...context,
      log: {
        ...quietLog,
        done(verb) {
          if (verb === 'validate') isValidating = true
        },
      },
      async objectStore(source) {
        const store = await context.objectStore(source)
        return {
          ...store,
          read(object) {
            count()
            return store.read(object)
          },
          async *stream(object) {
            for await (const piece of store.stream(object)) {
              count()
              yield piece
            }
          },
        }
      },
    }
    await expect(runEtl(observed, { full: false })).rejects.toMatchObject({ name: 'AbortError' })
    expect(await warehouse.query('select count(*) as n from loads')).toEqual([{ n: 0 }])
    return read
  }

  test.each(['large.json', 'large.json.gz'])('of an object that is streamed: %s', async (name) => {
    // What doesn't compress, so that the object is large as gzip too.
    const records = Array.from({ length: 30_000 }, (_, index) =>
      event({ itemInSession: index, a: Math.random(), b: Math.random(), c: Math.random(), d: Math.random() }),
    )
    warehouse.write([{ source: 'log_data', key: `log_data/${name}`, text: `${lines(records)}\nhello` }])
    expect(await readUntilSignal(20, true)).toBe(20)
  })

  test('of small objects, which are read whole', async () => {
    const count = 300
    for (let index = 0; index < count; index += 1)
      warehouse.write([
        { source: 'log_data', key: `log_data/${index}.json`, text: `${lines([event({ sessionId: index })])}\n"level"` },
      ])
    // Twenty are read for a look at their keys. Some more are under way when the signal arrives.
    expect(await readUntilSignal(30, false)).toBeLessThan(count / 2)
  })
})
