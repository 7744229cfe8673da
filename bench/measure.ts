import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { projectFolder } from '../src/folders.ts'

/** A whole process, from its start to its end. */
export interface Measured {
  readonly seconds: number
  /** Most memory it held at once (resident set, bytes); null where the system does not say. */
  readonly peakBytes: number | null
  readonly stdout: string
}

const pollMs = 10

/**
 * Runs a command and waits for its end.
 *
 * @throws Error with what it said, if it does not end with 0.
 */
export async function measure([command = '', ...args]: readonly string[]): Promise<Measured> {
  const start = performance.now()
  const child = spawn(command, args, { cwd: projectFolder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let peakBytes: number | null = null
  const watch = setInterval(() => {
    peakBytes = peakOf(child.pid) ?? peakBytes
  }, pollMs)
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  }).finally(() => clearInterval(watch))
  const seconds = (performance.now() - start) / 1000
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${said.stdout}${said.stderr}`)
  return { seconds, peakBytes, stdout: said.stdout }
}

/** Nothing but what every process needs: what the caller's shell sets must not change a figure. */
const environment = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  TMPDIR: process.env.TMPDIR,
  LANG: 'C.UTF-8',
  RUNTIME__DLTHUB_TELEMETRY: 'false',
}

/** Linux keeps the high-water mark of each process, so a poll misses only what the last milliseconds add. */
function peakOf(pid: number | undefined): number | null {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) * 1024
  } catch {
    return null
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
