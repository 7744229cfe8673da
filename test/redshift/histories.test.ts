import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestCloud } from '../support/cloud-run.ts'
import { type HistoryPlace, runHistory, type Tally } from '../support/history/run.ts'
import { historyRuns } from '../support/history/settings.ts'
import { histories } from '../support/history/vocabulary.ts'

const { parameters, title } = historyRuns(25)

describe('etl on the Redshift double', () => {
  let cloud: TestCloud
  beforeAll(async () => {
    cloud = await TestCloud.start()
  })
  afterAll(() => cloud.close())

  test(`any history, also with two runs at once, gives the star and the quarantine that the oracle computes (${title})`, async () => {
    const bucket = cloud.cloud.aws.state.buckets.get('source')
    // The ETag in S3 is that of the content: the same again is no other version.
    const place: HistoryPlace = {
      get context() {
        return cloud.context
      },
      write: (name, content) => void bucket?.put(name, content),
      remove: (name) => void bucket?.remove(name),
      nameOf: (key) => key.slice('s3://source/'.length),
      query: (statement) => cloud.query(statement),
      star: () => cloud.star(),
      hasManyWriters: true,
      knowsContent: true,
    }
    const total: Partial<Tally> = {}
    await fc.assert(
      fc.asyncProperty(histories, async (steps) => {
        await cloud.reset()
        const tally = await runHistory(place, steps)
        for (const [name, count] of Object.entries(tally) as [keyof Tally, number][])
          total[name] = (total[name] ?? 0) + count
      }),
      parameters,
    )
    console.log(title, total)
    expect(total.loads).toBeGreaterThan(0)
  }, 3_600_000)
})
