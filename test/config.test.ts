import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Config, readConfig } from '../src/config.ts'
import { configKeys } from '../src/config-keys.ts'
import { UserError } from '../src/errors.ts'
import { callersFolder, projectFolder } from '../src/folders.ts'
import { openContext } from '../src/open-context.ts'

const folder = mkdtempSync(join(tmpdir(), 'sparkify-'))
const file = join(folder, 'dwh.cfg')
beforeEach(() => {
  Object.assign(process.env, { AWS_REGION: 'us-west-2', AWS_CONFIG_FILE: '/dev/null' })
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

type Sections = Record<string, Record<string, string>>

function configOf(content: string | Uint8Array | Sections): Config {
  const isText = typeof content === 'string' || content instanceof Uint8Array
  writeFileSync(file, isText ? content : iniText(content))
  return readConfig(file)
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
    expect(values).toMatchObject({ CLUSTER: {}, IAM_ROLE: {} })
    expect(values.CLUSTER).not.toHaveProperty('HOST')
  })

  test('of this project means DuckDB', () => {
    expect(readConfig(join(projectFolder, 'config', 'dwh.cfg'))).toMatchObject({
      engine: 'duckdb',
      database: join(projectFolder, 'warehouse', 'sparkify.duckdb'),
    })
  })

  test('needs nothing but the sources; the rest has defaults', () => {
    expect(configOf({ S3: sources })).toMatchObject({
      engine: 'duckdb',
      database: join(folder, 'warehouse', 'sparkify.duckdb'),
      batchBytes: 536_870_912,
      maxQuarantined: 1000,
      memoryLimit: undefined,
      lockTimeoutMs: 10_000,
      threads: undefined,
    })
  })

  test('names paths relative to its own folder, absolute ones as they are, and ~ for the home folder', () => {
    const config = configOf({ WAREHOUSE: { DATABASE: '~/w.duckdb' }, S3: { LOG_DATA: '../logs', SONG_DATA: '/songs' } })
    expect(config.database).toBe(join(homedir(), 'w.duckdb'))
    expect(config.sources).toEqual({
      log_data: { kind: 'folder', path: join(folder, '..', 'logs') },
      song_data: { kind: 'folder', path: '/songs' },
    })
  })

  test.each([':memory:', 'md:sparkify', 's3://bucket/w.duckdb', 'https://example.com/w.duckdb'])(
    'DATABASE = %s is refused, because it would become a file of that name',
    (DATABASE) => {
      expect(configOrComplaint({ WAREHOUSE: { DATABASE }, S3: sources })).toMatch(/\[WAREHOUSE\] DATABASE: /)
    },
  )

  test.each([
    ['only sources', '', 'duckdb'],
    ['[DWH], as in the course', '[DWH]\nDWH_NUM_NODES = 1\n', 'redshift'],
    ['[CLUSTER] with a HOST', `[CLUSTER]\nHOST = a.b1.us-west-2.redshift.amazonaws.com:5439/dev\n`, 'redshift'],
    ['[CLUSTER] without a HOST', '[CLUSTER]\nHOST =\nDB_NAME = dev\n', 'duckdb'],
  ])('without ENGINE and with %s means what nobody pays for by mistake', (_what, more, engine) => {
    expect(configOf(`${more}[AWS]\nREGION = us-west-2\n${iniText({ S3: sources })}`).engine).toBe(engine)
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
    ['db_password: lower = case', 'lower = case'],
    ['Db_Password = 100%%', '100%'],
    ['DB_USER = ada\nDB_PASSWORD = %(db_user)s-1', 'ada-1'],
    ['DB_PASSWORD =', undefined],
    ['DB_PASSWORD = ""', undefined],
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
    ["DB_PASSWORD = ' a '", ' a '],
    ['DB_PASSWORD = "a"b"', 'a"b'],
    ['DB_PASSWORD = \'"a"\'', '"a"'],
    ['DB_PASSWORD = "\\u0041\\n"', '\\u0041\\n'],
  ])('%s is read as it stands', (line, value) => {
    expect(passwordOf(line)).toBe(value)
  })

  test.each([
    ['"', /quote at one end only/],
    ["'a", /quote at one end only/],
    ['a"', /quote at one end only/],
    ['"a\'', /quote at one end only/],
    ['“a”', /quotation marks of a word processor/],
    ['50%', undefined],
    ['%(nothing)s', /refers to a key that is not there/],
    ['a\n  b', /next line is indented/],
  ])('a password %j has no clear meaning, and is refused without being told', (text, reason) => {
    const line = `DB_PASSWORD = ${text}`
    if (reason === undefined) return expect(passwordOf(line)).toBe(text)
    const complaint = configOrComplaint(`${iniText({ S3: sources })}\n[CLUSTER]\n${line}`)
    expect(complaint).toMatch(/\[CLUSTER\] DB_PASSWORD: /)
    expect(complaint).toMatch(reason)
  })

  test('gives any text back as a value', () => {
    const character = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      fc.constantFrom(...'#;=[]\\"\'.%$:'),
    )
    const text = fc
      .array(character)
      .map((characters) => characters.join('').trim())
      .filter((value) => value !== '' && !/^["'“”„‟‘’‚‛«»]|["'“”„‟‘’‚‛«»]$/.test(value))
    fc.assert(
      fc.property(text, (value) => {
        const written = value.replaceAll('%', '%%')
        expect(passwordOf(`DB_PASSWORD = ${written}`)).toBe(value)
        for (const quote of ['"', "'"]) expect(passwordOf(`DB_PASSWORD=${quote} ${written}${quote}`)).toBe(` ${value}`)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ["[S3]\n'null' = x", 'line 2: [S3] unknown key; [S3] has LOG_DATA, SONG_DATA, '],
    ['S3 = x\n[S3]\nLOG_DATA = a\nSONG_DATA = b', 'line 1: a key outside of a section; put a section above it.'],
    ['[S3]\nLOG_DATA[] = a\nSONG_DATA = c', '[S3] LOG_DATA[]: unknown key; did you mean LOG_DATA?'],
    ['[S3]\n__proto__ = a', 'line 2: [S3] unknown key'],
    ['[S3]\n= a', 'Line 2: not a key with its value; write KEY = value.'],
    ['[__proto__]\nLOG_DATA = a', '[__proto__] LOG_DATA: did you mean LOG_DATA in [S3]?'],
    ['[S3;old]\nLOG_DATA = a', '[S3;old]: unknown section; did you mean [S3]?'],
    ['[S3.old]\nLOG_DATA = a', '[S3.old]: unknown section; did you mean [S3]?'],
    ['[S3]\nLOG_DATA\nSONG_DATA = c', 'Line 2: not a key with its value; write KEY = value.'],
    ['[S3]\nLOG_DATA = a\nlog_data = b\nSONG_DATA = c', 'Line 3: sets the key of line 2 again; delete one of them.'],
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
        if (typeof result === 'string')
          expect(result).toMatch(new RegExp(`\\[${section}\\] ${key}|^  Line \\d|is (UTF-16|not UTF-8) text`, 'm'))
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

  test('no message has a value: it may be a secret in the wrong place', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9!&*+{}][A-Za-z0-9!&*+[\]{}]{11,20}$/)
    fc.assert(
      fc.property(fc.constantFrom(...configKeys), secret, ({ section, key }, text) => {
        for (const line of [
          `${key} = ${text}\n${key} = ${text}`,
          `${key}S: ${text}`,
          `KEY = ${text}`,
          text,
          `"${text}`,
        ]) {
          const complaint = configOrComplaint(`[${section}]\n${line}\nDB_PORT = ${text}\n`)
          expect(complaint).toEqual(expect.stringContaining('_DATA: missing'))
          expect(complaint).not.toContain(text)
        }
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    ['[AWS]\nKEY = AKIA\nSECRET = x', /\[AWS\] KEY: credentials don't belong into a config.*\.env/],
    ['[AWS]\nAWS_SECRET_ACCESS_KEY = x', /AWS_SECRET_ACCESS_KEY: credentials don't belong/],
    ['[CREDENTIALS]\nACCESS_KEY_ID = x', /ACCESS_KEY_ID: credentials don't belong/],
    ['[REGION]\nREGION_NAME = us-west-2', /did you mean REGION in \[AWS\]\?/],
    ['[CLUSTER]\nDB_HOST = a', /DB_HOST: did you mean HOST in \[CLUSTER\]\?/],
    ['[CLUSTER]\nENDPOINT = a', /ENDPOINT: did you mean HOST in \[CLUSTER\]\?/],
    ['[CLUSTER]\nDWH_CLUSTER_TYPE = multi-node', /DWH_CLUSTER_TYPE: did you mean DWH_CLUSTER_TYPE in \[DWH\]\?/],
    ['[DWH]\nDWH_ENDPOINT = a', /DWH_ENDPOINT: did you mean HOST in \[CLUSTER\]\?/],
    ['[IAM]\nARN = a', /\[IAM\]: unknown section; did you mean \[IAM_ROLE\]\?/],
    ['[S3]\nSONGS_DATA = a', /SONGS_DATA: unknown key; did you mean SONG_DATA\?/],
    ['[ETL]\nBATCH_SIZE = 5', /\[ETL\] unknown key; \[ETL\] has BATCH_BYTES/],
    ['[POSTGRES]\nTABLESPACE = a', /\[POSTGRES\].*unknown/],
  ])('%j gets the advice that helps', (text, advice) => {
    expect(configOrComplaint(`${text}\n${iniText({ S3: sources })}`)).toMatch(advice)
  })

  test('in UTF-16, as some Windows editors save it, is named as such', () => {
    const utf16 = Buffer.from(`\ufeff${iniText({ S3: sources })}`, 'utf16le')
    for (const bytes of [utf16, Buffer.from(utf16).swap16()])
      expect(configOrComplaint(bytes)).toMatch(/ is UTF-16 text\.$/)
  })
})

describe('.env', () => {
  const desk = mkdtempSync(join(tmpdir(), 'sparkify-desk-'))
  afterAll(() => {
    vi.unstubAllEnvs()
    rmSync(desk, { recursive: true })
  })

  test('that can not be read as text is refused by its name', () => {
    configOf({ S3: sources })
    vi.stubEnv('INIT_CWD', desk)
    vi.stubEnv('npm_package_json', join(process.cwd(), 'package.json'))
    const open = () => openContext(file, new AbortController().signal)
    writeFileSync(join(desk, '.env'), Buffer.from('\ufeffAWS_PROFILE=work', 'utf16le'))
    expect(open).toThrow(`The file ${join(desk, '.env')} is UTF-16 text.`)
    rmSync(join(desk, '.env'))
    mkdirSync(join(desk, '.env'))
    expect(open).toThrow(`The file ${join(desk, '.env')} is a folder.`)
    rmSync(join(desk, '.env'), { recursive: true })
    expect(open).not.toThrow()
  })
})

describe('the region', () => {
  const redshift = (more = '') => `[WAREHOUSE]\nENGINE = redshift\n${more}\n${iniText({ S3: sources })}`
  const regionOf = (text: string) => {
    const result = configOrComplaint(text)
    return typeof result === 'string' ? result : result.region
  }

  test('is that of the config, of HOST, of the environment, of the AWS command line; none is an error', () => {
    const awsConfig = join(folder, 'aws-config')
    writeFileSync(awsConfig, '[default]\nregion = ap-south-1\n[profile work]\nregion=ca-central-1\n')
    const host = '[CLUSTER]\nHOST = a.b1.eu-west-1.redshift.amazonaws.com:5439/dev'
    expect(regionOf(redshift('[AWS]\nREGION = eu-north-1'))).toBe('eu-north-1')
    expect(regionOf(redshift(host))).toBe('eu-west-1')
    expect(regionOf(redshift())).toBe('us-west-2')
    Reflect.deleteProperty(process.env, 'AWS_REGION')
    process.env.AWS_CONFIG_FILE = awsConfig
    expect(regionOf(redshift())).toBe('ap-south-1')
    expect(regionOf(redshift('[AWS]\nPROFILE = work'))).toBe('ca-central-1')
    process.env.AWS_CONFIG_FILE = '/dev/null'
    expect(regionOf(redshift())).toMatch(/\[AWS\] REGION: missing; set it to the region of the warehouse/)
    expect(configOf({ S3: sources }).engine).toBe('duckdb')
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
