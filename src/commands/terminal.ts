import { createInterface } from 'node:readline/promises'
import type { Context } from '../context.ts'
import { refusal } from '../errors.ts'
import { renderTable, type TableOptions } from '../reports/table.ts'
import type { Row } from '../schema/index.ts'

/** Columns of the terminal; 80 if stdout isn't one. */
export const terminalWidth = (): number => process.stdout.columns || 80

/** Rows as a table that fits the terminal, in colour on a terminal unless NO_COLOR is set. */
export function terminalTable(rows: readonly Row[], options: TableOptions = {}): string {
  const color = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  return renderTable(rows, { ...options, width: terminalWidth(), color })
}

/**
 * Shows a plan and asks whether to go ahead.
 *
 * @throws UserError (exit code 2) if stdin or stderr isn't a terminal.
 */
export async function confirm({ log, signal }: Context, plan: string, question: string): Promise<boolean> {
  log.line(plan)
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw refusal('Nothing was done: no terminal to confirm at.', 'Add --yes to go ahead without asking.')
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}
