/** Where COPY finds each column in a record: by column name, or by the paths of a jsonpaths object. */
import { JsonReader, type JsonRecord, type JsonValue } from './json-records.ts'
import { SqlError } from './messages.ts'

/** The value for each column of the load, in order; undefined if the record does not have it. */
export type Finder = (record: JsonRecord) => readonly (JsonValue | undefined)[]

export function byName(columns: readonly string[], { ignoreCase }: { readonly ignoreCase: boolean }): Finder {
  if (!ignoreCase) return ({ fields }) => columns.map((name) => fields.get(name))
  return ({ fields }) => {
    const folded = new Map([...fields].map(([key, value]) => [key.toLowerCase(), value]))
    return columns.map((name) => folded.get(name))
  }
}

const invalidPath = (path: string) =>
  new SqlError(
    'XX000',
    `Invalid JSONPath format. Supported notations are 'dot-notation' and 'bracket-notation': ${path}`,
  )

/** `$['a'][0]` or `$.a[0]`; never both notations for names in one path, and no wildcards. */
export function parsePath(path: string): readonly (string | number)[] {
  const isBracketed = /^\$(\[('[^']*'|"[^"]*"|\d+)\])+$/.test(path)
  const isDotted = /^\$(\.[\p{L}\p{N}_-]+(\[\d+\])*)+$/u.test(path)
  if (!isBracketed && !isDotted) throw invalidPath(path)
  const steps = path.matchAll(
    isBracketed ? /\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]/g : /\.([\p{L}\p{N}_-]+)()|\[(\d+)\]/gu,
  )
  return [...steps].map(([, one, two, index]) => (index === undefined ? (one ?? two ?? '') : Number(index)))
}

function follow(value: JsonValue | undefined, steps: readonly (string | number)[]): JsonValue | undefined {
  const [step, ...rest] = steps
  if (step === undefined || value === undefined) return value
  if (value.kind !== 'nested') return undefined
  const isArray = value.text.startsWith('[')
  if (typeof step === 'number' ? !isArray : isArray) return undefined
  // An array is read as an object whose keys are its positions.
  const text = isArray ? JSON.stringify({ ...JSON.parse(value.text) }) : value.text
  return follow(new JsonReader(text).next()?.fields.get(String(step)), rest)
}

/** What a jsonpaths object says, or undefined if it has no key `jsonpaths`: then COPY matches by name. */
export function byPaths(text: string, columns: readonly string[]): Finder | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new SqlError('XX000', 'Invalid JSONPaths file: it is not a JSON object.')
  }
  const paths = typeof parsed === 'object' && parsed !== null && 'jsonpaths' in parsed ? parsed.jsonpaths : undefined
  if (paths === undefined) return undefined
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string'))
    throw invalidPath(JSON.stringify(paths))
  if (paths.length !== columns.length) {
    throw new SqlError(
      'XX000',
      `Number of jsonpaths and the number of columns should match. JSONPath size: ${paths.length}, Number of columns in table or column list: ${columns.length}`,
    )
  }
  const steps = paths.map(parsePath)
  return ({ fields }) =>
    steps.map(([first, ...rest]) => (typeof first === 'string' ? follow(fields.get(first), rest) : undefined))
}
