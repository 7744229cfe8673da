import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { markdown } from '../bench/report.ts'
import { projectFolder } from '../src/folders.ts'
import { mistakes } from './mutations/mistakes.ts'
import { lineDefects, objectTypes } from './support/defects/types.ts'

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

test('it counts the types of defects and the mistakes that there are', () => {
  const defects = objectTypes.filter(({ isDefect }) => isDefect)
  expect(page).toContain(`${lineDefects.length} types of broken lines and ${defects.length} of broken objects`)
  expect(page).toContain(`All ${mistakes.length} are caught`)
})

test('documentation/performance.md says what performance.json does', () => {
  const read = (file: string) => readFileSync(join(projectFolder, 'documentation', file), 'utf8')
  const { cases, machine } = JSON.parse(read('performance.json'))
  const [, measured = ''] = /<!-- measured -->\n([\s\S]*?)<!-- \/measured -->/.exec(read('performance.md')) ?? []
  expect(measured.trim()).toBe(markdown(cases, machine).trim())
})
