import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../src/commands/help.ts'
import { projectVersion } from '../src/folders.ts'
import { recordings, scriptEnvironment } from './support/npm.ts'
import { hashOf, runScript } from './support/process.ts'
import { smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const example = "it's"

/** The arguments that arrive and the variables that npm sets, for words of which each option was recorded with another value. */
function throughNpm(words: readonly string[]) {
  const args: string[] = []
  const environment: Record<string, string> = {}
  for (let at = 0; at < words.length; at += 1) {
    const [word = '', next = ''] = words.slice(at)
    const value = word.includes('=') ? word.slice(word.indexOf('=') + 1) : next
    const typed = [[word, next], [word], [word.replace(`=${value}`, `=${example}`)], [word, example]]
    const found = typed.flatMap((one) => recordings.find((each) => each.typed.join('\n') === one.join('\n')) ?? [])[0]
    if (!found) {
      args.push(word)
      continue
    }
    const real = (text: string) => (text === example ? value : text)
    args.push(...found.args.map(real))
    for (const [name, text] of Object.entries(found.environment)) environment[name] = real(text)
    if (found.typed.length > 1) at += 1
  }
  return { args, environment }
}

/** The words of a line of a shell that has no more than double quotes. */
const wordsOf = (line: string) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare = '']) => quoted ?? bare)

