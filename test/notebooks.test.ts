import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { analyses } from '../src/reports/analyses.ts'
import type { Analysis } from '../src/reports/analysis.ts'
import { type Notebook, notebookOf } from '../src/reports/notebook.ts'
import { answerOutput, chartOutput, resultOutput, tableOutput } from '../src/reports/notebook-output.ts'

const names = ['explore-s3', 'sample-loads', 'songplays-analysis']
const textOf = (name: string) => readFileSync(join(projectFolder, 'notebooks', name), 'utf8')
const notebook = (name: string): Notebook => JSON.parse(textOf(`${name}.ipynb`))
const codeCells = (name: string) => notebook(name).cells.filter(({ cell_type }) => cell_type === 'code')
const outputsOf = (name: string) => codeCells(name).flatMap(({ outputs = [] }) => outputs)

describe.each(names)('%s', (name) => {
  test('is a notebook of format 4.5 for the Deno kernel, whose cells have ids of their own', () => {
    const { cells, metadata, nbformat, nbformat_minor } = notebook(name)
    expect({ nbformat, nbformat_minor }).toEqual({ nbformat: 4, nbformat_minor: 5 })
    expect(metadata.kernelspec).toMatchObject({ name: 'deno', language: 'typescript' })
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length)
    for (const { id, cell_type, source } of cells) {
      expect(id).toMatch(/^[\w-]{1,64}$/)
      expect(['code', 'markdown']).toContain(cell_type)
      expect([source].flat().join('').trim()).not.toBe('')
    }
  })

  test('was executed from top to bottom without an error', () => {
    expect(codeCells(name).map(({ execution_count }) => execution_count)).toEqual(
      codeCells(name).map((_, index) => index + 1),
    )
    expect(outputsOf(name).map(({ output_type }) => output_type)).not.toContain('error')
  })

  test('shows something in every cell of code, but for what only prepares or puts away', () => {
    const silent = codeCells(name).filter(({ outputs }) => outputs?.length === 0)
    const allowed = /^import |\.close\(\)|^await copy|rmSync/
    expect(silent.map(({ source }) => [source].flat().join('')).filter((source) => !allowed.test(source))).toEqual([])
  })

  test('has lost none of the outputs that a cell shows one by one', () => {
    for (const { source, outputs = [] } of codeCells(name)) {
      const code = [source].flat().join('')
      if (/\bfor \(|showAnalysis\(/.test(code)) continue
      expect(outputs, code).toHaveLength(code.match(/\b(told|showTable|showText)\(/g)?.length ?? 0)
    }
  })

  test('holds no path of the machine it ran on, and is small enough to be shown', () => {
    const text = textOf(`${name}.ipynb`)
    for (const path of [projectFolder, `${homedir()}/`, '/tmp/', '/home/', '/Users/', 'C:\\'])
      expect(text).not.toContain(path)
    expect(text.length).toBeLessThan(1_000_000)
  })

  test('says that its outputs are from the real logs', () => {
    expect(textOf(`${name}.ipynb`)).toMatch(/outputs below are from a run over (the first days of )?the real logs/)
  })
})

test('explore-s3 shows an event of each kind and a song', () => {
  const records = outputsOf('explore-s3').flatMap(({ data }) => {
    const text = [data?.['text/plain'] ?? ''].flat().join('')
    return text.startsWith('{') ? [JSON.parse(text)] : []
  })
  expect(records.map(({ page, userId, song_id }) => [page, userId === '', song_id !== undefined])).toEqual([
    ['NextSong', false, false],
    [expect.not.stringMatching('NextSong'), false, false],
    [expect.any(String), true, false],
    [undefined, false, true],
  ])
})

test('songplays-analysis has the answer, a live chart, a picture and a table for every question', () => {
  const outputs = outputsOf('songplays-analysis').map(({ data = {} }) => data)
  const charts = outputs.filter((data) => 'application/vnd.vegalite.v5+json' in data)
  const titles = charts.map((data) => (data['application/vnd.vegalite.v5+json'] as { title: string }).title)
  expect(titles.slice(0, -1)).toEqual(analyses.map(({ question }) => question))
  for (const data of charts) expect([data['image/svg+xml']].flat().join('')).toMatch(/^<svg [^>]*>/)
  for (const chart of charts) {
    const [answer, table] = outputs.slice(outputs.indexOf(chart) + 1)
    expect([answer?.['text/html']].flat().join('')).toMatch(/^<p>.+<\/p>$/)
    expect([table?.['text/html']].flat().join('')).toContain('<table>')
  }
})

describe('a text in the percent format', () => {
  const text = "// %% [markdown]\n// # Title\n//\n// Words\n\n// %%\nconst a = 1\n\na\n// %%\n'b'\n"

  test('becomes cells of words and of code, without outputs', () => {
    const { cells } = JSON.parse(notebookOf(text)) as Notebook
    expect(cells.map(({ cell_type, source }) => [cell_type, source.join('')])).toEqual([
      ['markdown', '# Title\n\nWords'],
      ['code', 'const a = 1\n\na'],
      ['code', "'b'"],
    ])
    expect(cells[1]).toMatchObject({ execution_count: null, outputs: [] })
  })

  test('leaves a notebook of the same cells as it is, and takes all outputs from one that changed', () => {
    const executed = JSON.parse(notebookOf(text))
    executed.cells[1].outputs = [{ output_type: 'stream', text: 'one' }]
    const kept = JSON.stringify(executed)
    expect(notebookOf(text, kept)).toBe(kept)
    expect(notebookOf(text.replace("'b'", "'c'"), kept)).toBe(notebookOf(text.replace("'b'", "'c'")))
    expect(notebookOf(text.replace('Words', 'Other words'), kept)).not.toContain('one')
  })

  test('is refused where it is none', () => {
    expect(() => notebookOf('const a = 1\n// %%\n')).toThrow('begins with const a = 1')
    expect(() => notebookOf('// %% [markdown]\nWords\n')).toThrow('no comment: Words')
  })
})

describe('a name from the data that looks like markup', () => {
  const name = '<img src=x onerror=alert(1)>'
  const analysis: Analysis = {
    name: 'names',
    question: 'Which names?',
    sql: '',
    chart: { mark: 'bar', category: 'artist', value: 'plays' },
    answer: ([first]) => `${first?.artist} is played most.`,
  }
  const result = { analysis, rows: [{ artist: name, plays: 2 }] }

  test('is text in tables, answers and pictures of a notebook', async () => {
    const bundles = [tableOutput(result.rows), answerOutput(result), resultOutput(result), await chartOutput(result)]
    for (const bundle of bundles)
      for (const type of ['text/html', 'image/svg+xml']) {
        const markup = String(bundle[type] ?? '')
        expect(markup).not.toContain('<img')
        if (type in bundle) expect(markup).toContain('&lt;img')
      }
    expect(tableOutput(result.rows)['text/plain']).toContain(name)
  })

  test('no rows are said to be none, not drawn', () => {
    expect(answerOutput({ analysis, rows: [] })['text/plain']).toBe('Which names? No plays yet.')
    expect(tableOutput([])['text/html']).toBe('<p>(no rows)</p>')
  })
})
