declare const isSql: unique symbol

/** Text that is known to be SQL. Only the functions of this file make it, so a plain string can't get into a statement unescaped. */
export type Sql = string & { readonly [isSql]: true }

/** Joins a template whose holes are SQL or whole numbers. Removes the indentation that all lines share. */
export function sql(parts: TemplateStringsArray, ...holes: readonly (Sql | number)[]): Sql {
  const text = parts.reduce((joined, part, index) => joined + indented(String(holes[index - 1]), joined) + part)
  const lines = text.split('\n')
  const indents = lines.slice(1).filter((line) => line.trim() !== '')
  const shared = Math.min(...indents.map((line) => line.length - line.trimStart().length))
  return lines
    .map((line, index) => (index === 0 ? line : line.slice(shared)).trimEnd())
    .join('\n')
    .trim() as Sql
}

/** Indents the lines of a hole to the column where it is inserted. */
function indented(hole: string, before: string): string {
  const column = /(?:^|\n)([ ]*)[^\n]*$/.exec(before)?.[1] ?? ''
  return hole.replaceAll('\n', `\n${column}`)
}

/** A name of the schema. @throws Error if it isn't a lower-case word; names are never quoted. */
export function identifier(name: string): Sql {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`Not an identifier: ${JSON.stringify(name)}`)
  return name as Sql
}

/**
 * Text as a literal, safe on both engines. Writes backslashes and line ends with `chr`, because Redshift takes a backslash for an
 * escape, and `sql` indents and trims lines.
 *
 * @throws Error if it contains NUL, which neither engine supports.
 */
export function literal(text: string): Sql {
  if (text.includes('\0')) throw new Error("A literal can't contain NUL.")
  const pieces = text
    .split(/([\\\r\n])/)
    .map((piece, index) => (index % 2 ? `chr(${piece.charCodeAt(0)})` : quoted(piece)))
  return (pieces.length === 1 ? pieces[0] : `(${pieces.join(' || ')})`) as Sql
}

/** An instant as a literal, UTC with milliseconds. */
export const instant = (at: Date): Sql => sql`timestamp ${literal(at.toISOString().replace('T', ' ').replace('Z', ''))}`

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/** A statement of a person with its texts, quoted names and comments blanked, to look for semicolons. Line ends stay. */
export function codeOf(statement: string): string {
  const parts = /'(?:[^'\\]|''|\\.)*'|"[^"]*"|--[^\n]*|\/\*[\s\S]*?\*\//g
  return statement.replace(parts, (part) => part.replace(/[^\n]/g, ' '))
}

/** Items joined by commas, or by another separator. */
export const list = (items: readonly Sql[], separator = ', '): Sql => items.join(separator) as Sql

/** Names as a comma-separated list. */
export function names(columns: readonly { readonly name: string }[]): Sql {
  return list(columns.map(({ name }) => identifier(name)))
}