describe('what people type', () => {
  const workplace = new TestWarehouse()
  const state = () => [
    ...readdirSync(workplace.folder, { recursive: true }).map(String).sort(),
    hashOf(workplace.database),
  ]
  beforeAll(async () => {
    await workplace.create()
    workplace.write(smallSource)
  })
  afterAll(() => workplace.remove())

  const refused: [line: string, says: string][] = [
    // npm takes options for itself.
    ['npm start --json', 'Type: npm start -- --json'],
    ['npm start --config my.cfg', 'Type: npm start -- --config=my.cfg'],
    ['npm start --config=my.cfg', 'Type: npm start -- --config=my.cfg'],
    ['npm run create-infrastructure --plan', 'Type: npm run create-infrastructure -- --plan'],
    ['npm run create-infrastructure --yes', 'Type: npm run create-infrastructure -- --yes'],
    ['npm run create-infrastructure --ttl 8h', 'Type: npm run create-infrastructure -- --ttl=8h'],
    ['npm run create-infrastructure --resume', 'Type: npm run create-infrastructure -- --resume'],
    ['npm run create-tables --plan', 'Type: npm run create-tables -- --plan'],
    ['npm run create-tables --reset --yes', 'Type: npm run create-tables -- --reset --yes'],
    ['npm run create-tables --reset -- --yes', 'Type: npm run create-tables -- --reset --yes'],
    ['npm run create-tables --json', 'Type: npm run create-tables -- --json'],
    ['npm run etl --full', 'Type: npm run etl -- --full'],
    ['npm run etl --plan -- --config dwh.cfg', 'Type: npm run etl -- --plan --config dwh.cfg'],
    ['npm run etl --retry-quarantine', 'Type: npm run etl -- --retry-quarantine'],
    ['npm run etl --config my.cfg', 'Type: npm run etl -- --config=my.cfg'],
    ['npm run etl -c my.cfg', 'Type: npm run etl -- --config=my.cfg'],
    ['npm run etl --confg=my.cfg', 'Type: npm run etl -- --config=my.cfg'],
    ['npm run etl --fulll', 'Type: npm run etl -- --full'],
    ['npm run analyze --out charts', 'Type: npm run analyze -- --out=charts'],
    ['npm run analyze --verbose', 'Type: npm run analyze -- --verbose'],
    ['npm run query "select 1" --format csv', "Type: npm run query -- --format=csv 'select 1'"],
    ['npm run query --file q.sql', 'Type: npm run query -- --file=q.sql'],
    ['npm run query "select 1" --limit=5', "Type: npm run query -- --limit=5 'select 1'"],
    ['npm run status --json', 'Type: npm run status -- --json'],
    ['npm run doctor --config=my.cfg', 'Type: npm run doctor -- --config=my.cfg'],
    ['npm run generate --events 500', 'Type: npm run generate -- --events=500'],
    ['npm run generate --songs=5 --seed=7', 'Type: npm run generate -- --songs=5 --seed=7'],
    ['npm run destroy-infrastructure --yes', 'Type: npm run destroy-infrastructure -- --yes'],
    ['npm run destroy-infrastructure --pause -- --yes', 'Type: npm run destroy-infrastructure -- --pause --yes'],
    [
      'npm run destroy-infrastructure --final-snapshot last --retention-days=30',
      'Type: npm run destroy-infrastructure -- --final-snapshot=last --retention-days=30',
    ],
    ['npm run destroy-infrastructure -y', 'Type: npm run destroy-infrastructure -- --yes'],
    // Dashes of a word processor, letters, and words without dashes.
    ['npm run etl –-plan', '–-plan is not an option: did you mean --plan?\nType: npm run etl -- --plan'],
    ['npm run etl -- —full', '—full is not an option: did you mean --full?\nType: npm run etl -- --full'],
    ['npm run etl -- −-json --plan', 'Type: npm run etl -- --json --plan'],
    ['npm run etl plan', 'plan is not an option: did you mean --plan?\nType: npm run etl -- --plan'],
    ['npm run etl -- -c my.cfg', '-c is not an option: did you mean --config?\nType: npm run etl -- --config my.cfg'],
    ['npm run etl -- -c "my file.cfg"', "Type: npm run etl -- --config 'my file.cfg'"],
    ['npm run etl -- -h', '-h is not an option: did you mean --help?\nType: npm run etl -- --help'],
    ['npm run create-tables -- --reset -y', 'Type: npm run create-tables -- --reset --yes'],
    ['npm run destroy-infrastructure yes', 'Type: npm run destroy-infrastructure -- --yes'],
    // Options and values that don't exist.
    ...commands.map(({ name }): [string, string] => [
      `npm run ${name} -- --nope`,
      `Unknown option '--nope'.\nTo see the options: ${name === 'start' ? 'npm start' : `npm run ${name}`} -- --help`,
    ]),
    ['npm run etl -- yesterday', "Unexpected argument 'yesterday'."],
    ['npm run etl -- constructor', "Unexpected argument 'constructor'."],
    ['npm run etl my.cfg', 'did you mean --config my.cfg?\nType: npm run etl -- --config my.cfg'],
    ['npm start -- "my file.cfg" --json', "Type: npm start -- --config 'my file.cfg' --json"],
    ['npm run etl -- --confg my.cfg', 'Type: npm run etl -- --config my.cfg'],
    ['npm run generate -- --event=5', 'Type: npm run generate -- --events=5'],
    ['npm run destroy-infrastructure -- --final_snapshot x', '--final-snapshot x'],
    [
      'npm run query -- select 1',
      'There are 2 arguments instead of one.\nPut the SQL in quotes: npm run query -- "SQL"',
    ],
    ['npm run query -- " "', 'SQL is missing.'],
    ['npm run query -- "select 1" --file q.sql', 'There are two queries: an argument and --file.'],
    ['npm run query -- --file none.sql', "none.sql can't be read (ENOENT)."],
    ['npm run query -- "select 1" --format xml', 'Invalid --format xml.\nUse one of table, json, csv, parquet.'],
    ['npm run query -- "select 1" --limit all', 'Invalid --limit all.\nUse a whole number of at least 1.'],
    ['npm run query -- "select 1" --format parquet', 'Add --out FILE.'],
    ['npm run analyze -- --out', "Option '--out <value>' argument missing."],
    ['npm run analyze -- --out --json', "Option '--out' argument is ambiguous."],
    ['npm run analyze -- --out=', "Option '--out' has an empty value."],
    ['npm run status -- --json=yes', "Option '--json' does not take an argument."],
    ['npm run generate -- --events abc', '--events abc is not a whole number from 0 to 1,000,000,000.'],
    ['npm run generate -- --events -5', '--events -5 is not a whole number from 0 to 1,000,000,000.'],
    ['npm run generate -- --songs=10000001', '--songs 10000001 is not a whole number from 0 to 10,000,000.'],
    ['npm run generate -- --seed 1.5', '--seed 1.5 is not a whole number from 0 to 999,999,999,999.'],
    ['npm run create-infrastructure -- --ttl 8h --config dwh.cfg', 'Leave out --resume and --ttl.'],
    ['npm run destroy-infrastructure -- --pause --config dwh.cfg', '--pause'],
    ['npm run create-tables -- --reset --config dwh.cfg', '--reset --yes'],
    ['npm run etl -- --config missing.cfg', 'missing.cfg does not exist.'],
  ]
  const done: [line: string, says: string][] = [
    ['npm run etl -- --version', projectVersion()],
    ['npm run help', 'destroy-infrastructure'],
    ['npm run etl -- --plan --config dwh.cfg', 'log_data'],
    ['npm run etl -- --config=dwh.cfg --plan', 'log_data'],
    ['npm run create-tables -- --plan --config dwh.cfg', 'Nothing would change.'],
    ['npm run query -- "select -1 as n" --config dwh.cfg', '-1'],
    ['npm run query "select 7 as n" -- --config dwh.cfg', '7'],
    ['npm run status -- --config dwh.cfg', 'Next: npm run etl -- --config dwh.cfg'],
  ]
  test.each([
    ...refused.map(([line, says]) => [2, line, says] as const),
    ...done.map(([line, says]) => [0, line, says] as const),
  ])('exit code %d: %s', async (expected, line, says) => {
    const before = state()
    const { code, stdout, stderr } = await type(line)
    expect(expected === 0 ? stdout : stderr).toContain(says)
    expect(code).toBe(expected)
    if (expected === 2) expect(stdout).toBe('')
    expect(state()).toEqual(before)
  })

  function type(line: string) {
    const [, ...words] = wordsOf(line)
    const name = (words[0] === 'run' ? words[1] : words[0]) ?? ''
    const rest = words.slice(words[0] === 'run' ? 2 : 1)
    const at = rest.indexOf('--')
    const { args, environment } = throughNpm(at === -1 ? rest : rest.slice(0, at))
    return runScript(name, [...args, ...(at === -1 ? [] : rest.slice(at + 1))], {
      cwd: workplace.folder,
      environment: { ...scriptEnvironment(name, environment), INIT_CWD: workplace.folder },
    })
  }
})
