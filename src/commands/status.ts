import { command } from '../command.ts'
import type { InfrastructureStatus } from '../infrastructure/index.ts'
import { type Row, reconciliationColumns } from '../schema/index.ts'
import { fixOf } from '../tables/fix-of.ts'
import { counted, escapeControl, size, snakeKeys } from '../text.ts'
import type { Status, Waiting } from './read-status.ts'

/** `npm run status` */
export const status = command({
  name: 'status',
  summary: 'Shows what exists, what it costs and what is waiting. Also the last loads, and what is in quarantine.',
  options: {},
  async run(context) {
    const { readStatus } = await import('./read-status.ts')
    const { terminalTable } = await import('./terminal.ts')
    const result = await readStatus(context)
    return { json: snakeKeys(result), text: statusText(result, terminalTable) }
  },
})

const loadsShown = 3

type RenderTable = (rows: readonly Row[]) => string

/** The status as text: what exists and its cost, what to do next, then tables. */
export function statusText(status: Status, table: RenderTable): string {
  const { engine, warehouse, exists, next, infrastructure, rows, objects, waiting, loads, quarantine } = status
  const cost = infrastructure && infrastructureText(infrastructure)
  if (!exists)
    return [`The warehouse ${escapeControl(warehouse)} (${engine}) is not created yet.`, nextText(next), cost]
      .filter(Boolean)
      .join('\n\n')
  const sections = [
    cost,
    nextText(next) || 'Everything at the source is loaded.',
    disagreementText(status),
    Object.keys(rows).length > 0 && table(Object.entries(rows).map(([name, count]) => ({ table: name, rows: count }))),
    objects && table(Object.entries(objects).map(([source, counts]) => ({ source, ...counts }))),
    waiting && waitingText(waiting),
    loads.length > 0 && table(reconciled(loads)),
    quarantine.length > 0 && table(quarantine),
  ]
  return sections.filter(Boolean).join('\n\n')
}

/** The commands to run next, ready to paste; empty if there is nothing to do. */
function nextText(next: string | null): string {
  if (next === null) return ''
  return `Next: ${next
    .split(', then ')
    .map((command) => `npm run ${command.replace(' --', ' -- --')}`)
    .join(' && ')}`
}

function infrastructureText(infrastructure: InfrastructureStatus): string {
  const { identifier, status, since, endpoint, cost, deadManSwitch } = infrastructure
  if (status === null) return cost
  const made = since === null ? '' : `, created ${since.slice(0, 16).replace('T', ' ')} UTC`
  const address = endpoint === null ? '' : ` It listens at ${endpoint.host}:${endpoint.port}.`
  return `${identifier} is ${status.toLowerCase()}${made}.${address}\n${cost}\n${deadManSwitch}`
}

function disagreementText({ missing, drift }: Status): string {
  return [
    ...missing.map((name) => `The table ${name} is missing. To create it: npm run create-tables`),
    ...drift.map((drift) => `${drift.difference} To fix it: ${fixOf(drift)}`),
  ].join('\n')
}

/** The objects that wait to be loaded; empty if there are none. */
function waitingText({ objects, bytes, first }: Waiting): string {
  if (objects === 0) return ''
  const more = objects - first.length
  return [
    `Not loaded yet: ${counted(objects, 'object')} (${size(bytes)}):`,
    ...first.map((key) => `  ${escapeControl(key)}`),
    ...(more > 0 ? [`  and ${more.toLocaleString('en-US')} more`] : []),
  ].join('\n')
}

/** The latest loads side by side, newest first, to fit a terminal: one row per count of the reconciliation, one column per load. */
function reconciled(loads: readonly Row[]): Row[] {
  const latest = loads.slice(0, loadsShown)
  const row = (title: string, value: (load: Row) => Row[string] | undefined): Row => ({
    reconciliation: title,
    ...Object.fromEntries(latest.map((load) => [`load ${String(load.load_id).slice(-6)}`, value(load) ?? null])),
  })
  return [
    row('finished (UTC)', ({ finished_at }) => String(finished_at).slice(0, 16).replace('T', ' ')),
    ...reconciliationColumns.map(({ name }) => row(name.replaceAll('_', ' '), (load) => load[name])),
  ]
}
