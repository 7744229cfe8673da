import { XMLBuilder } from 'fast-xml-parser'
import type { Identity } from './dispatch.ts'
import type { AwsError, ServiceName } from './errors.ts'
import type { Params } from './params.ts'
import type { AwsState, Region } from './state.ts'

/** A request as it came in, its body read. */
export interface WireRequest {
  method: string
  /** Path without the query, still percent-encoded. */
  path: string
  query: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Buffer
}

/** An answer, ready to be sent. */
export interface WireReply {
  status: number
  headers: Record<string, string>
  body: Buffer | string
}

/** What a handler knows beside its parameters. */
export interface CallContext {
  state: AwsState
  /** The Region of the credential scope. */
  region: Region
  /** Undefined for an unsigned request. */
  caller: Identity | undefined
  request: WireRequest
}

/** What answers one action. */
export type Handler = (params: Params, context: CallContext) => unknown
export type Handlers = Readonly<Record<string, Handler>>

/** One AWS service: how to read a request, what answers it, and how answers and errors look. */
export interface Service {
  name: ServiceName
  handlers: Handlers
  /** The action and its parameters, by AWS's own names. */
  read(request: WireRequest): { action: string; params: Params }
  reply(action: string, result: unknown): WireReply
  fail(error: AwsError, request: WireRequest): WireReply
}

const builder = new XMLBuilder({ suppressEmptyNode: false })

/** Elements as XML: a list repeats its element, `undefined` leaves it out, so `{ Tags: { Tag: [a, b] } }` is a list named Tags of members named Tag. */
export function toXml(value: unknown): string {
  return builder.build(plain(value)).replaceAll('\n', '&#10;').replaceAll('\r', '&#13;')
}

/** The value without what is undefined, and with dates as texts. */
function plain(value: unknown): unknown {
  return value === undefined ? '' : JSON.parse(JSON.stringify(value))
}

/** The parameters of a query request: `Tags.Tag.1.Key=a` becomes `{ Tags: [{ Key: 'a' }] }`. */
function parseQuery(body: string): Params {
  const root: Params = {}
  for (const [path, value] of new URLSearchParams(body)) {
    const steps = path.split('.')
    const last = steps.pop() ?? ''
    let at = root
    for (const step of steps) {
      at[step] ??= {}
      at = at[step] as Params
    }
    at[last] = value
  }
  return listsOf(root) as Params
}

function listsOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]) => [name, listsOf(inner)] as const)
  // Keys that are numbers come in their order.
  if (entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name))) return entries.map(([, inner]) => inner)
  // A record whose only member is a list is the list: `member`, `Tag`, `IamRoleArn` are names of members.
  const only = entries.length === 1 ? entries[0]?.[1] : undefined
  if (Array.isArray(only)) return only
  return Object.fromEntries(entries)
}

/** A service of the awsQuery protocol: a form in, XML out. */
export function queryService(name: ServiceName, namespace: string, handlers: Handlers): Service {
  const headers = { 'content-type': 'text/xml;charset=UTF-8' }
  return {
    name,
    handlers,
    read({ body }) {
      const { Action: action, Version: _version, ...params } = parseQuery(body.toString())
      return { action: String(action), params }
    },
    reply(action, result) {
      const inner = `<${action}Result>${toXml(result)}</${action}Result>`
      return { status: 200, headers, body: `<${action}Response xmlns="${namespace}">${inner}</${action}Response>` }
    },
    fail({ code, message, status }) {
      const error = toXml({ Error: { Code: code, Message: message } })
      return { status, headers, body: `<ErrorResponse xmlns="${namespace}">${error}</ErrorResponse>` }
    },
  }
}

/** A service of the awsJson1.1 protocol: the action is in a header. Dates are sent as seconds, as the protocol has it. */
export function jsonService(name: ServiceName, handlers: Handlers, invalidCode = 'ValidationException'): Service {
  const headers = { 'content-type': 'application/x-amz-json-1.1' }
  return {
    name,
    handlers,
    read: ({ headers, body }) => ({
      action: String(headers['x-amz-target']).split('.')[1] ?? '',
      params: JSON.parse(body.toString()) as Params,
    }),
    reply: (_action, result) => ({ status: 200, headers, body: JSON.stringify(result) }),
    fail({ code, message, status }) {
      // These services have one word for what the older ones tell apart.
      const type = code === 'MissingParameter' || code === 'InvalidParameterValue' ? invalidCode : code
      return { status, headers, body: JSON.stringify({ __type: type, message }) }
    },
  }
}
