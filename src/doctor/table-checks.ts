import { refusal } from '../errors.ts'
import { tables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { compareTables } from '../tables/drift.ts'
import { verifyVersion } from '../tables/schema-version.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type DoctorCheck, discovered } from './check.ts'

export const privileges: DoctorCheck = {
  name: 'privileges',
  needs: ['login'],
  async look(doctor) {
    const warehouse = discovered(doctor, 'warehouse')
    const { user, database } = discovered(doctor, 'listener')
    const live = await warehouse.query(queries.liveColumns())
    const existing = [...new Set(live.map(({ table_name }) => String(table_name)))]
    const rows = await warehouse.query(queries.grantedPrivileges(database, existing))
    const missing = rows.filter(({ granted }) => granted !== true).map(({ privilege }) => privilege)
    if (missing.length > 0)
      throw refusal(
        `${user} lacks ${counted(missing.length, 'privilege')}: ${missing.join(', ')}.`,
        `Have the owner or a superuser grant ${missing.length === 1 ? 'it' : 'them'} to ${user}, or connect as the owner of the tables.`,
      )
    return `${user} has all ${rows.length} privileges that the commands need`
  },
}

/** Checks of what is in the warehouse, on both engines. `opens`: the check that opens it. */
export function tableChecks(opens: string): DoctorCheck[] {
  const check = (name: string, needs: string, look: (warehouse: Warehouse) => Promise<string>): DoctorCheck => ({
    name,
    needs: [needs],
    look: (doctor) => look(discovered(doctor, 'warehouse')),
  })
  return [
    check('schema version', opens, async (warehouse) => {
      await verifyVersion(warehouse)
      return 'the one that this version needs'
    }),
    check('tables', 'schema version', lookAtTables),
    check('ledger', 'tables', lookAtLedger),
    check('quarantine', 'tables', lookAtQuarantine),
  ]
}

async function lookAtTables(warehouse: Warehouse): Promise<string> {
  const live = await warehouse.query(queries.liveColumns())
  const { missing, drift } = compareTables(live, warehouse.dialect)
  if (missing.length > 0)
    throw refusal(
      `${counted(missing.length, 'table')} of ${tables.length} missing: ${missing.map(({ name }) => name).join(', ')}.`,
      'Run create-tables: it creates what is missing and leaves the rest alone.',
    )
  const [first] = drift
  if (first === undefined) return `${counted(tables.length, 'table')} as the schema says`
  throw refusal(
    `The tables differ from the schema in ${counted(drift.length, 'place')}: ${drift.map(({ difference }) => difference.replace(/\.$/, '')).join('; ')}.`,
    first.statement
      ? `This fixes the first: ${first.statement}; create-tables shows the others.`
      : 'Run create-tables --reset --yes and then etl, which loads everything again.',
  )
}

async function lookAtLedger(warehouse: Warehouse): Promise<string> {
  const found = await warehouse.query(queries.orphansOfLoads())
  const orphans = found.filter(({ orphans }) => Number(orphans) > 0)
  const named = orphans.map(({ table_name, orphans }) => `${counted(Number(orphans), 'row')} of ${table_name}`)
  if (named.length > 0)
    throw refusal(
      `${named.join(' and ')} belong to no load: somebody changed the tables by hand.`,
      'Run etl --full: it rebuilds the star and the ledger from the source in one transaction.',
    )
  const [load] = await warehouse.query(queries.recentLoads(1))
  return load === undefined ? 'nothing is loaded yet' : `the last load was ${load.load_id}, done ${load.finished_at}`
}

/** Rejected records are reported, but they are not a failure. */
async function lookAtQuarantine(warehouse: Warehouse): Promise<string> {
  const reasons = await warehouse.query(queries.quarantineByReason())
  const records = reasons.reduce((sum, each) => sum + Number(each.records), 0)
  if (records === 0) return 'empty'
  return `${counted(records, 'record')}, mostly: ${reasons[0]?.reason} (status lists them all, etl --retry-quarantine loads what was fixed)`
}
