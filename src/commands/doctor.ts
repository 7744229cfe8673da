import { command } from '../command.ts'
import type { Diagnosis } from '../doctor/index.ts'
import { exitCodes } from '../errors.ts'

/** `npm run doctor` */
export const doctor = command({
  name: 'doctor',
  summary: 'Checks everything a load depends on, in order; each failure comes with its cause and fix. Changes nothing.',
  options: {},
  run: async (context) => outcomeOf(await (await import('../doctor/index.ts')).examine(context)),
  withoutConfig: async (problem) => outcomeOf((await import('../doctor/index.ts')).withUnreadableConfig(problem)),
})

async function outcomeOf(diagnosis: Diagnosis) {
  const { diagnosisText } = await import('../doctor/index.ts')
  return {
    json: diagnosis,
    text: diagnosisText(diagnosis),
    exitCode: diagnosis.healthy ? exitCodes.done : exitCodes.failed,
  }
}
