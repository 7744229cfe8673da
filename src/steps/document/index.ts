import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from '../../context.ts'
import { type ExitCode, exitCodes } from '../../errors.ts'
import { projectFolder } from '../../folders.ts'
import { measuredParts, type Part, parts } from './parts.ts'

export interface Documents {
  readonly stale: readonly string[]
  readonly written: readonly string[]
}

interface Options {
  readonly check: boolean
  /** Measure first, over the sources of the config. */
  readonly measure?: boolean
}

/** Where the documents lie: the project, or a copy of it in a test. */
interface Place {
  readonly folder?: string
}

/**
 * Writes what is generated in README.md, documentation/ and notebooks/; with `check` it only says what is stale and what brings it
 * up to date, exit code 1 if anything is. With `measure` the numbers come from a run made now, else from the last one that was kept.
 */
export async function document(
  context: Context,
  { check, measure = false }: Options,
  { folder = projectFolder }: Place = {},
): Promise<{ result: Documents; exitCode: ExitCode }> {
  const own = measure ? await measured(context, check) : []
  const stale = [...update(context, own, check, folder), ...update(context, parts, check, folder)]
  const exitCode = check && stale.length > 0 ? exitCodes.failed : exitCodes.done
  return { result: { stale, written: check ? [] : stale }, exitCode }
}

async function measured(context: Context, check: boolean): Promise<readonly Part[]> {
  const { measure } = await import('./measure.ts')
  const measurement = await measure(context)
  try {
    return measuredParts(measurement, { keepTimes: check })
  } finally {
    measurement.remove()
  }
}

function update(context: Context, list: readonly Part[], check: boolean, folder: string): string[] {
  const read = (file: string) => {
    const path = join(folder, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }
  return [...new Set(list.map(({ file }) => file))].filter((file) => {
    const own = list.filter((part) => part.file === file)
    const before = read(file)
    const after = own.reduce((text, part) => part.update(text, read), before)
    if (after === before || after === undefined) return false
    const path = join(folder, file)
    if (check) {
      const script = own.some(({ isMeasured }) => isMeasured)
        ? 'npm run document -- --measure --config FILE'
        : 'npm run document'
      context.log.warn(`${file} is stale: ${script} writes it anew.`)
    } else {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, after)
      context.log.done('write', file, 'generated parts')
    }
    return true
  })
}
