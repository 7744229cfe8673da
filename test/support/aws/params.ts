import { AwsError } from './errors.ts'

/** The parameters of a call: nested records, lists and leaves. The query protocols have text leaves only, JSON has its own types. */
export type Params = Record<string, unknown>

export interface Tag {
  key: string
  value: string
}

/** The text of a parameter, or undefined where it was not given. */
export function text(params: Params, name: string): string | undefined {
  const value = params[name]
  if (value === undefined || value === null) return undefined
  return typeof value === 'object' ? undefined : String(value)
}

/** The text of a parameter that the service insists on. */
export function required(params: Params, name: string): string {
  const value = text(params, name)
  if (value === undefined || value === '')
    throw new AwsError('MissingParameter', `The request must contain the parameter ${name}`)
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
  return value === undefined || value === '' ? undefined : Number.parseInt(value, 10)
}

/** A list of texts; an absent or empty list is empty. */
export function texts(params: Params, name: string): string[] {
  const value = params[name]
  return Array.isArray(value) ? value.map(String) : []
}

/** A list of records; an absent or empty list is empty. */
export function records(params: Params, name: string): Params[] {
  const value = params[name]
  return Array.isArray(value) ? value.filter((each): each is Params => typeof each === 'object' && each !== null) : []
}

/** A nested record, or undefined. */
export function record(params: Params, name: string): Params | undefined {
  const value = params[name]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Params) : undefined
}

/** A list of tags, spelled Key and Value or key and value. */
export function tags(params: Params, name: string): Tag[] {
  return records(params, name).map((tag) => ({
    key: text(tag, 'Key') ?? text(tag, 'key') ?? '',
    value: text(tag, 'Value') ?? text(tag, 'value') ?? '',
  }))
}

/** Tags with others added: the later value of a key wins. */
export function withTags(old: readonly Tag[], added: readonly Tag[]): Tag[] {
  const all = new Map([...old, ...added].map((tag) => [tag.key, tag.value]))
  return [...all].map(([key, value]) => ({ key, value }))
}

/** Tags as most services spell them on the wire. */
export function tagList(list: readonly Tag[]): { Key: string; Value: string }[] {
  return list.map(({ key, value }) => ({ Key: key, Value: value }))
}

/** One page of a list and the token of the next, which holds the offset as S3 and others do: opaque to the caller. */
export function page<Item>(
  items: readonly Item[],
  size: number,
  token: string | undefined,
): { items: Item[]; next: string | undefined } {
  const start = token === undefined || token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString())
  if (Number.isNaN(start)) throw new AwsError('InvalidParameterValue', 'The marker is not valid.')
  const end = start + size
  return {
    items: items.slice(start, end),
    next: end < items.length ? Buffer.from(String(end)).toString('base64url') : undefined,
  }
}
