import { defineConfig } from 'vitest/config'

/** `npm test` runs the fast tests, `npm run test:all` the slow ones too. */
const slow = 'test/**/*.slow.test.ts'
const sets = [
  { name: 'fast', include: ['test/**/*.test.ts'], exclude: [slow], testTimeout: 120_000 },
  { name: 'slow', include: [slow], testTimeout: 1_800_000 },
]

export default defineConfig({
  test: {
    projects: sets.map((set) => ({
      test: { ...set, hookTimeout: set.testTimeout, setupFiles: ['test/support/setup.ts'], isolate: false },
    })),
    // Commands change the folder and the environment of the process they run in.
    pool: 'forks',
    maxWorkers: 2,
  },
})
