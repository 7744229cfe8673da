import { dirname } from 'node:path'
import { UserError } from '../errors.ts'

/** Who has the file open that DuckDB could not lock, such as `PID 4711`; undefined if that is not what the error says. */
export function lockHolder(error: unknown): string | undefined {
  if (!(error instanceof Error) || !/Could not set lock on file/.test(error.message)) return undefined
  return /PID \d+/.exec(error.message)?.[0] ?? 'which one the system does not say'
}

/** What DuckDB's own errors mean to the person who runs the command. */
export function explainedDuckdbError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error
  const text = error.message
  const folder = dirname(file)
  const known: [pattern: RegExp, message: string, hint: string, exitCode?: 1 | 2][] = [
    [
      /Could not set lock on file/,
      `The warehouse ${file} is in use by another process (${lockHolder(error)}).`,
      'Wait until it is done, or end it, and run this again.',
    ],
    [
      /not a valid DuckDB database file/,
      `The file ${file} is not a DuckDB database.`,
      'Move it away, or name another file as DATABASE in the config.',
      2,
    ],
    [
      /Corrupt database file/,
      `The file ${file} is damaged.`,
      'Bring back a copy of it; or remove it, run create-tables and then etl, which load everything again.',
    ],
    [
      /newer version|version number .* but we can only read/i,
      `The file ${file} was written by a newer DuckDB than the one installed here.`,
      'Update this project (git pull, npm ci).',
      2,
    ],
    [
      /No space left|disk (is )?full|failed to (offload|write)|ENOSPC|max_temp_directory_size/i,
      `There is no room left on the disk of ${folder}. Nothing was changed.`,
      'Free some space and run this again.',
    ],
    [
      /Out of Memory/i,
      'DuckDB needs more memory than its limit. Nothing was changed.',
      'Raise MEMORY_LIMIT or lower BATCH_BYTES in the config.',
    ],
    [
      /Too many open files/i,
      'The system allows no more open files. Nothing was changed.',
      'Raise the limit (ulimit -n) and run this again.',
    ],
    [
      /Permission denied|read-only file system/i,
      `The warehouse ${file} may not be opened by you.`,
      'Check its permissions and those of its folder.',
    ],
    [/Is a directory/, `The warehouse ${file} is a folder.`, 'Name a file as DATABASE in the config.', 2],
    [
      /Cannot open file .*No such file or directory/,
      `The folder ${folder} does not exist.`,
      'Run create-infrastructure first.',
      2,
    ],
    [
      /Cannot open file .*Not a directory/,
      `The folder ${folder} can't be: a part of its path is a file.`,
      'Name another file as DATABASE in the config.',
      2,
    ],
  ]
  const match = known.find(([pattern]) => pattern.test(text))
  return match ? new UserError(match[1], { hint: match[2], exitCode: match[3] ?? 1, cause: error }) : error
}
