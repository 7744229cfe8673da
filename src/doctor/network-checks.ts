import { sql } from '../sql-queries/index.ts'
import { probe } from '../warehouse/probe.ts'
import { openRedshift } from '../warehouse/redshift-pg.ts'
import { type DoctorCheck, type DoctorContext, discovered } from './check.ts'

/** The connection to the warehouse of [CLUSTER], one check per step: the first that fails is the one to fix. */
export const networkChecks: readonly DoctorCheck[] = [
  {
    name: 'DNS',
    needs: ['warehouse'],
    async look(doctor) {
      return `${discovered(doctor, 'listener').host} is ${(await way(doctor).resolve()).join(', ')}`
    },
  },
  {
    name: 'TCP',
    needs: ['DNS'],
    async look(doctor) {
      await way(doctor).connect()
      return `port ${discovered(doctor, 'listener').port} takes connections`
    },
  },
  {
    name: 'TLS',
    needs: ['TCP'],
    async look(doctor) {
      const { name, protocol } = await way(doctor).verifyCertificate()
      return `${protocol}, the certificate of ${name} is trusted`
    },
  },
  {
    name: 'login',
    needs: ['TLS'],
    async look(doctor) {
      const { host, port, database, user } = discovered(doctor, 'listener')
      const password = discovered(doctor, 'password')
      const { context, effects } = doctor
      const { caFile, statementTimeoutMs } = context.config
      const warehouse = openRedshift({
        findEndpoint: async () => ({ host, port, database, user, password }),
        access: 'read',
        caFile,
        statementTimeoutMs,
        connectTimeoutMs: effects.timeoutMs,
        signal: context.signal,
      })
      doctor.found.warehouse = warehouse
      await warehouse.query(sql`select 1 as n`)
      return `${user} may use the database ${database}`
    },
  },
]

function way(doctor: DoctorContext): ReturnType<typeof probe> {
  const { caFile } = doctor.context.config
  return probe(discovered(doctor, 'listener'), { caFile, timeoutMs: doctor.effects.timeoutMs })
}
