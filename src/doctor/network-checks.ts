import { sql } from '../sql-queries/index.ts'
import { probe } from '../warehouse/probe.ts'
import { openRedshift } from '../warehouse/redshift-pg.ts'
import { type Bench, type Check, discovered } from './check.ts'

/** The way to the warehouse, one step a check: so the first that fails is the one to mend. `needs`: what finds the password. */
export function networkChecks(needs: readonly string[]): Check[] {
  return [
    {
      name: 'DNS',
      needs: ['warehouse'],
      async look(bench) {
        return `${discovered(bench, 'listener').host} is ${(await way(bench).resolve()).join(', ')}`
      },
    },
    {
      name: 'TCP',
      needs: ['DNS'],
      async look(bench) {
        await way(bench).connect()
        return `port ${discovered(bench, 'listener').port} takes connections`
      },
    },
    {
      name: 'TLS',
      needs: ['TCP'],
      async look(bench) {
        const { name, protocol } = await way(bench).verifyCertificate()
        return `${protocol}, the certificate of ${name} is trusted`
      },
    },
    {
      name: 'login',
      needs: ['TLS', ...needs],
      async look(bench) {
        const { host, port, database, user } = discovered(bench, 'listener')
        const password = discovered(bench, 'password')
        const { context, effects } = bench
        const { caFile, statementTimeoutMs } = context.config
        const warehouse = openRedshift({
          findEndpoint: async () => ({ host, port, database, user, password }),
          access: 'read',
          caFile,
          statementTimeoutMs,
          connectTimeoutMs: effects.timeoutMs,
          signal: context.signal,
        })
        bench.found.warehouse = warehouse
        await warehouse.query(sql`select 1 as n`)
        return `${user} may use the database ${database}`
      },
    },
  ]
}

function way(bench: Bench): ReturnType<typeof probe> {
  const { caFile } = bench.context.config
  return probe(discovered(bench, 'listener'), { caFile, timeoutMs: bench.effects.timeoutMs })
}
