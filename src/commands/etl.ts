import { command, flag } from '../command.ts'
import { exitCodes } from '../errors.ts'
import type { EtlSummary } from '../etl/results.ts'
import type { Row } from '../schema/index.ts'

/** `npm run etl` */
export const etl = command({
  name: 'etl',
  summary: 'Loads what is new or changed at the source.',
  options: {
    full: flag('rebuild the star from the whole source, in one transaction'),
    plan: flag('load nothing; show which objects would be loaded'),
    'retry-quarantine': flag('also reload the objects that have records in quarantine'),
  },
  async run(context, { full, plan, 'retry-quarantine': retryQuarantine }) {
    const { terminalTable } = await import('./terminal.ts')
    if (plan) {
      const { planLoad, planText } = await import('../etl/plan.ts')
      const planned = await planLoad(context, { full, retryQuarantine })
      const sources = Object.entries(planned.objects).map(([source, counts]) => ({ source, ...counts }))
      return { json: planned, text: `${terminalTable(sources)}\n\n${planText(planned)}` }
    }
    const { load } = await import('../etl/load.ts')
    const summary = await load(context, { full, retryQuarantine })
    const isLeft = Object.values(summary.objects).some(({ left_out }) => left_out > 0)
    const loaded = isLeft ? exitCodes.leftOver : exitCodes.done
    return {
      json: summary,
      text: summaryText(summary, terminalTable),
      exitCode: summary.reconciliation.quarantined > 0 ? exitCodes.quarantined : loaded,
    }
  },
})

/** The reconciliation of the events, and the rows of the tables. */
function summaryText({ loads, reconciliation, tables }: EtlSummary, table: (rows: readonly Row[]) => string): string {
  const rows = Object.entries(tables).map(([name, summary]) => ({ table: name, ...summary }))
  const events = Object.entries(reconciliation).map(([name, count]) => ({
    reconciliation: name.replaceAll('_', ' '),
    count,
  }))
  return loads.length === 0 ? table(rows) : `${table(events)}\n\n${table(rows)}`
}
