import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from '../../context.ts'
import { type ExitCode, exitCodes } from '../../errors.ts'
import { projectFolder } from '../../folders.ts'
import { parts } from './parts.ts'

export interface Documents {
  readonly stale: readonly string[]
  readonly written: readonly string[]
}

/** Where the documents lie: the project, or a copy of it in a test. */
interface Place {
  readonly folder?: string
}

/**
 * Writes what is generated in README.md, documentation/ and notebooks/; with `check` it only says what is stale and what brings it
 * up to date, exit code 1 if anything is.
 */
export function document(
  context: Context,
  { check }: { check: boolean },
  { folder = projectFolder }: Place = {},
): { result: Documents; exitCode: ExitCode } {
  const read = (file: string) => {
    const path = join(folder, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }
  const stale: string[] = []
  for (const file of new Set(parts.map((part) => part.file))) {
    const before = read(file)
    const after = parts.filter((part) => part.file === file).reduce((text, { update }) => update(text, read), before)
    if (after === before || after === undefined) continue
    stale.push(file)
    if (check) context.log.warn(`${file} is stale: npm run document writes it anew.`)
    else {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), after)
      context.log.done('write', file, 'generated parts')
    }
  }
  const exitCode = check && stale.length > 0 ? exitCodes.failed : exitCodes.done
  return { result: { stale, written: check ? [] : stale }, exitCode }
}
