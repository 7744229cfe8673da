import { expect } from 'vitest'
import { checksFor, type Diagnosis } from '../../src/doctor/index.ts'

type Settings = Parameters<typeof checksFor>[0]

/** The checks without which one can't be made, near and far. */
function neededBy(name: string, checks: ReturnType<typeof checksFor>): string[] {
  const { needs = [] } = checks.find((check) => check.name === name) ?? {}
  return needs.flatMap((need) => [need, ...neededBy(need, checks)])
}

/** Everything has been checked that does not stand on something that failed or is absent. */
export function expectNothingHidden({ checks }: Diagnosis, settings: Settings): void {
  const all = checksFor(settings)
  expect(checks.map(({ check }) => check)).toEqual(all.map(({ name }) => name))
  const failed = checks.filter(({ state }) => state === 'failed' || state === 'absent').map(({ check }) => check)
  const hidden = checks.filter(
    ({ check, state }) => state === 'skipped' && !neededBy(check, all).some((need) => failed.includes(need)),
  )
  expect(hidden).toEqual([])
  for (const { state, message, fix } of checks) {
    expect(message).toMatch(/\S/)
    if (state === 'failed' || state === 'absent') expect(fix).toMatch(/\S/)
  }
}
