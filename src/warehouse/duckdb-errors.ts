import { dirname } from 'node:path'
import { diskFull, tooManyOpenFiles, UserError } from '../errors.ts'

/** The process that has the file locked, such as `PID 4711`; undefined if the error isn't about a lock. */
export function lockHolder(error: unknown): string | undefined {
  if (!(error instanceof Error) || !/Could not set lock on file/.test(error.message)) return undefined
  return /PID \d+/.exec(error.message)?.[0] ?? 'unknown'
}

/** DuckDB's error as a UserError with cause and fix; other errors unchanged. */
export function explainedDuckdbError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error
  const text = error.message
  const folder = dirname(file)
  if (/No space left|disk (is )?full|failed to (offload|write)|ENOSPC|max_temp_directory_size/i.test(text))
    return diskFull(folder, error)
  if (/Too many open files/i.test(text)) return tooManyOpenFiles(error)
  const known: [pattern: RegExp, message: string, hint: string, exitCode?: 1 | 2][] = [
    [
      /Could not set lock on file/,
      `The warehouse ${file} is in use by another process (${lockHolder(error)}).`,
      'Wait until that process is done, or stop it. Then run the command again.',
    ],
    [
      /not a valid DuckDB database file/,
      `The file ${file} is not a DuckDB database.`,
      'Move it away, or set DATABASE in the config to another file.',
      2,
    ],
    [
      /Corrupt database file/,
      `The file ${file} is damaged.`,
      'Restore a backup. Or remove the file and load everything again: npm run create-tables && npm run etl',
    ],
    [
      /newer version|version number .* but we can only read/i,
      `The file ${file} was written by a newer DuckDB than the one installed here.`,
      'Update this project (git pull, npm ci).',
      2,
    ],
    [
      /Out of Memory/i,
      'DuckDB needs more memory than its limit. Nothing was changed.',
      'Raise MEMORY_LIMIT or lower BATCH_BYTES in the config.',
    ],
    [
      /Permission denied|Operation not permitted|read-only file system/i,
      `Permission denied to open or change the warehouse ${file}.`,
      'Check the permissions of the file and its folder, and whether the disk is read-only or the file immutable.',
    ],
    [
      /File too large|EFBIG/i,
      `The warehouse ${file} may not grow any more: the system limits the size of a file. Nothing was changed.`,
      'Raise the limit (ulimit -f), or use a disk without it.',
    ],
    [/Is a directory/, `The warehouse ${file} is a folder.`, 'Set DATABASE in the config to a file.', 2],
    [
      /Cannot open file .*No such file or directory/,
      `The folder ${folder} does not exist.`,
      'Create it first: npm run create-tables',
      2,
    ],
    [
      /Cannot open file .*Not a directory/,
      `The folder ${folder} can't exist: a part of its path is a file.`,
      'Set DATABASE in the config to another path.',
      2,
    ],
  ]
  const match = known.find(([pattern]) => pattern.test(text))
  return match ? new UserError(match[1], { hint: match[2], exitCode: match[3] ?? 1, cause: error }) : error
}
