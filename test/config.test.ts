import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type Config, readConfig } from '../src/config.ts'
import { configKeys } from '../src/config-keys.ts'
import { UserError } from '../src/errors.ts'
import { callersFolder, projectFolder } from '../src/folders.ts'

const folder = mkdtempSync(join(tmpdir(), 'sparkify-'))
const file = join(folder, 'dwh.cfg')
afterAll(() => rmSync(folder, { recursive: true }))

type Sections = Record<string, Record<string, string>>

function configOf(content: string | Uint8Array | Sections, from = folder): Config {
  const isText = typeof content === 'string' || content instanceof Uint8Array
  writeFileSync(file, isText ? content : iniText(content))
  return readConfig(file, from)
}

/** As people write it: keys and values as they are. */
function iniText(sections: Sections): string {
  return Object.entries(sections)
    .flatMap(([section, values]) => [`[${section}]`, ...Object.entries(values).map((pair) => pair.join(' = '))])
    .join('\n')
}

/** The config, or the message of the refusal; anything else is thrown on. */
function configOrComplaint(content: Parameters<typeof configOf>[0]): Config | string {
  try {
    return configOf(content)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect(error.exitCode).toBe(2)
    expect(error.hint).toMatch(/\S/)
    return error.message
  }
}

const sources = { LOG_DATA: 'data/log_data', SONG_DATA: 'data/song_data' }

