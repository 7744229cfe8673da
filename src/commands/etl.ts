import { command, flag, type Outcome } from '../command.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../errors.ts'
import type { EtlSummary } from '../etl/results.ts'

/** `npm run etl` */
export const etl = command({
  name: 'etl',
  summary: 'Loads new objects of the source, reloads changed ones and skips the rest.',
  options: {
    full: flag('rebuild the star from the whole source, in one transaction'),
    plan: flag('load nothing; show which objects would be loaded'),
    'retry-quarantine': flag('also reload the objects that have records in quarantine'),
  },
  async run(context, { full, plan, 'retry-quarantine': retryQuarantine }) {
    if (plan) return planOutcome(context, { full, retryQuarantine })
    const { load } = await import('../etl/load.ts')
    const summary = await load(context, { full, retryQuarantine })
    const hasRejected = summary.reconciliation.quarantined > 0
    return {
      json: summary,
      text: await summaryText(summary),
      exitCode: hasRejected ? exitCodes.quarantined : exitCodes.done,
    }
  },
})

async function planOutcome(
  context: Context,
  options: { readonly full: boolean; readonly retryQuarantine: boolean },
): Promise<Outcome> {
  const { planLoad, planText } = await import('../etl/plan.ts')
  const { terminalTable } = await import('./terminal.ts')
  const plan = await planLoad(context, options)
  const sources = Object.entries(plan.objects).map(([source, counts]) => ({ source, ...counts }))
  return { json: plan, text: `${terminalTable(sources)}\n\n${planText(plan)}` }
}

/** The reconciliation of the events, and the rows of the tables. */
async function summaryText({ loads, reconciliation, tables }: EtlSummary): Promise<string> {
  const { terminalTable } = await import('./terminal.ts')
  const rows = Object.entries(tables).map(([table, summary]) => ({ table, ...summary }))
  const events = Object.entries(reconciliation).map(([name, count]) => ({
    reconciliation: name.replaceAll('_', ' '),
    count,
  }))
  return loads.length === 0 ? terminalTable(rows) : `${terminalTable(events)}\n\n${terminalTable(rows)}`
}
