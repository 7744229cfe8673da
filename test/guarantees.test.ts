import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { lineDials } from '../src/sample-data/defects/dials.ts'
import { objectDials } from '../src/sample-data/defects/object-dials.ts'
import { mistakes } from './mutations/mistakes.ts'

const page = readFileSync(join(projectFolder, 'documentation', 'guarantees.md'), 'utf8')

test('every promise of documentation/guarantees.md names tests that exist, and how many cases they try', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| **'))
  expect(rows.length).toBeGreaterThan(10)
  for (const row of rows) {
    const [, promise = '', how = '', proof = '', cases = ''] = row.split(' | ').join('|').split('|')
    expect(how.length, promise).toBeGreaterThan(80)
    const named = [...proof.matchAll(/`((?:test|bench)\/[^`]*)`/g)].map(([, path = '']) => path)
    expect(named.length, promise).toBeGreaterThan(0)
    expect(named.filter((path) => !existsSync(join(projectFolder, path)))).toEqual([])
    expect(cases.trim(), promise).not.toBe('')
  }
})

test('it counts the dials and the mistakes that there are', () => {
  const defects = objectDials.filter(({ isDefect }) => isDefect)
  expect(page).toContain(`${lineDials.length} dials of line defects and ${defects.length} of objects`)
  expect(page).toContain(`All ${mistakes.length} are caught`)
})