describe('the config file', () => {
  test("of the seed is accepted as it is, and means Redshift with the seed's sources", () => {
    const config = configOf(`
[AWS]
REGION=us-west-2

[CLUSTER]
HOST=dwhcluster.c0ab1cd2efgh.us-west-2.redshift.amazonaws.com
DB_NAME=dwh
DB_USER=dwhuser
DB_PASSWORD=Passw0rd
DB_PORT=5439

[IAM_ROLE]
ARN='arn:aws:iam::123456789012:role/dwhRole'

[S3]
LOG_DATA='s3://udacity-dend/log_data'
LOG_JSONPATH='s3://udacity-dend/log_json_path.json'
SONG_DATA='s3://udacity-dend/song_data'

[DWH]
DWH_CLUSTER_TYPE=multi-node
DWH_NUM_NODES=4
DWH_NODE_TYPE=dc2.large
DWH_IAM_ROLE_NAME=dwhRole
DWH_CLUSTER_IDENTIFIER=dwhCluster
DWH_DB=dwh
DWH_DB_USER=dwhuser
DWH_DB_PASSWORD=Passw0rd
DWH_PORT=5439
`)
    expect(config).toMatchObject({
      engine: 'redshift',
      region: 'us-west-2',
      sources: {
        log_data: { kind: 's3', bucket: 'udacity-dend', prefix: 'log_data/' },
        song_data: { kind: 's3', bucket: 'udacity-dend', prefix: 'song_data/' },
      },
      values: {
        IAM_ROLE: { ARN: 'arn:aws:iam::123456789012:role/dwhRole' },
        DWH: { DWH_NUM_NODES: '4', DWH_NODE_TYPE: 'dc2.large', DWH_CLUSTER_IDENTIFIER: 'dwhCluster' },
      },
    })
  })

  test("of the seed with HOST and ARN still empty is accepted too, ARN=''", () => {
    const { values } = configOf(`[CLUSTER]\nHOST=''\n[IAM_ROLE]\nARN=''\n${iniText({ S3: sources })}`)
    expect(values).toMatchObject({ CLUSTER: { HOST: '' }, IAM_ROLE: { ARN: '' } })
  })

  test('of this project means DuckDB', () => {
    expect(readConfig(join(projectFolder, 'config', 'dwh.cfg'), projectFolder)).toMatchObject({
      engine: 'duckdb',
      database: join(projectFolder, 'warehouse', 'sparkify.duckdb'),
    })
  })

  test('needs nothing but the sources; the rest has defaults', () => {
    expect(configOf({ S3: sources })).toMatchObject({
      engine: 'redshift',
      database: join(folder, 'warehouse', 'sparkify.duckdb'),
      batchBytes: 1_073_741_824,
      maxQuarantined: 1000,
      memoryLimit: undefined,
      lockTimeoutMs: 10_000,
      threads: undefined,
    })
  })

  test('names paths relative to where the command runs, absolute ones as they are', () => {
    const config = configOf(
      { WAREHOUSE: { DATABASE: '/var/w.duckdb' }, S3: { ...sources, LOG_DATA: '../logs' } },
      '/a/b',
    )
    expect(config.database).toBe('/var/w.duckdb')
    expect(config.sources).toEqual({
      log_data: { kind: 'folder', path: '/a/logs' },
      song_data: { kind: 'folder', path: '/a/b/data/song_data' },
    })
  })

  test.each([
    ['s3://bucket-1', { bucket: 'bucket-1', prefix: '' }],
    ['s3://bucket-1/', { bucket: 'bucket-1', prefix: '' }],
    ['s3://bucket-1/log', { bucket: 'bucket-1', prefix: 'log/' }],
    ['s3://bucket-1/log/2018/', { bucket: 'bucket-1', prefix: 'log/2018/' }],
    ['s3://bucket-1/log data', { bucket: 'bucket-1', prefix: 'log data/' }],
  ])('takes %s for a folder in a bucket, so that log does not mean log_json_path.json', (LOG_DATA, expected) => {
    expect(configOf({ S3: { ...sources, LOG_DATA } }).sources.log_data).toEqual({ kind: 's3', ...expected })
  })

  test('may start with a byte order mark, end its lines with CRLF, and hold comments on lines of their own', () => {
    const config = configOf(
      '\ufeff; mine\r\n[S3] ; where it lies\r\n  # LOG_DATA = other\r\nLOG_DATA = Müsik ; here\r\nSONG_DATA = "song # 1"\r\n[ETL]\r\nMAX_QUARANTINED = \'0\'\r\n',
    )
    expect(config.sources).toMatchObject({
      log_data: { path: join(folder, 'Müsik ; here') },
      song_data: { path: join(folder, 'song # 1') },
    })
    expect(config.maxQuarantined).toBe(0)
  })

  const passwordOf = (line: string) =>
    configOf(`${iniText({ S3: sources })}\n[CLUSTER]\n${line}`).values.CLUSTER?.DB_PASSWORD

  test.each([
    ['DB_PASSWORD = team #1/log', 'team #1/log'],
    ['DB_PASSWORD=;a', ';a'],
    ['DB_PASSWORD = #', '#'],
    ['  DB_PASSWORD\t=\ta=b==c ', 'a=b==c'],
    ['DB_PASSWORD = \\\\server\\share', '\\\\server\\share'],
    ['DB_PASSWORD = C:\\new\\', 'C:\\new\\'],
    ['DB_PASSWORD = a\\;b\\#c', 'a\\;b\\#c'],
    ['DB_PASSWORD = true', 'true'],
    ['DB_PASSWORD = null', 'null'],
    ['DB_PASSWORD = __proto__', '__proto__'],
    ['DB_PASSWORD = [a]', '[a]'],
    ['DB_PASSWORD = a\u2028b', 'a\u2028b'],
    ['DB_PASSWORD =', ''],
    ['DB_PASSWORD = "', '"'],
    ["DB_PASSWORD = 'a", "'a"],
    ['DB_PASSWORD = a"', 'a"'],
    ['DB_PASSWORD = "a\'', '"a\''],
    ['DB_PASSWORD = ""', ''],
    ["DB_PASSWORD = ' a '", ' a '],
    ['DB_PASSWORD = "a"b"', 'a"b'],
    ['DB_PASSWORD = \'"a"\'', '"a"'],
    ['DB_PASSWORD = "\\u0041\\n"', '\\u0041\\n'],
  ])('%s is read as it stands', (line, value) => {
    expect(passwordOf(line)).toBe(value)
  })

  test('gives any text back as a value', () => {
    const isQuoted = (text: string) => /^(["']).*\1$/s.test(text) && text.length > 1
    const character = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      fc.constantFrom(...'#;=[]\\"\'.%$:'),
    )
    const text = fc
      .array(character)
      .map((characters) => characters.join('').trim())
      .filter((value) => !isQuoted(value))
    fc.assert(
      fc.property(text, (value) => {
        expect(passwordOf(`DB_PASSWORD = ${value}`)).toBe(value)
        for (const quote of ['"', "'"]) expect(passwordOf(`DB_PASSWORD=${quote} ${value}${quote}`)).toBe(` ${value}`)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ["[S3]\n'null' = x", "[S3] 'null': unknown key"],
    ['S3 = x\n[S3]\nLOG_DATA = a\nSONG_DATA = b', 'S3: unknown key outside of a section.'],
    ['S3 = x', 'S3: unknown key outside of a section.'],
    ['[S3]\nLOG_DATA[] = a\nLOG_DATA[] = b\nSONG_DATA = c', '[S3] LOG_DATA[]: unknown key; did you mean LOG_DATA?'],
    ['[S3]\nLOG_DATA;1 = a\nSONG_DATA = c', '[S3] LOG_DATA;1: unknown key; did you mean LOG_DATA?'],
    ['[S3]\n__proto__ = a', '[S3] __proto__: unknown key'],
    ['[S3]\n= a', '[S3] : unknown key'],
    ['[__proto__]\nLOG_DATA = a', '[__proto__]: unknown section'],
    ['[S3;old]\nLOG_DATA = a', '[S3;old]: unknown section; did you mean [S3]?'],
    ['[S3.old]\nLOG_DATA = a', '[S3.old]: unknown section; did you mean [S3]?'],
    ['[S3]\nLOG_DATA\nSONG_DATA = c', '[S3] LOG_DATA: missing equals sign'],
    [`${iniText({ S3: sources })}\n[CLUSTER]\nDB_PASSWORD`, '[CLUSTER] DB_PASSWORD: missing equals sign'],
    ['', '[S3] SONG_DATA: missing'],
  ])('that is oddly made (%j) is refused in words', (content, complaint) => {
    expect(configOrComplaint(content)).toContain(complaint)
  })

  test('any text as the value of any key gives a config, or a refusal that names section and key', () => {
    fc.assert(
      fc.property(fc.constantFrom(...configKeys), anyValue, ({ section, key }, text) => {
        const result = configOrComplaint({
          S3: sources,
          [section]: { ...(section === 'S3' && sources), [key]: text.replace(/[\r\n]/g, ' ') },
        })
        if (typeof result === 'string') expect(result).toContain(`[${section}] ${key}`)
        else expectCertain(result)
      }),
      { numRuns: 500 },
    )
  })

  test('any bytes as a file give a config or a refusal', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .constantFrom(...configKeys)
        .chain(({ section, key }) => anyValue.map((text) => `[${section}]\n${key} = ${text}`)),
    )
    const content = fc.oneof(
      fc.uint8Array(),
      fc.array(line).map((lines) => lines.join('\n')),
    )
    fc.assert(
      fc.property(content, (bytes) => {
        const result = configOrComplaint(bytes)
        if (typeof result !== 'string') expectCertain(result)
      }),
      { numRuns: 300 },
    )
  })

  test('a password stands in no message, whatever else is wrong', () => {
    const secrets = configKeys.filter(({ secret }) => secret)
    expect(secrets.map(({ key }) => key)).toEqual(['DB_PASSWORD', 'DWH_DB_PASSWORD'])
    const password = fc.stringMatching(/^[A-Za-z0-9!%&*+=[\]{}]{12,20}$/)
    fc.assert(
      fc.property(fc.constantFrom(...secrets), password, ({ section, key }, text) => {
        for (const name of [key, `${key}[]`, `${key}S`, key.toLowerCase()]) {
          const complaint = configOrComplaint(`[${section}]\n${name} = ${text}\n${name} = ${text}\nDB_PORT = x\n`)
          expect(complaint).toEqual(expect.stringContaining('[S3] LOG_DATA: missing'))
          expect(complaint).not.toContain(text)
        }
      }),
      { numRuns: 100 },
    )
  })
})

/** Values that people write, values that are nearly right, and anything else. */
const anyValue = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    'true',
    'null',
    '0',
    '-1',
    '1e3',
    '999999999999999999999',
    'NaN',
    '__proto__',
    "'",
    '"',
    '\\',
  ),
  fc.constantFrom(
    's3://',
    's3:/x',
    'S3://Bucket/x',
    's3://b',
    's3://bucket//x',
    's3://bucket/*',
    'http://x/y',
    'file:///x',
  ),
  fc.constantFrom(
    'duckdb',
    'redshift',
    '4GB',
    '512 MiB',
    'multi-node',
    'us-west-2',
    'arn:aws:iam::123456789012:role/r',
  ),
)

