import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectFolder } from '../../src/folders.ts'
import { mistakes, suites } from './mistakes.ts'

test.each(mistakes)('in $file there is one place for this mistake: $about', ({ file, find, replacement, suite }) => {
  const text = readFileSync(join(projectFolder, file), 'utf8')
  expect(text.split(find)).toHaveLength(2)
  expect(replacement).not.toBe(find)
  expect(existsSync(join(projectFolder, suites[suite].file))).toBe(true)
})

test('every mistake stands in the record of the last run as caught', () => {
  const record = readFileSync(join(projectFolder, 'test', 'mutations', 'README.md'), 'utf8')
  expect(mistakes.filter(({ about }) => !record.includes(`| ${about} | `)).map(({ about }) => about)).toEqual([])
  expect(record).not.toContain('SURVIVED')
})
