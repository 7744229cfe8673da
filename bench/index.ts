import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Case, cases } from './cases.ts'
import { generate, type Source, stopPostgresql, type Way } from './ways.ts'

const usage = `npm run bench -- [options]

  --case NAME   only this case; can be repeated: ${Object.keys(cases).join(', ')}
  --runs N      runs of each way (default: what the case says, mostly 3)
  --scale N     multiply events and songs by N; 0.01 shows in minutes whether everything runs
  --data DIR    keep the generated sources there for the next time (default: a temporary folder)
  --help        this text`

const text = { type: 'string' } as const
const options = readOptions()
const scale = Number(options.scale ?? 1)
const data = resolve(process.env.INIT_CWD ?? '', options.data ?? join(tmpdir(), `sparkify-bench-${process.pid}`))
const work = join(data, 'work')
const interrupted = new AbortController()

// What every process needs and nothing else: the caller's variables must not change a figure.
const { PATH, HOME, TMPDIR, PYTHON = 'python3' } = process.env
const env = { PATH, HOME, TMPDIR, PYTHON, LANG: 'C.UTF-8', RUNTIME__DLTHUB_TELEMETRY: 'false' }

/** The options; ends the process with code 2 and the usage if one is unknown. */
function readOptions() {
  try {
    const known = { case: { ...text, multiple: true }, runs: text, scale: text, data: text } as const
    return parseArgs({ options: { ...known, help: { type: 'boolean' } } }).values
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}\n`)
    process.exit(2)
  }
}

function shell(script: string, cwd: string, ...args: string[]): string {
  return execFileSync('sh', ['-ec', script, ...args], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Makes the folder of a way. Generates the source if it isn't there. */
function prepare(way: Way, folder: string, source: Source | undefined): void {
  fs.mkdirSync(folder, { recursive: true })
  if (source) {
    const [events = 0, songs = 0] = [source.events, source.songs].map((n) => Math.min(n, Math.ceil(n * scale) + 100))
    const generated = join(data, `${events}-events-${songs}-songs`)
    if (!fs.existsSync(generated)) shell(generate({ events, songs }), data, generated)
    fs.symlinkSync(generated, join(folder, 'source'))
  }
  const sources = `[S3]\nLOG_DATA = ${folder}/source/log_data\nSONG_DATA = ${folder}/source/song_data\n`
  const config = `[WAREHOUSE]\nENGINE = duckdb\nDATABASE = ${folder}/star.duckdb\n${sources}`
  fs.writeFileSync(join(folder, 'dwh.cfg'), config)
  shell(way.once ?? '', folder)
}

interface Figures {
  readonly seconds: number
  /** The most that the process held at once, in bytes; 0 where that is unknown. */
  readonly memory: number
}

/** Runs a way from the start of its process to the end. @throws Error if it ends with an unexpected exit code. */
async function measure(way: Way, folder: string): Promise<Figures> {
  const start = performance.now()
  const command = `exec ${way.command} > printed 2> messages`
  const child = spawn('sh', ['-c', command], { cwd: folder, env, signal: interrupted.signal, stdio: 'ignore' })
  let memory = 0
  // The kernel keeps the peak, so only growth in the last milliseconds can be missed.
  const watch = setInterval(async () => {
    const status = await fs.promises.readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    memory = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? memory / 1024) * 1024
  }, 10).unref()
  const [code] = await once(child, 'close')
  clearInterval(watch)
  const seconds = (performance.now() - start) / 1000
  const messages = fs.readFileSync(join(folder, 'messages'), 'utf8')
  if (code !== (way.exitCode ?? 0)) throw new Error(`${command} in ${folder} ends with ${code}:\n${messages}`)
  return { seconds, memory: way.worksElsewhere ? 0 : memory }
}

function median(of: keyof Figures, runs: readonly Figures[] = []): number {
  const sorted = runs.map((run) => run[of]).sort((a, b) => a - b)
  return sorted[(sorted.length - 1) >> 1] ?? 0
}

/** Measures the ways of a case in turn, so that other work on the machine slows all of them down. */
async function measureCase(name: string, one: Case) {
  const ways = Object.entries(one.ways).flatMap(([key, way]) => {
    const isThere = !way.needs || spawnSync('sh', ['-c', way.needs], { env }).status === 0
    if (!isThere) console.error(`${name}, ${key}: skipped, because this fails: ${way.needs}`)
    const source = way.source ?? one.source
    return isThere ? [{ key, way, source, folder: join(work, name, key), runs: [] as Figures[] }] : []
  })
  for (const { way, folder, source } of ways) prepare(way, folder, source)
  const rowsOf = new Map<Source | undefined, string>()
  for (let run = 1; run <= Number(options.runs ?? one.runs ?? 3); run += 1)
    for (const { key, way, folder, source, runs } of ways) {
      shell(way.before ?? '', folder)
      const measured = await measure(way, folder)
      runs.push(measured)
      console.error(`${name}, ${key}, run ${run}: ${measured.seconds.toFixed(2)} s`)
      if (way.rows === undefined) continue
      const rows = shell(way.rows, folder)
      const others = rowsOf.get(source) ?? rows
      if (rows !== others) throw new Error(`${name}: ${key} ends with the rows\n${rows}others with\n${others}`)
      rowsOf.set(source, rows)
    }
  return ways.map(({ key, way: { atMost = {} }, runs }) => {
    const ratio = (of: keyof Figures) => ({ of, is: median(of, ways[0]?.runs) / median(of, runs), atMost: atMost[of] })
    const bars = [ratio('seconds'), ratio('memory')].filter((bar) => bar.atMost !== undefined)
    return { case: name, way: key, seconds: median('seconds', runs), memory: median('memory', runs), runs, bars }
  })
}

function reportFailure(error: Error): void {
  if (interrupted.signal.aborted) throw error
  console.error(error.message)
  process.exitCode = 1
}

type Row = Awaited<ReturnType<typeof measureCase>>[number]

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.case,
    row.way,
    `${row.seconds.toFixed(2)} (${row.runs.map(({ seconds }) => seconds.toFixed(2)).join(', ')})`,
    row.memory > 0 ? `${Math.round(row.memory / 1e6)} MB` : '',
    row.bars.map(({ of, is, atMost }) => `${is.toFixed(2)} × its ${of}, at most ${atMost}`).join('; '),
  ])
  const heads = ['case', 'way', 'seconds (runs)', 'memory', 'the first way takes']
  return [heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

async function main(): Promise<void> {
  const isWrong = options.case?.some((name) => !(name in cases)) || !(scale > 0 && Number(options.runs ?? 1) > 0)
  if (isWrong) process.exitCode = 2
  if (isWrong || options.help) return console.log(isWrong ? `Wrong --case, --runs or --scale.\n\n${usage}` : usage)
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => interrupted.abort())
  fs.rmSync(work, { recursive: true, force: true })
  fs.mkdirSync(work, { recursive: true })
  const rows: Row[] = []
  try {
    for (const [name, one] of Object.entries(cases))
      if (options.case ? options.case.includes(name) : !one.onRequest)
        // A case that fails takes nothing away from the others.
        await measureCase(name, one).then((measured) => rows.push(...measured), reportFailure)
  } finally {
    shell(stopPostgresql, work)
    fs.rmSync(options.data ? work : data, { recursive: true, force: true })
  }
  const memory = `${Math.round(totalmem() / 1e9)} GB`
  const machine = `${cpus().length} × ${cpus()[0]?.model}, ${memory}, Linux ${release()}, Node ${process.version}`
  console.log(`${machine}; ${new Date().toISOString().slice(0, 10)}; --scale ${scale}\n\n${table(rows)}`)
}

void main()
