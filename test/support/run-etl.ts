import { etl } from '../../src/commands/etl.ts'
import type { Context } from '../../src/context.ts'
import type { ExitCode } from '../../src/errors.ts'
import type { EtlOptions } from '../../src/etl/find-objects.ts'
import type { EtlSummary } from '../../src/etl/results.ts'

/** Runs `etl` with a context of the test's own. */
export async function runEtl(
  context: Context,
  { full = false, retryQuarantine = false }: Partial<EtlOptions> = {},
): Promise<{ readonly summary: EtlSummary; readonly exitCode: ExitCode }> {
  const values = { full, plan: false, 'retry-quarantine': retryQuarantine }
  const { json, exitCode = 0 } = await etl.run(context, values, '')
  return { summary: json as EtlSummary, exitCode }
}
