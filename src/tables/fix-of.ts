import type { Drift } from './drift.ts'

/** What a person can run to remove a difference: an SQL statement, or the commands that rebuild all tables. */
export function fixOf({ statement }: Drift): string {
  return statement ? `${statement};` : 'npm run create-tables -- --reset --yes && npm run etl (loads everything again)'
}
