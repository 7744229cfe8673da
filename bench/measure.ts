import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { projectFolder } from '../src/folders.ts'

/** A whole process, from its start to its end. */
export interface Measured {
  readonly seconds: number
  /** Most memory it held at once (resident set, bytes); null where the system does not say. */
  readonly peakBytes: number | null
  /** Seconds that the cores worked for it, all together; null where the system does not say. */
  readonly coreSeconds: number | null
  readonly stdout: string
}

const pollMs = 10
/** The unit of /proc on every Linux that Node runs on. */
const ticksASecond = 100

/**
 * Runs a command and waits for its end.
 *
 * @throws Error with what it said, if it does not end with 0.
 */
export async function measure([command = '', ...args]: readonly string[]): Promise<Measured> {
  const start = performance.now()
  const child = spawn(command, args, { cwd: projectFolder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let used = { peakBytes: null, coreSeconds: null } as Pick<Measured, 'peakBytes' | 'coreSeconds'>
  const watch = setInterval(() => {
    used = usedBy(child.pid) ?? used
  }, pollMs)
  const end = () => child.kill()
  process.once('exit', end)
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  }).finally(() => {
    clearInterval(watch)
    process.off('exit', end)
  })
  const seconds = (performance.now() - start) / 1000
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${said.stdout}${said.stderr}`)
  return { seconds, ...used, stdout: said.stdout }
}

/** Nothing but what every process needs: what the caller's shell sets must not change a figure. */
const environment = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  TMPDIR: process.env.TMPDIR,
  LANG: 'C.UTF-8',
  RUNTIME__DLTHUB_TELEMETRY: 'false',
}

/**
 * What a process has used so far; undefined when it has ended, or the system is no Linux. The kernel keeps the high-water mark
 * and the sums, so a poll misses only what the last milliseconds add.
 */
function usedBy(pid: number | undefined): { peakBytes: number; coreSeconds: number } | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    // Behind the name, which may hold blanks: the 12th and the 13th field are ticks in user and in system mode.
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .slice(11, 13)
    if (kilobytes === undefined) return undefined
    return { peakBytes: Number(kilobytes) * 1024, coreSeconds: (Number(user) + Number(system)) / ticksASecond }
  } catch {
    return undefined
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
