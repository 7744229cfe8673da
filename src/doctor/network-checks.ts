import { probe } from '../warehouse/probe.ts'
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
]

function way(doctor: DoctorContext): ReturnType<typeof probe> {
  const { caFile } = doctor.context.config
  return probe(discovered(doctor, 'listener'), { caFile, timeoutMs: doctor.effects.timeoutMs })
}
