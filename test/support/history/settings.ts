/**
 * How many histories are tried, and which: HISTORIES and SEED in the environment say so. The seed stands in the name of the test, so
 * that a run can be repeated.
 */
export function historyRuns(usual: number) {
  const numRuns = Number(process.env.HISTORIES ?? usual)
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000)
  return {
    title: `${numRuns} histories, SEED=${seed}`,
    // A smaller example is looked for only so long: the histories are small already.
    parameters: { numRuns, seed, ...(process.env.SHRINK ? {} : { endOnFailure: true }) },
  }
}
