import type { Caller } from './credentials.ts'
import { AwsError, type ServiceName } from './errors.ts'
import type { Params } from './params.ts'
import type { AwsState, Region } from './state.ts'
import { escapeXml, toXml, type XmlValue } from './xml.ts'

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
  caller: Caller | undefined
  requestId: string
}

/** What a request asks for, by AWS's own names. */
export interface Asked {
  action: string
  params: Params
}

/** One AWS service: how to read a request, how to answer it and how to say no. */
export interface Service {
  name: ServiceName
  read(request: WireRequest): Asked
  run(asked: Asked, context: CallContext, request: WireRequest): WireReply
  fail(error: AwsError, request: WireRequest, requestId: string): WireReply
  /** The answer to a caller without the permission, where it is more than an error. */
  refuse?(asked: Asked, request: WireRequest): WireReply | undefined
}

/** What answers one action. */
export type Handler<Result> = (params: Params, context: CallContext) => Result
export type Handlers<Result> = Readonly<Record<string, Handler<Result>>>

/** The parameters of a query request: `Tags.Tag.1.Key=a` becomes `{ Tags: [{ Key: 'a' }] }`. EC2 numbers its lists without naming the members. */
export function parseQuery(body: string, { memberNames }: { memberNames: boolean }): Params {
  const root: Params = {}
  for (const [path, value] of new URLSearchParams(body)) {
    const steps = path.split('.')
    const last = steps.pop() ?? ''
    let at = root
    for (const step of steps) {
      const next = at[step]
      if (typeof next === 'object' && next !== null) at = next as Params
      else {
        const made: Params = {}
        at[step] = made
        at = made
      }
    }
    at[last] = value
  }
  return listsOf(root, memberNames) as Params
}

function listsOf(value: unknown, memberNames: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]) => [name, listsOf(inner, memberNames)] as const)
  if (entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name)))
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, inner]) => inner)
  // A record whose only member is a list is the list: `member`, `Tag`, `IamRoleArn` are names of members.
  const only = entries.length === 1 ? entries[0]?.[1] : undefined
  if (memberNames && Array.isArray(only)) return only
  return Object.fromEntries(entries)
}

function handlerOf<Result>(handlers: Handlers<Result>, action: string): Handler<Result> | undefined {
  return Object.hasOwn(handlers, action) ? handlers[action] : undefined
}

const xmlHeaders = { 'content-type': 'text/xml;charset=UTF-8' }

function readQuery(request: WireRequest, memberNames: boolean): Asked {
  const params = parseQuery(request.body.toString() || request.query, { memberNames })
  const { Action: action, Version: _version, ...rest } = params
  return { action: String(action ?? ''), params: rest }
}

function unknownAction(action: string): AwsError {
  return new AwsError('InvalidAction', `The action ${action} is not valid for this web service.`)
}

/** A service of the awsQuery protocol: a form in, XML out. */
export function queryService(name: ServiceName, namespace: string, handlers: Handlers<XmlValue>): Service {
  return {
    name,
    read: (request) => readQuery(request, true),
    run({ action, params }, context) {
      const handler = handlerOf(handlers, action)
      if (handler === undefined) throw unknownAction(action)
      const result = toXml(handler(params, context))
      const body = `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>${context.requestId}</RequestId></ResponseMetadata></${action}Response>`
      return { status: 200, headers: xmlHeaders, body }
    },
    fail({ code, message, status }, _request, requestId) {
      const type = status < 500 ? 'Sender' : 'Receiver'
      const body = `<ErrorResponse xmlns="${namespace}"><Error><Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`
      return { status, headers: xmlHeaders, body }
    },
  }
}

/** EC2, which has a query protocol of its own. */
export function ec2Service(handlers: Handlers<XmlValue>): Service {
  const namespace = 'http://ec2.amazonaws.com/doc/2016-11-15/'
  return {
    name: 'ec2',
    read: (request) => readQuery(request, false),
    run({ action, params }, context) {
      const handler = handlerOf(handlers, action)
      if (handler === undefined) throw unknownAction(action)
      if (params.DryRun === 'true')
        throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412)
      const body = `<${action}Response xmlns="${namespace}"><requestId>${context.requestId}</requestId>${toXml(handler(params, context))}</${action}Response>`
      return { status: 200, headers: xmlHeaders, body }
    },
    fail({ code, message, status }, _request, requestId) {
      const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`
      return { status, headers: xmlHeaders, body }
    },
  }
}

/** A service of the awsJson1.1 protocol: the action is in a header. Dates are sent as seconds, as the protocol has it. */
export function jsonService(
  name: ServiceName,
  handlers: Handlers<unknown>,
  { messageKey = 'message', invalidCode = 'ValidationException' }: { messageKey?: string; invalidCode?: string } = {},
): Service {
  const headers = { 'content-type': 'application/x-amz-json-1.1' }
  return {
    name,
    read({ headers, body }) {
      const action = String(headers['x-amz-target'] ?? '').split('.')[1] ?? ''
      return { action, params: body.length === 0 ? {} : (JSON.parse(body.toString()) as Params) }
    },
    run({ action, params }, context) {
      const handler = handlerOf(handlers, action)
      if (handler === undefined) throw new AwsError('UnknownOperationException', '')
      try {
        return { status: 200, headers, body: JSON.stringify(handler(params, context)) }
      } catch (error) {
        // These services have one word for what the older ones tell apart.
        if (error instanceof AwsError && ['MissingParameter', 'InvalidParameterValue'].includes(error.code))
          throw new AwsError(invalidCode, error.message)
        throw error
      }
    },
    fail({ code, message, status }) {
      return { status, headers, body: JSON.stringify({ __type: code, [messageKey]: message }) }
    },
  }
}

/** A date as awsJson1.1 sends it by default. */
export function seconds(date: Date): number {
  return date.getTime() / 1000
}
