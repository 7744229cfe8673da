import { AwsError } from './errors.ts'

/** The parameters of a call: nested records, lists and leaves. The query protocols have text leaves only, JSON has its own types. */
export type Params = Record<string, unknown>

export interface Tag {
  key: string
  value: string
}

/** Parameters for a handler, and the names of those it has not looked at: the double doesn't know them. */
export function watched(params: Params): { params: Params; unknown: () => string[] } {
  const seen = new Set<string | symbol>()
  const note = <Result>(name: string | symbol, result: Result) => {
    seen.add(name)
    return result
  }
  const proxy = new Proxy(params, {
    get: (target, name) => note(name, Reflect.get(target, name)),
    has: (target, name) => note(name, Reflect.has(target, name)),
  })
  return { params: proxy, unknown: () => Object.keys(params).filter((name) => !seen.has(name)) }
}

/** The text of a parameter, or undefined where it was not given. */
export function text(params: Params, name: string): string | undefined {
  const value = params[name]
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value)
}

/** The text of a parameter that the service insists on. */
export function required(params: Params, name: string): string {
  const value = text(params, name)
  if (!value) throw new AwsError('MissingParameter', `The request must contain the parameter ${name}`)
  return value
}

/** A boolean parameter: `true`, or the text `true`. */
export function flag(params: Params, name: string): boolean | undefined {
  const value = text(params, name)
  return value === undefined ? undefined : value === 'true'
}

/** A whole number. */
export function integer(params: Params, name: string): number | undefined {
  const value = text(params, name)
  return value ? Number.parseInt(value, 10) : undefined
}

/** A list of texts; an absent list is empty. */
export function texts(params: Params, name: string): string[] {
  const value = params[name]
  return Array.isArray(value) ? value.map(String) : []
}

/** A list of records; an absent list is empty. */
export function records(params: Params, name: string): Params[] {
  const value = params[name]
  return Array.isArray(value) ? (value as Params[]) : []
}

/** A list of tags, spelled Key and Value or key and value. */
export function tags(params: Params, name: string): Tag[] {
  return records(params, name).map((tag) => ({
    key: String(tag.Key ?? tag.key),
    value: String(tag.Value ?? tag.value ?? ''),
  }))
}

/** Tags as most services spell them on the wire. */
export function tagList(list: readonly Tag[]): { Key: string; Value: string }[] {
  return list.map(({ key, value }) => ({ Key: key, Value: value }))
}
