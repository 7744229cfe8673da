/** How many are tried on DuckDB if HISTORIES does not say otherwise; an engine that is slower tries fewer in proportion. */
const onDuckdb = 200

/**
 * How many histories are tried, and which: HISTORIES and SEED in the environment say so, and SHRINK that a smaller example is looked for
 * when one fails, which takes long. The seed stands in the name of the test, so that a run can be repeated.
 */
export function historyRuns(usual: number) {
  const numRuns = Math.ceil((Number(process.env.HISTORIES ?? onDuckdb) * usual) / onDuckdb)
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000)
  return {
    title: `${numRuns} histories, SEED=${seed}`,
    parameters: { numRuns, seed, ...(process.env.SHRINK ? {} : { endOnFailure: true }) },
  }
}
