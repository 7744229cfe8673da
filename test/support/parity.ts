import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openContext } from '../../src/open-context.ts'
import { generateSampleData } from '../../src/sample-data/generate.ts'
import { Cloud } from './cloud.ts'
import { starOf } from './cloud-run.ts'
import { type ActualStar, firstDifference } from './compare-star.ts'
import { expectedStar, type OracleObject, readObjects } from './oracle.ts'
import { runScript } from './process.ts'
import { TestWarehouse } from './warehouse-run.ts'

/** Objects of the generator, over four days. */
export async function generated(seed: number, sizes: { events: number; songs: number }): Promise<OracleObject[]> {
  const out = mkdtempSync(join(tmpdir(), 'sparkify-generated-'))
  try {
    await generateSampleData({ ...sizes, seed, out, days: 4 })
    return readObjects(join(out, 'log_data'), join(out, 'song_data'))
  } finally {
    rmSync(out, { recursive: true })
  }
}

/** A star as the expected one: a warehouse counts no conflicts. */
export const asExpected = (star: ActualStar) => ({ ...star, conflicts: 0 })

/** What etl says that must be the same on both engines. */
function comparable(json: string) {
  const { loads, seconds, engine, ...rest } = JSON.parse(json)
  return rest
}

async function cloudStar(cloud: Cloud): Promise<ActualStar> {
  Object.assign(process.env, cloud.environment)
  const warehouse = await openContext(cloud.configFile, new AbortController().signal).openWarehouse('read')
  try {
    return await starOf(warehouse)
  } finally {
    await warehouse.close()
  }
}

/** All commands on DuckDB and on a kind of Redshift, from create-infrastructure to destroy-infrastructure, with the source in a folder. */
export function testWholeSequence(
  engine: 'redshift' | 'redshift-serverless',
  about: string,
  sourceFolder: () => Promise<string>,
): void {
  describe(`the whole sequence on ${engine} with ${about}`, () => {
    let source: string
    let duck: TestWarehouse
    let cloud: Cloud

    const run = async (configFile: string, name: string, ...args: string[]) => {
      const { environment } = cloud
      const finished = await runScript(name, ['--config', configFile, '--json', ...args], { environment })
      expect(finished.code, `${name}: ${finished.stderr}`).toBe(0)
      return finished.stdout
    }

    beforeAll(async () => {
      source = await sourceFolder()
      duck = await new TestWarehouse({
        logData: join(source, 'log_data'),
        songData: join(source, 'song_data'),
      }).create()
      // The double has one database; the commands make their own on both kinds.
      cloud = await Cloud.start({ engine, redshift: { database: 'dwh' } })
      cloud.aws.seedBucket('source', { folder: source })
    })
    afterAll(async () => {
      duck.remove()
      await cloud.close()
    })

    test('gives DuckDB’s rows and answers, value for value, and leaves nothing behind', async () => {
      const infrastructure = JSON.parse(await run(cloud.configFile, 'create-infrastructure', '--yes'))
      expect(infrastructure.endpoint.port).toBe(cloud.redshift.port)
      expect(JSON.parse(await run(cloud.configFile, 'create-tables')).created).toHaveLength(12)

      const ofRedshift = comparable(await run(cloud.configFile, 'etl'))
      const ofDuckdb = comparable(await run(duck.configFile, 'etl'))
      expect(ofRedshift).toEqual(ofDuckdb)
      expect(ofRedshift.checks.filter(({ offenders }: { offenders: number }) => offenders > 0)).toEqual([])

      const star = await cloudStar(cloud)
      expect(firstDifference(asExpected(await duck.star()), star)).toBeUndefined()
      const objects = readObjects(join(source, 'log_data'), join(source, 'song_data'))
      expect(firstDifference(expectedStar([objects]), star)).toBeUndefined()

      const again = JSON.parse(await run(cloud.configFile, 'etl'))
      expect(again.loads).toEqual([])

      const [redshiftReport, duckdbReport] = [join(cloud.folder, 'report'), join(duck.folder, 'report')]
      const answers = (json: string) => JSON.parse(json).analyses
      const ofAnalyze = answers(await run(cloud.configFile, 'analyze', '--out', redshiftReport))
      expect(ofAnalyze).toEqual(answers(await run(duck.configFile, 'analyze', '--out', duckdbReport)))
      expect(ofAnalyze.length).toBeGreaterThan(5)
      expect(readdirSync(redshiftReport)).toEqual(readdirSync(duckdbReport))
      for (const file of readdirSync(redshiftReport).filter((name) => name.endsWith('.csv')))
        expect(readFileSync(join(redshiftReport, file)), file).toEqual(readFileSync(join(duckdbReport, file)))

      const statement =
        'select level, count(*) as n, min(length) as shortest from songplays group by level order by level'
      expect(await run(cloud.configFile, 'query', statement)).toBe(await run(duck.configFile, 'query', statement))
      expect(JSON.parse(await run(cloud.configFile, 'status'))).toMatchObject({ engine, exists: true, next: null })

      expect(JSON.parse(await run(cloud.configFile, 'destroy-infrastructure', '--yes')).exit_code).toBe(0)
      expect(cloud.aws.remaining()).toEqual([])
    })
  })
}
