/** Notebooks as text: cells in the percent format, which editors and Jupytext know, made into the files that Jupyter opens. Pure. */

interface Cell {
  readonly cell_type: 'code' | 'markdown'
  readonly id: string
  readonly metadata: object
  readonly source: readonly string[]
}

/** An `.ipynb` file, as far as it is read here. */
export interface Notebook {
  readonly cells: readonly (Cell & {
    readonly execution_count?: number | null
    readonly outputs?: readonly NotebookOutput[]
  })[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly nbformat: number
  readonly nbformat_minor: number
}

export interface NotebookOutput {
  readonly output_type: string
  readonly text?: string | readonly string[]
  readonly data?: Readonly<Record<string, unknown>>
}

const marker = /^\/\/ %%(?: \[(markdown)\])?$/

/**
 * The notebook that a text in the percent format stands for: `// %%` begins a cell of code, `// %% [markdown]` one of words, whose
 * lines are comments. A notebook of the very same cells is left as it is, with its outputs; else all outputs are gone, since they
 * belong to other code. Ends in a newline, keys in the order Jupyter writes them.
 * @throws Error if the text does not begin with a marker, or a line of words is no comment.
 */
export function notebookOf(text: string, existing?: string): string {
  const cells = cellsOf(text)
  if (existing !== undefined && sameCells(cells, (JSON.parse(existing) as Notebook).cells)) return existing
  const notebook = {
    cells: cells.map(({ cell_type, id, metadata, source }) =>
      cell_type === 'code'
        ? { cell_type, execution_count: null, id, metadata, outputs: [], source }
        : { cell_type, id, metadata, source },
    ),
    metadata: { kernelspec: { display_name: 'Deno', language: 'typescript', name: 'deno' } },
    nbformat: 4,
    nbformat_minor: 5,
  }
  return `${JSON.stringify(notebook, null, 1)}\n`
}

function cellsOf(text: string): Cell[] {
  const cells: { kind: Cell['cell_type']; lines: string[] }[] = []
  for (const line of text.split('\n')) {
    const found = marker.exec(line)
    if (found) cells.push({ kind: found[1] === 'markdown' ? 'markdown' : 'code', lines: [] })
    else if (cells.length > 0) cells.at(-1)?.lines.push(line)
    else if (line !== '') throw new Error(`The notebook begins with ${line}, not with // %%.`)
  }
  return cells.map(({ kind, lines }, index) => {
    const content = (kind === 'code' ? lines : lines.map(withoutSlashes)).join('\n').trim()
    return { cell_type: kind, id: `cell-${index + 1}`, metadata: {}, source: content.split(/(?<=\n)/) }
  })
}

function withoutSlashes(line: string): string {
  if (line === '' || line === '//') return ''
  if (!line.startsWith('// ')) throw new Error(`This line of a cell of words is no comment: ${line}`)
  return line.slice(3)
}

function sameCells(cells: readonly Cell[], others: Notebook['cells']): boolean {
  const words = (list: readonly Pick<Cell, 'cell_type' | 'source'>[]) =>
    JSON.stringify(list.map(({ cell_type, source }) => [cell_type, [source].flat().join('')]))
  return words(cells) === words(others)
}