/** Every field is what its type says: nothing undefined, relative or not a number slips through. */
function expectCertain({ engine, database, sources, batchBytes, maxQuarantined, threads }: Config): void {
  expect(['duckdb', 'redshift', 'redshift-serverless']).toContain(engine)
  expect(isAbsolute(database)).toBe(true)
  for (const location of [sources.log_data, sources.song_data]) {
    if (location.kind === 'folder') expect(isAbsolute(location.path)).toBe(true)
    else expect(location).toMatchObject({ bucket: expect.stringMatching(/^[a-z0-9.-]{3,63}$/) })
  }
  expect(Number.isSafeInteger(batchBytes) && batchBytes > 0).toBe(true)
  expect(Number.isSafeInteger(maxQuarantined) && maxQuarantined >= 0).toBe(true)
  expect(threads === undefined || (Number.isSafeInteger(threads) && threads > 0)).toBe(true)
}

describe("the caller's folder", () => {
  const packageFile = join('/project', 'package.json')

  test('is where npm was called, when npm runs the script in its project', () => {
    expect(callersFolder({ INIT_CWD: '/home/ada', npm_package_json: packageFile }, '/project')).toBe('/home/ada')
  })
  test('is where the process runs, without npm', () => {
    expect(callersFolder({}, '/home/ada')).toBe('/home/ada')
    expect(callersFolder({ INIT_CWD: '' }, '/home/ada')).toBe('/home/ada')
  })
  test('is where the process runs, when it only inherits the variables of an npm further up', () => {
    expect(callersFolder({ INIT_CWD: '/home/ada', npm_package_json: packageFile }, '/tmp/x')).toBe('/tmp/x')
    expect(callersFolder({ INIT_CWD: '/home/ada' }, '/project')).toBe('/project')
  })
})
