import { refusal } from '../errors.ts'
import { tables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { driftOf } from '../tables/drift.ts'
import { verifyVersion } from '../tables/schema-version.ts'
import { counted } from '../text.ts'
import { type DoctorCheck, type DoctorContext, discovered } from './check.ts'

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
  return [
    { name: 'schema version', needs: [opens], look: lookAtVersion },
    { name: 'tables', needs: ['schema version'], look: lookAtTables },
    { name: 'ledger', needs: ['tables'], look: lookAtLedger },
    { name: 'quarantine', needs: ['tables'], look: lookAtQuarantine },
  ]
}

async function lookAtVersion(doctor: DoctorContext): Promise<string> {
  await verifyVersion(discovered(doctor, 'warehouse'))
  return 'the one that this version needs'
}

async function lookAtTables(doctor: DoctorContext): Promise<string> {
  const warehouse = discovered(doctor, 'warehouse')
  const live = await warehouse.query(queries.liveColumns())
  const missing = tables.filter(({ name }) => !live.some(({ table_name }) => table_name === name))
  if (missing.length > 0)
    throw refusal(
      `${counted(missing.length, 'table')} of ${tables.length} missing: ${missing.map(({ name }) => name).join(', ')}.`,
      'Run create-tables: it creates what is missing and leaves the rest alone.',
    )
  const drift = tables.flatMap((table) => driftOf(table, live, warehouse.dialect))
  const [first] = drift
  if (first !== undefined)
    throw refusal(
      `The tables differ from the schema in ${counted(drift.length, 'place')}: ${drift.map(({ difference }) => difference.replace(/\.$/, '')).join('; ')}.`,
      first.statement
        ? `This fixes the first: ${first.statement}; create-tables shows the others.`
        : 'Run create-tables --reset --yes and then etl, which loads everything again.',
    )
  return `${counted(tables.length, 'table')} as the schema says`
}

async function lookAtLedger(doctor: DoctorContext): Promise<string> {
  const warehouse = discovered(doctor, 'warehouse')
  const orphans = (await warehouse.query(queries.orphansOfLoads())).filter(({ orphans }) => Number(orphans) > 0)
  if (orphans.length > 0) {
    const named = orphans.map(({ table_name, orphans }) => `${counted(Number(orphans), 'row')} of ${table_name}`)
    throw refusal(
      `${named.join(' and ')} belong to no load: somebody changed the tables by hand.`,
      'Run etl --full: it rebuilds the star and the ledger from the source in one transaction.',
    )
  }
  const [load] = await warehouse.query(queries.recentLoads(1))
  return load === undefined ? 'nothing is loaded yet' : `the last load was ${load.load_id}, done ${load.finished_at}`
}

/** Rejected records are reported, but they are not a failure. */
async function lookAtQuarantine(doctor: DoctorContext): Promise<string> {
  const reasons = await discovered(doctor, 'warehouse').query(queries.quarantineByReason())
  const records = reasons.reduce((sum, each) => sum + Number(each.records), 0)
  if (records === 0) return 'empty'
  return `${counted(records, 'record')}, mostly: ${reasons[0]?.reason} (status lists them all, etl --retry-quarantine loads what was fixed)`
}
