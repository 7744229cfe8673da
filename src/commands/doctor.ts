import { command } from '../command.ts'
import type { Diagnosis } from '../doctor/index.ts'
import { exitCodes } from '../errors.ts'

/** `npm run doctor` */
export const doctor = command({
  name: 'doctor',
  summary: 'Checks everything a load depends on. In order, each failure with its cause and fix. Changes nothing.',
  options: {},
  run: (context) => outcomeOf(({ examine }) => examine(context)),
  withoutConfig: (problem) => outcomeOf(({ withUnreadableConfig }) => withUnreadableConfig(problem)),
})

async function outcomeOf(diagnose: (doctor: typeof import('../doctor/index.ts')) => Diagnosis | Promise<Diagnosis>) {
  const doctor = await import('../doctor/index.ts')
  const json = await diagnose(doctor)
  return { json, text: doctor.diagnosisText(json), exitCode: json.healthy ? exitCodes.done : exitCodes.failed }
}
