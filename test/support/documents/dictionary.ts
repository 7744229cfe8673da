/** The schema as Markdown: diagram and data dictionary. Pure. */
import type { Column, Table, View } from '../../../src/schema/index.ts'

/** Tables as a Mermaid diagram: a line for each reference between tables, and the columns of each if asked for. */
export function tableDiagram(tables: readonly Table[], { columns: shown }: { columns: boolean }): string {
  const entities = (shown ? tables : []).map(({ name, columns, key }) => {
    const lines = columns.map((column) => {
      const marks = [...(key.includes(column.name) ? ['PK'] : []), ...(column.references ? ['FK'] : [])]
      return `    ${column.type.replace(/[(),]+/g, '_').replace(/_$/, '')} ${column.name} ${marks.join(',')}`.trimEnd()
    })
    return `  ${name} {\n${lines.join('\n')}\n  }`
  })
  const relations = tables.flatMap(({ name, columns }) =>
    columns.flatMap((column) => {
      const target = column.references?.split('.')[0]
      if (!tables.some((table) => table.name === target)) return []
      return [`  ${target} ||--o{ ${name} : ${column.name}`]
    }),
  )
  return ['```mermaid', 'erDiagram', ...relations, ...entities, '```'].join('\n')
}

/** Every table with its grain, key and columns. */
export function dataDictionary(tables: readonly Table[]): string {
  return tables
    .map(({ name, grain, key, columns }) =>
      [
        `### ${name}`,
        '',
        `One row is ${grain}.${key.length > 0 ? ` Key: ${key.map((part) => `\`${part}\``).join(', ')}.` : ''}`,
        '',
        ...markdownTable(
          ['column', 'type', 'meaning'],
          columns.map((column) => [
            `\`${column.name}\``,
            `\`${column.type}\`${column.required ? ', not null' : ''}`,
            `${column.comment}${originOf(column)}`,
          ]),
        ),
      ].join('\n'),
    )
    .join('\n\n')
}

function originOf({ name, sourceKey, references }: Column): string {
  if (sourceKey !== undefined && sourceKey !== name) return `; key \`${sourceKey}\``
  return references ? `; refers to \`${references}\`` : ''
}

/** A view with its grain and columns. */
export function viewDictionary({ grain, columns }: View): string {
  const rows = columns.map(({ name, type, from, comment }) => [
    `\`${name}\``,
    `\`${type}\``,
    from === undefined || from === `songplays.${name}` ? comment : `${comment}; \`${from}\``,
  ])
  return [`One row is ${grain}.`, '', ...markdownTable(['column', 'type', 'meaning'], rows)].join('\n')
}

/** A Markdown table, as lines. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)]
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. @throws Error if the text has no such block. */
export function replaceBlock(text: string, name: string, content: string): string {
  const block = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`)
  if (!block.test(text)) throw new Error(`There is no block ${name}.`)
  return text.replace(block, (_, before: string, after: string) => `${before}\n\n${content}\n\n${after}`)
}
