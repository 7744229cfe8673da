import { describe, expect, test } from 'vitest'
import { withConfig } from '../src/hints.ts'

describe('a hint names the config that was given', () => {
  test.each([
    ['Run create-tables first.', 'Run npm run create-tables -- --config my.cfg first.'],
    ['Load what is left: npm run etl', 'Load what is left: npm run etl -- --config my.cfg'],
    [
      'After fixing the source: npm run etl -- --retry-quarantine',
      'After fixing the source: npm run etl -- --retry-quarantine --config my.cfg',
    ],
    [
      'Look: npm run query -- "select 1 from quarantine"',
      'Look: npm run query -- "select 1 from quarantine" --config my.cfg',
    ],
    [
      'Create it first: npm run create-infrastructure && npm run create-tables',
      'Create it first: npm run create-infrastructure -- --config my.cfg && npm run create-tables -- --config my.cfg',
    ],
    [
      'Run create-infrastructure again to go on, or destroy-infrastructure --yes to undo.',
      'Run npm run create-infrastructure -- --config my.cfg again to go on, or npm run destroy-infrastructure -- --yes --config my.cfg to undo.',
    ],
    [
      'or remove it with destroy-infrastructure --final-snapshot NAME.',
      'or remove it with npm run destroy-infrastructure -- --final-snapshot NAME --config my.cfg.',
    ],
    ['create-infrastructure --ttl 8h sets it', 'npm run create-infrastructure -- --ttl 8h --config my.cfg sets it'],
    ['Run etl again.', 'Run npm run etl -- --config my.cfg again.'],
    [
      'Rebuild the star: npm run etl -- --full. If that fails too, report it.',
      'Rebuild the star: npm run etl -- --full --config my.cfg. If that fails too, report it.',
    ],
    ['npm start -- --config other.cfg', 'npm start -- --config other.cfg'],
    ['To try it: npm start', 'To try it: npm start -- --config my.cfg'],
    ['create-infrastructure has not finished.', 'create-infrastructure has not finished.'],
    ['Another etl finished; status is fine.', 'Another etl finished; status is fine.'],
  ])('%s', (text, expected) => {
    expect(withConfig(text, 'my.cfg')).toBe(expected)
    expect(withConfig(text, undefined)).toBe(text)
  })
})
