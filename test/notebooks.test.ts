import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'

interface Output {
  readonly output_type: string
  readonly data?: Readonly<Record<string, unknown>>
}

interface Cell {
  readonly cell_type: 'code' | 'markdown'
  readonly id: string
  readonly source: readonly string[]
  readonly execution_count?: number | null
  readonly outputs?: readonly Output[]
}

const folder = join(projectFolder, 'notebooks')
const names = readdirSync(folder).filter((name) => name.endsWith('.ipynb'))

test('there are three notebooks', () => {
  expect(names).toEqual(['explore-s3.ipynb', 'sample-loads.ipynb', 'songplays-analysis.ipynb'])
})

describe.each(names)('%s', (name) => {
  const text = readFileSync(join(folder, name), 'utf8')
  const notebook = JSON.parse(text)
  const cells: readonly Cell[] = notebook.cells
  const code = cells.filter((cell) => cell.cell_type === 'code')
  const outputs = code.flatMap((cell) => cell.outputs ?? [])

  test('is a notebook for Deno in version 4.5 of the format', () => {
    expect(notebook).toMatchObject({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: { name: 'deno' } } })
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length)
    for (const { cell_type, id } of cells) expect([cell_type, id].join()).toMatch(/^(code|markdown),[\w-]{1,64}$/)
  })

  test('was executed from top to bottom without an error', () => {
    expect(code.map((cell) => cell.execution_count)).toEqual(code.map((_, index) => index + 1))
    expect(new Set(outputs.map(({ output_type }) => output_type))).toEqual(new Set(['display_data']))
    for (const cell of code.slice(1)) expect(cell.outputs, cell.id).not.toEqual([])
  })

  test('shows plain text in every output, and no path of a machine', () => {
    for (const { data } of outputs) expect(data?.['text/plain']).toBeDefined()
    const shown = JSON.stringify(outputs.map(({ data }) => data)).replaceAll('\\n', '\n')
    // After a letter, a dot, a colon or another slash it is a relative path or an address.
    expect(shown.match(/(?<![\w.:/<])\/[\w.-]+\/[^"\s]*/g)).toBeNull()
  })

  test('begins with at most five lines of code and is smaller than 1 MB', () => {
    expect(code[0]?.source.length).toBeLessThanOrEqual(5)
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000)
  })
})
