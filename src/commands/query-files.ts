/** Where a query comes from, and the files its rows go to. */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { refusal, systemErrorCode } from '../errors.ts'
import { callersFolder } from '../folders.ts'

const mostTableRows = 100

/** The rows to show: all if undefined. @throws UserError (exit code 2) if the limit is not a whole number of at least 1. */
export function readLimit(limit: string | undefined, format: string): number | undefined {
  if (limit === undefined) return format === 'table' ? mostTableRows : undefined
  if (!/^[1-9]\d{0,14}$/.test(limit)) throw refusal(`Invalid --limit ${limit}.`, 'Use a whole number of at least 1.')
  return Number(limit)
}

/**
 * The SQL: from the argument, from a file, or from standard input for `-` and without both.
 *
 * @throws UserError (exit code 2) if there is none, if there are two, or if the file can't be read.
 */
export async function readStatement(argument: string, file: string | undefined): Promise<string> {
  if (argument !== '' && file !== undefined)
    throw refusal('There are two queries: an argument and --file.', 'Leave one of them out.')
  const isMissing = argument === '' && file === undefined
  const isPiped = argument === '-' || file === '-' || (isMissing && !process.stdin.isTTY)
  const statement = isPiped ? await text(process.stdin) : file === undefined ? argument : readSql(file)
  if (statement.trim() !== '') return statement.replace(/^\ufeff/, '')
  throw refusal(
    'SQL is missing.',
    'Add it in quotes, use --file FILE, or pipe it. To see the options: npm run query -- --help',
  )
}

function readSql(file: string): string {
  const path = resolve(callersFolder(), file)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw refusal(`${path} can't be read (${systemErrorCode(error)}).`, 'Use --file FILE to name another file.')
  }
}

/** Writes a result. @throws UserError (exit code 2) if the file can't be written. */
export function writeOutput(path: string, content: string | Buffer): void {
  try {
    writeFileSync(path, content)
  } catch (error) {
    throw refusal(`${path} can't be written (${systemErrorCode(error)}).`, 'Use --out FILE to name another file.')
  }
}
