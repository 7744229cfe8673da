import { expect, test } from 'vitest'
import { shapes, surviveAll } from './faults-matrix.ts'

// A double and some runs for every case: what it proves is that there is no wrong moment for a call to fail.
test.each(shapes)('create survives the failure of any of its calls: $name', { timeout: 900_000 }, async (shape) => {
  const { calls, cases, failedRuns } = await surviveAll(shape, 'create')
  expect(calls).toBeGreaterThan(30)
  // Most of the troubles end the run they hit, or the matrix would prove little.
  expect(failedRuns).toBeGreaterThan(cases / 2)
  console.log(`create, ${shape.name}: ${cases} cases (${calls} calls), ${failedRuns} of which ended the run`)
})
