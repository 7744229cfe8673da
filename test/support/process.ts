import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import { runCommand } from '../../src/cli.ts'
import { commands } from '../../src/commands/help.ts'
import { projectFolder } from '../../src/folders.ts'

export interface Finished {
  /** Null if a signal ended the process. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A signal, and the event of the process at which it is sent: see signal-at.cjs. */
export interface Interrupt {
  readonly signal: NodeJS.Signals
  readonly at: RegExp
}

export interface RunOptions {
  /** Where the person stands; the project's folder if not given. */
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly interrupt?: Interrupt
  /** Called with the process when it has started; for a test that ends it at a moment of its own. */
  readonly onStart?: (child: ChildProcess) => void
  /** A pipe that `onStart` writes to; nothing if left out. */
  readonly stdin?: 'pipe'
}

export const tsNode = join(projectFolder, 'node_modules', '.bin', 'ts-node')

/**
 * Runs a command in this process with its own environment, folder and output, which is ten times as fast as starting one. Commands
 * run one after the other. What only a process shows (signals, ts-node, closed streams, memory) needs `startScript`.
 */
export function runScript(name: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  if (options.interrupt || options.onStart) return startScript(name, args, options)
  const turn = lastRun.then(() => runHere(name, args, options))
  lastRun = turn.catch(() => {})
  return turn
}

let lastRun: Promise<unknown> = Promise.resolve()

async function runHere(name: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  const command = commands.find((candidate) => candidate.name === name)
  if (command === undefined) throw new Error(`There is no command ${name}.`)
  const outside = { cwd: process.cwd(), environment: { ...process.env } }
  const texts = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      texts[stream] += text
      return true
    }),
  )
  process.chdir(options.cwd ?? projectFolder)
  replaceEnvironment(environmentOf(options))
  try {
    const code = await runCommand(command, args, new AbortController().signal)
    return { code, signal: null, ...texts }
  } finally {
    for (const spy of spies) spy.mockRestore()
    process.chdir(outside.cwd)
    replaceEnvironment(outside.environment)
  }
}

/** Makes these the variables of this process, and no others. */
export function replaceEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (environment[name] === undefined) delete process.env[name]
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) process.env[name] = value
}

/** Starts a script of src, as `npm run` does but without npm, and waits for its end. */
export function startScript(name: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return runProcess([tsNode, join(projectFolder, 'src', `${name}.ts`), ...args], options)
}

/** Runs a line of bash in which $TS_NODE and $SRC stand for ts-node and the folder of the scripts. */
export function runShell(line: string, options: RunOptions = {}): Promise<Finished> {
  return runProcess(['bash', '-c', line], options)
}

/** Whether a terminal can be made here. */
export const hasTerminals = existsSync('/usr/bin/script')

/**
 * Starts a script at a terminal of its own, where `answer` is typed when the prompt appears. What it writes to either stream comes
 * as stdout.
 */
export function runAtTerminal(
  name: string,
  args: readonly string[],
  { prompt, answer = '', ...options }: RunOptions & { readonly prompt?: string; readonly answer?: string } = {},
): Promise<Finished> {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const line = [tsNode, join(projectFolder, 'src', `${name}.ts`), ...args].map(quoted).join(' ')
  return runProcess(['/usr/bin/script', '-qec', line, '/dev/null'], {
    ...options,
    environment: { TERM: 'xterm', ...options.environment },
    ...(prompt !== undefined && { stdin: 'pipe' as const }),
    onStart(child) {
      let shown = ''
      child.stdout?.on('data', (text) => {
        if (prompt === undefined || shown.includes(prompt)) return
        shown += text
        if (shown.includes(prompt)) child.stdin?.write(`${answer}\n`)
      })
    },
  })
}

export function runProcess([command = '', ...args]: readonly string[], options: RunOptions): Promise<Finished> {
  const { cwd = projectFolder, stdin = 'ignore' } = options
  const child = spawn(command, args, { cwd, env: environmentOf(options), stdio: [stdin, 'pipe', 'pipe'] })
  options.onStart?.(child)
  const texts = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      texts[stream] += text
    })
  return new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...texts }))
  })
}

/** Nothing of the environment of the tests but what every process needs: no npm, no colours, no credentials. */
function environmentOf({ environment, interrupt }: RunOptions): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env
  return {
    PATH,
    HOME,
    TMPDIR,
    TS_NODE: tsNode,
    SRC: join(projectFolder, 'src'),
    ...(interrupt && signalToItself(interrupt)),
    ...environment,
  }
}

/** Makes the process send the signal itself, which is exact where another process would be early or late. */
function signalToItself({ signal, at }: Interrupt): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `--require ${JSON.stringify(join(import.meta.dirname, 'signal-at.cjs'))}`,
    SIGNAL: signal,
    SIGNAL_AT: at.source,
  }
}

/** Another process that has a DuckDB file open until `end` is called. */
export async function holdOpen(file: string): Promise<{ readonly pid: number | undefined; end(): Promise<void> }> {
  const program = `require('@duckdb/node-api').DuckDBInstance.create(${JSON.stringify(file)}).then((instance) => {
    console.log('open')
    setInterval(() => instance, 1000)
  })`
  const child = spawn(process.execPath, ['-e', program], { cwd: projectFolder, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return {
    pid: child.pid,
    async end() {
      child.kill()
      await once(child, 'close')
    },
  }
}

/** What tells two states of a file apart; undefined if there is none. */
export function hashOf(file: string): string | undefined {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : undefined
}
