import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtInQuestions } from '../../src/commands/find-questions.ts'
import { projectFolder } from '../../src/folders.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { type OracleObject, readObjects } from '../support/oracle.ts'
import { generated } from '../support/parity.ts'
import { pythonWith, runPython } from '../support/python.ts'
import { event, logObject, song, songObject } from '../support/source.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

const { isThere, title } = pythonWith('sqlglot', 'duckdb')
const replay = join(projectFolder, 'test', 'support', 'sqlglot_replay.py')
const realData = join(projectFolder, '..', 'shared', 'data')

/** The loads of a source: half of it, then the rest with what was loaded already, and what contradicts it. */
function inTwoLoads(objects: readonly OracleObject[]): OracleObject[][] {
  const first = objects.filter((_, index) => index % 2 === 0)
  const again = first.slice(0, 3).map((object) => ({ ...object, key: object.key.replace('.json', '-again.json') }))
  const contradictions = [1, 2].map((n) =>
    logObject(`conflict-${n}.json`, [
      event({ sessionId: 1, song: `Song ${n}`, artist: 'BjÃ¶rk' }),
      event({ sessionId: 2 }),
    ]),
  )
  const late = songObject('late.json', song({ song_id: 'SOLATE', title: 'Song 1', artist_name: 'Björk' }))
  const renamed = songObject('late.json', song({ song_id: 'SOLATE', title: 'Song 1, renamed', artist_name: 'Björk' }))
  return [
    [...first, late],
    [...objects.filter((_, index) => index % 2 === 1), ...again, ...contradictions, renamed],
  ]
}

/** Loads on both engines and records what Redshift got: the statements, and the objects that they name. */
async function record(folder: string, loads: readonly (readonly OracleObject[])[]): Promise<void> {
  const cloud = await TestCloud.start()
  const duck = await new TestWarehouse().create()
  try {
    const before = cloud.cloud.redshift.statements.length
    await cloud.createTables({ reset: true })
    for (const objects of loads)
      for (const warehouse of [cloud, duck]) {
        warehouse.write(objects)
        await warehouse.etl()
      }
    cpSync(duck.database, join(folder, 'ours.duckdb'))
    const sent = cloud.cloud.redshift.statements.slice(before).filter(({ outcome }) => outcome === 'ok')
    const objects: Record<string, string> = {}
    mkdirSync(join(folder, 'objects'))
    for (const [name, bucket] of cloud.cloud.aws.state.buckets)
      for (const key of bucket.keys()) {
        const file = join('objects', String(Object.keys(objects).length))
        writeFileSync(join(folder, file), bucket.get(key)?.read() ?? '')
        objects[`s3://${name}/${key}`] = file
      }
    const questions = Object.fromEntries(builtInQuestions().map(({ name, sql }) => [name, sql]))
    const statements = sent.map(({ text }) => text)
    writeFileSync(join(folder, 'recording.json'), JSON.stringify({ statements, objects, questions }))
  } finally {
    await cloud.close()
    duck.remove()
  }
}

describe.skipIf(!isThere)(`${title}, which know Redshift’s SQL independently of us,`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-sqlglot-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeAll(async () => {
    await record(folder, inTwoLoads(await generated(7, { events: 2000, songs: 200 })))
  })
  const differences = (of: string, edit: (recording: string) => string = (text) => text): string[] => {
    const copy = mkdtempSync(join(tmpdir(), 'sparkify-sqlglot-'))
    try {
      cpSync(of, copy, { recursive: true })
      writeFileSync(join(copy, 'recording.json'), edit(readFileSync(join(of, 'recording.json'), 'utf8')))
      return JSON.parse(runPython(replay, copy))
    } finally {
      rmSync(copy, { recursive: true })
    }
  }

  test('give the star and the answers of DuckDB for two loads of generated data', () => {
    expect(differences(folder)).toEqual([])
  })

  test.each([
    [
      'an artist whose name was encoded twice stays as it arrived',
      "'utf8'))), '(..)', '$1 ')",
      "'utf8'))), '(..)', '$1')",
    ],
    [
      'a conflict is inserted',
      "when version > 1 or loaded_version is not null then 'conflict'",
      "when version > 9 then 'conflict'",
    ],
  ])('catch a mistake in the text for Redshift alone: %s', (_, right, wrong) => {
    const spelled = (text: string) => JSON.stringify(text).slice(1, -1)
    const edit = (recording: string) => {
      expect(recording.includes(spelled(right))).toBe(true)
      return recording.replaceAll(spelled(right), spelled(wrong))
    }
    expect(differences(folder, edit)).not.toEqual([])
  })

  test.skipIf(!existsSync(realData))(
    'give the star and the answers of DuckDB for two loads of the real logs',
    async () => {
      const own = mkdtempSync(join(tmpdir(), 'sparkify-sqlglot-'))
      try {
        await record(own, inTwoLoads(readObjects(join(realData, 'log_data'), join(realData, 'song_sample'))))
        expect(differences(own)).toEqual([])
      } finally {
        rmSync(own, { recursive: true })
      }
    },
  )
})
