import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { generatorTag } from '../src/reports/html.ts'
import { TestCloud } from './support/cloud-run.ts'
import { firstDifference } from './support/compare-star.ts'
import { mountDisk, unmountAll } from './support/disk.ts'
import { expectedStar } from './support/oracle.ts'
import { hashOf, runScript } from './support/process.ts'
import { largeSource, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const warehouses: TestWarehouse[] = []
afterEach(() => {
  unmountAll()
  for (const warehouse of warehouses.splice(0)) warehouse.remove()
})

function newWorkplace(source = smallSource, settings = ''): TestWarehouse {
  const workplace = new TestWarehouse({ settings })
  warehouses.push(workplace)
  workplace.write(source)
  return workplace
}

const canMount = (() => {
  const workplace = newWorkplace([])
  const result = mountDisk(join(workplace.folder, 'disk'), '64k')
  unmountAll()
  workplace.remove()
  return result
})()

const run = (workplace: TestWarehouse, name: string, ...args: string[]) =>
  runScript(name, ['--config', 'dwh.cfg', ...args], { cwd: workplace.folder })

const about = canMount ? 'a disk with no room' : 'a disk with no room (skipped: only root can mount one of a few MB)'

describe.skipIf(!canMount)(about, () => {
  const cure = /^Free some space and run the command again\.$/

  test.each([
    ['the copies of small objects', 1000, '2m'],
    ['what the commit writes', 7000, '3m'],
  ])('for %s fails the load and leaves the warehouse as it was', async (_, inEach, size) => {
    const workplace = newWorkplace(largeSource(20_000, inEach))
    const disk = join(workplace.folder, 'warehouse')
    mountDisk(disk, size)
    expect(await run(workplace, 'create-tables')).toMatchObject({ code: 0 })
    const before = hashOf(workplace.database)
    const { code, stdout, stderr } = await run(workplace, 'etl')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const [sentence, hint] = stderr.trimEnd().split('\n').slice(-2)
    expect(sentence).toMatch(/^There is no room left on the disk of .*warehouse.*\. Nothing was (changed|loaded)\.$/)
    expect(hint).toMatch(cure)
    expect(hashOf(workplace.database)).toBe(before)
    expect(await workplace.query('select count(*) as n from loads')).toEqual([{ n: 0 }])

    execFileSync('mount', ['-o', 'remount,size=64m', disk])
    expect(await run(workplace, 'etl')).toMatchObject({ code: 0 })
    expect(await workplace.query('select count(*) as n from songplays')).toEqual([{ n: 18_000 }])
    expect(readdirSync(disk)).toEqual(['test.duckdb'])
  })

  test('for what DuckDB spills fails the query and leaves nothing', async () => {
    const workplace = newWorkplace(smallSource, '[WAREHOUSE]\nMEMORY_LIMIT = 60MB\nTHREADS = 1\n')
    const disk = join(workplace.folder, 'warehouse')
    mountDisk(disk, '24m')
    await workplace.create()
    await workplace.etl()
    const before = hashOf(workplace.database)
    const sorted =
      'select count(*) as n from (select md5(cast(range as varchar)) as text from range(2000000) order by text offset 1)'
    const { code, stdout, stderr } = await run(workplace, 'query', sorted)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^There is no room left on the disk of .*\. Nothing was changed\.\nFree some space and run the command again\.\n$/,
    )
    expect(hashOf(workplace.database)).toBe(before)
    expect(readdirSync(disk)).toEqual(['test.duckdb'])
    execFileSync('mount', ['-o', 'remount,size=400m', disk])
    expect(await run(workplace, 'query', sorted, '--json')).toMatchObject({ code: 0, stdout: '[{"n":1999999}]\n' })
    expect(readdirSync(disk)).toEqual(['test.duckdb'])
  })

  test('for the tables leaves no file that is no database', async () => {
    const workplace = newWorkplace()
    const disk = join(workplace.folder, 'warehouse')
    mountDisk(disk, '4k')
    writeFileSync(join(disk, 'full'), 'x')
    const { code, stdout, stderr } = await run(workplace, 'create-tables')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^There is no room left on the disk of .*\. Nothing was changed\.\nFree some space/)
    expect(existsSync(workplace.database)).toBe(false)
    execFileSync('mount', ['-o', 'remount,size=64m', disk])
    expect(await run(workplace, 'create-tables')).toMatchObject({ code: 0 })
  })

  test('for the report leaves the report that was there', async () => {
    const workplace = await newWorkplace().create()
    await workplace.etl()
    const folder = join(workplace.folder, 'report')
    mountDisk(folder, '8k')
    writeFileSync(join(folder, 'index.html'), generatorTag)
    const { code, stdout, stderr } = await run(workplace, 'analyze', '--out', 'report')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(
      stderr.endsWith(`The report can't be written to ${folder} (ENOSPC).\nUse --out DIR to name another folder.\n`),
    ).toBe(true)
    expect(readdirSync(folder)).toEqual(['index.html'])
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe(generatorTag)
  })

  test('for sample data leaves none of it', async () => {
    const workplace = newWorkplace()
    const folder = join(workplace.folder, 'sample')
    mountDisk(folder, '256k')
    const { code, stdout, stderr } = await run(workplace, 'generate', '--out', 'sample', '--events', '3000')
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `The sample data can't be written to ${folder} (ENOSPC).\nUse --out DIR to name another folder.\n`,
    })
    expect(readdirSync(folder)).toEqual([])
  })

  test('for temporary files on Redshift fails the load, and the next etl loads', async () => {
    const cloud = await TestCloud.start({ settings: '[ETL]\nCOMPACT = 1' })
    const source = largeSource(20_000, 1300)
    cloud.write(source)
    const folder = join(cloud.cloud.folder, 'tmp')
    mountDisk(folder, '1m')
    const { configFile, environment } = cloud.cloud
    const { code, stderr } = await runScript('etl', ['--config', configFile], {
      environment: { ...environment, TMPDIR: folder },
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^There is no room left on the disk of .*\. Nothing was changed\.\nFree some space and run the command again\.$/m,
    )
    expect(readdirSync(folder)).toEqual([])
    await cloud.etl()
    expect(firstDifference(expectedStar([source]), await cloud.star())).toBeUndefined()
    unmountAll()
    await cloud.close()
  })
})
