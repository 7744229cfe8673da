import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import * as queries from '../sql-queries/index.ts'
import { literal } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { CheckResult } from './results.ts'

/**
 * Runs the quality checks over what the load changed.
 *
 * @throws UserError that names the checks that found offenders.
 */
export async function check(context: Context, warehouse: Warehouse, loadId: string): Promise<CheckResult[]> {
  const start = performance.now()
  context.log.progress('check the star')
  const results = await warehouse.query(queries.runChecks(queries.qualityChecks(literal(loadId), warehouse.dialect)))
  const checks = results.map(({ name, offenders }) => ({ name: String(name), offenders: Number(offenders) }))
  const failed = checks.filter(({ offenders }) => offenders > 0)
  if (failed.length > 0)
    throw new UserError(
      `Quality checks failed: ${failed.map(({ name, offenders }) => `${name} (${counted(offenders, 'offender')})`).join('; ')}. Nothing was loaded.`,
      { hint: 'Rebuild the star: npm run etl -- --full. If that fails too, report it with this message.' },
    )
  context.log.done('check', 'star', `${counted(checks.length, 'check')} passed`, performance.now() - start)
  return checks
}
