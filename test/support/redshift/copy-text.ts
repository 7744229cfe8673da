/** Values in the text format of PostgreSQL's COPY. */

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

export function forCopyIn(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '\\N'
  return String(value).replace(/[\\\n\r\t]/g, (char) => escapes[char] ?? char)
}
