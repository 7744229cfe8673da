/** Makes every mistake of the list, one at a time, in a copy of the working tree. Fails if one survives the tests that must catch it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectFolder } from '../../src/folders.ts'
import { type Mistake, mistakes, type Suite, suites } from './mistakes.ts'

interface Outcome {
  readonly mistake: Mistake
  /** Name of the first test that failed; undefined if none did. */
  readonly caughtBy: string | undefined
  readonly seconds: number
}

/** As few histories as catch every mistake, and the same at each run. */
const environment = { HISTORIES: '60', SEED: '1', NO_COLOR: '1' }

function copyOfWorkingTree(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-mutations-'))
  const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: projectFolder,
    encoding: 'utf8',
  })
  for (const path of tracked.split('\0').filter((path) => path !== '' && existsSync(join(projectFolder, path))))
    cpSync(join(projectFolder, path), join(folder, path), { recursive: true })
  symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Runs a suite in the copy and returns the first test that failed. A file that can't even be parsed is not a failed test but a bug of the list. */
function firstFailure(folder: string, { file, named }: Suite): string | undefined {
  const report = join(folder, 'report.json')
  rmSync(report, { force: true })
  const names = named === undefined ? [] : ['-t', named]
  const vitest = join(folder, 'node_modules', '.bin', 'vitest')
  const { stdout, stderr } = spawnSync(
    vitest,
    ['run', file, ...names, '--bail=1', '--reporter=json', `--outputFile=${report}`],
    { cwd: folder, env: { ...process.env, ...environment }, encoding: 'utf8' },
  )
  if (!existsSync(report)) throw new Error(`The tests did not run.\n${stdout}${stderr}`)
  const { testResults, numPassedTests, success } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = all.find(({ status }) => status === 'failed')
  if (failed) return failed.fullName
  if (success && numPassedTests > 0) return undefined
  throw new Error(`The tests did not run: ${testResults.map(({ message }) => message).join('\n')}`)
}

interface Report {
  readonly success: boolean
  readonly numPassedTests: number
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

function tryMistake(folder: string, mistake: Mistake): Outcome {
  const path = join(folder, mistake.file)
  const text = readFileSync(path, 'utf8')
  if (text.split(mistake.find).length !== 2) throw new Error(`${mistake.file} has not one place for: ${mistake.about}`)
  const start = performance.now()
  writeFileSync(
    path,
    text.replace(mistake.find, () => mistake.replacement),
  )
  try {
    const caughtBy = firstFailure(folder, suites[mistake.suite])
    return { mistake, caughtBy, seconds: (performance.now() - start) / 1000 }
  } finally {
    writeFileSync(path, text)
  }
}

function recordOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ mistake: { about, file, suite }, caughtBy, seconds }) => {
    const test =
      caughtBy === undefined ? 'SURVIVED' : `\`${suites[suite].file}\`: ${caughtBy.replace(/ \(SEED=.*\)$/, '')}`
    return `| ${about} | \`${file}\` | ${test} | ${seconds.toFixed(0)} |`
  })
  const caught = outcomes.filter(({ caughtBy }) => caughtBy !== undefined).length
  return `# Mistakes that the tests catch

Made by \`npm run mutations\`, which makes each of these mistakes in a copy of the working tree and runs the named tests there.
${caught} of ${outcomes.length} are caught. The list is in [mistakes.ts](mistakes.ts); \`npm test\` holds every mistake to its place in the source.

| mistake | made in | caught by | seconds |
|---|---|---|--:|
${rows.join('\n')}
`
}

const usage = `npm run mutations -- [part of a description …]

Makes each mistake of test/mutations/mistakes.ts, or those whose description contains a part, and runs the tests that
must catch it. Takes minutes. Without a part, the result is written to test/mutations/README.md.`

function main(wanted: readonly string[]): void {
  const chosen = mistakes.filter(({ about }) => wanted.length === 0 || wanted.some((part) => about.includes(part)))
  if (chosen.length === 0) {
    console.error(`No description contains ${wanted.join(' or ')}.\n\n${usage}`)
    process.exitCode = 2
    return
  }
  const folder = copyOfWorkingTree()
  try {
    for (const suite of new Set(chosen.map(({ suite }) => suite))) {
      const failure = firstFailure(folder, suites[suite])
      if (failure !== undefined) throw new Error(`Without any mistake a test fails already: ${failure}`)
    }
    const outcomes = chosen.map((mistake) => {
      const outcome = tryMistake(folder, mistake)
      console.error(
        `${outcome.caughtBy === undefined ? 'SURVIVED' : 'caught  '} ${outcome.seconds.toFixed(1)} s  ${mistake.about}`,
      )
      return outcome
    })
    if (wanted.length === 0) writeFileSync(join(dirname(__filename), 'README.md'), recordOf(outcomes))
    process.exitCode = outcomes.every(({ caughtBy }) => caughtBy !== undefined) ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv.includes('--help')) console.log(usage)
else main(process.argv.slice(2))
