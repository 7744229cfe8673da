import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../../src/folders.ts'
import { redshift } from '../../src/sql-queries/index.ts'
import { rendered } from '../support/documents/statements.ts'

/** sqlfluff of a virtual environment of this project, or of the PATH. */
const sqlfluff = [join(projectFolder, '.venv', 'bin'), ...(process.env.PATH ?? '').split(delimiter)]
  .map((folder) => join(folder, 'sqlfluff'))
  .find((file) => existsSync(file))
const version = sqlfluff && execFileSync(sqlfluff, ['--version'], { encoding: 'utf8' }).trim()

/** What the connection says besides the statements of sql-queries. */
const ofTheConnection = [
  'set statement_timeout to 3600000',
  'begin read only',
  'begin',
  'lock staging_events',
  'commit',
  'rollback',
  'select pg_cancel_backend(1073750000)',
  "insert into load_ledger (object_key, etag, bytes)\nvalues\n('s3://bucket/it''s.json', ('a' || chr(92) || 'b'), 1),\n('x', null, 2)",
]

const folder = mkdtempSync(join(tmpdir(), 'sparkify-sqlfluff-'))
writeFileSync(join(folder, 'config'), '[sqlfluff]\ndialect = redshift\nlarge_file_skip_byte_limit = 0\n')
afterAll(() => rmSync(folder, { recursive: true }))

/** The places where sqlfluff's grammar of Redshift gives up. */
async function unparsable(name: string, text: string): Promise<string[]> {
  const file = join(folder, name)
  writeFileSync(file, text)
  const args = ['parse', '--config', join(folder, 'config'), file]
  // Exit code 1 says that something can't be parsed, and the output says what.
  const run = promisify(execFile)(sqlfluff ?? '', args, { maxBuffer: 1 << 28 })
  const { stdout } = await run.catch((error: { stdout: string; stderr: string }) => {
    if (!error.stdout) throw new Error(error.stderr)
    return error
  })
  expect(stdout).toMatch(/\[L: *1,/)
  return stdout.split('\n').filter((line) => /unparsable/i.test(line))
}

const title = version ?? 'sqlfluff (skipped: not on PATH; python3 -m venv .venv && .venv/bin/pip install sqlfluff)'
describe.skipIf(!sqlfluff)(`${title}, which knows Redshift’s grammar independently of us,`, () => {
  test('parses every statement that we can render for Redshift', async () => {
    expect(await unparsable('statements.sql', rendered(redshift))).toEqual([])
  })

  test('parses what the connection says besides', async () => {
    expect(await unparsable('connection.sql', `${ofTheConnection.join(';\n')};\n`)).toEqual([])
  })

  test.each([
    'insert into users (user_id) values (1) on conflict do nothing',
    'create table a (b serial)',
    "copy a from 's3://b/c' iam_role default formt json 'auto'",
    'create table a (b integer) distyle even',
  ])('would not parse `%s`', async (statement) => {
    expect(await unparsable('refused.sql', `${statement};\n`)).not.toEqual([])
  })
})
