import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from '../../src/folders.ts'

const own = join(projectFolder, '.venv', 'bin', 'python')
const python = existsSync(own) ? own : 'python3'

/** Whether Python has these modules, and what a test says of it: the versions, or that it is skipped. */
export function pythonWith(...modules: readonly string[]): { readonly isThere: boolean; readonly title: string } {
  const program = `import ${modules.join(', ')}\nprint(', '.join(f'{m.__name__} {m.__version__}' for m in (${modules.join(', ')},)))`
  const { status, stdout } = spawnSync(python, ['-c', program], { encoding: 'utf8' })
  const isThere = status === 0
  return {
    isThere,
    title: isThere ? stdout.trim() : `${modules.join(', ')} (skipped: not there; bash .ci/python-tools installs it)`,
  }
}

/** Runs a Python file and returns what it prints. @throws Error with its messages if it fails. */
export function runPython(file: string, ...args: readonly string[]): string {
  return execFileSync(python, [file, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
