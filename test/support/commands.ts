import type { Command } from '../../src/command.ts'
import { analyze } from '../../src/commands/analyze.ts'
import { createInfrastructure } from '../../src/commands/create-infrastructure.ts'
import { createTables } from '../../src/commands/create-tables.ts'
import { destroyInfrastructure } from '../../src/commands/destroy-infrastructure.ts'
import { doctor } from '../../src/commands/doctor.ts'
import { etl } from '../../src/commands/etl.ts'
import { generate } from '../../src/commands/generate.ts'
import { query } from '../../src/commands/query.ts'
import { start } from '../../src/commands/start.ts'
import { status } from '../../src/commands/status.ts'
import type { Context } from '../../src/context.ts'
import type { ExitCode } from '../../src/errors.ts'
import type { EtlOptions } from '../../src/etl/find-objects.ts'
import type { EtlSummary } from '../../src/etl/results.ts'

/** Every command, in the order in which the documentation lists them. */
export const commands: readonly Command[] = [
  start,
  createInfrastructure,
  createTables,
  etl,
  analyze,
  query,
  status,
  doctor,
  generate,
  destroyInfrastructure,
]

/** Runs `etl` with a context of the test's own. */
export async function runEtl(
  context: Context,
  { full = false, retryQuarantine = false }: Partial<EtlOptions> = {},
): Promise<{ readonly summary: EtlSummary; readonly exitCode: ExitCode }> {
  const values = { full, plan: false, 'retry-quarantine': retryQuarantine }
  const { json, exitCode = 0 } = await etl.run(context, values, '')
  return { summary: json as EtlSummary, exitCode }
}
