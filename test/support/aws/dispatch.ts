import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, shownParams } from './calls.ts'
import { type Caller, credentialError, type Identity, type Scope, scopeOf, unsignedError } from './credentials.ts'
import { ec2 } from './ec2.ts'
import { AwsError, commonError, type ServiceName } from './errors.ts'
import type { FaultKind, Faults } from './faults.ts'
import { readRequest, send } from './http.ts'
import { iam } from './iam.ts'
import { iamActionOf, refusalFor, refusalOf } from './permissions.ts'
import type { Asked, CallContext, Service, WireReply, WireRequest } from './protocols.ts'
import { redshift } from './redshift.ts'
import { s3 } from './s3.ts'
import { secretsManager } from './secrets.ts'
import { serverless } from './serverless.ts'
import type { AwsState } from './state.ts'
import { sts } from './sts.ts'

/** What requests are answered from. */
export interface Core {
  state: AwsState
  identities: Map<string, Identity>
  faults: Faults
  calls: Call[]
  startedAt: number
}

const services = new Map<string, Service>(
  [sts, iam, ec2, redshift, serverless, secretsManager, s3].map((service) => [service.name, service]),
)

/** Services that know no Regions. */
const globalServices: ReadonlySet<ServiceName> = new Set(['iam', 'sts'])

/** Answers one request: who asks, what for, is something to go wrong, may they, and then the service itself. */
export async function dispatch(core: Core, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = await readRequest(incoming)
  if (request.path === '/_checkip') {
    response.end(`${core.state.settings.callerAddress}\n`)
    return
  }
  const scope = scopeOf(request)
  const service = serviceOf(scope, request)
  const asked = service.read(request)
  const context = contextOf(core, service, scope)
  const needs = iamActionOf(service.name, asked.action, asked.params, {
    redshiftIsNew: !core.state.roles.has('AWSServiceRoleForRedshift'),
  })
  const fault = core.faults.next(service.name, asked.action, `${request.path}?${request.query}`)
  const call: Call = {
    number: core.calls.length + 1,
    service: service.name,
    action: asked.action,
    region: context.region.name,
    params: shownParams(asked.params),
    needs,
    accessKeyId: scope?.accessKeyId,
    at: performance.now() - core.startedAt,
    status: 0,
    error: undefined,
    fault: fault?.kind,
  }
  core.calls.push(call)
  if (fault?.kind === 'slow') await sleep(fault.milliseconds)
  if (fault?.kind !== 'kill') await fault?.onFire?.()
  if (fault?.kind === 'reset-before') {
    incoming.socket.destroy()
    return
  }
  const reply = answer(service, { asked, context, request, call, scope })
  if (fault?.kind === 'kill') await fault.onFire?.()
  if (fault?.kind === 'reset-after' || fault?.kind === 'kill') {
    incoming.socket.destroy()
    return
  }
  call.status = reply.status
  reply.headers = { ...reply.headers, [service === s3 ? 'x-amz-request-id' : 'x-amzn-requestid']: context.requestId }
  send(reply, fault, incoming, response)
}

/** The service a request is for. Unsigned requests are S3's, unless they are forms. */
function serviceOf(scope: Scope | undefined, { method, path, headers }: WireRequest): Service {
  if (scope !== undefined) {
    const service = services.get(scope.service)
    if (service === undefined) throw new Error(`the double does not speak ${scope.service}`)
    return service
  }
  const isForm = String(headers['content-type'] ?? '').includes('x-www-form-urlencoded')
  return method === 'POST' && path === '/' && isForm ? sts : s3
}

function contextOf({ state, identities, calls }: Core, { name }: Service, scope: Scope | undefined): CallContext {
  const identity = scope === undefined ? undefined : identities.get(scope.accessKeyId)
  const caller: Caller | undefined =
    scope === undefined || identity === undefined ? undefined : { ...identity, accessKeyId: scope.accessKeyId }
  const region = state.region(scope === undefined || globalServices.has(name) ? undefined : scope.region)
  // A count of their own: the ids of resources don't depend on how often something was polled.
  const requestId = `00000000-0000-4000-8000-${String(calls.length + 1).padStart(12, '0')}`
  return { state, region, caller, requestId }
}

interface Asking {
  asked: Asked
  context: CallContext
  request: WireRequest
  call: Call
  scope: Scope | undefined
}

function answer(service: Service, { asked, context, request, call, scope }: Asking): WireReply {
  const { name } = service
  const { caller } = context
  try {
    const fault = faultError(name, call.fault)
    if (fault !== undefined) throw fault
    if (scope !== undefined && caller === undefined) throw credentialError(name, 'InvalidClientTokenId')
    if (caller?.problem !== undefined) throw credentialError(name, caller.problem)
    if (caller === undefined && service !== s3) throw unsignedError(name)
    const refusal = refusalIn(call, asked, context)
    if (refusal === undefined) return service.run(asked, context, request)
    const reply = service.refuse?.(asked, request)
    if (reply === undefined) throw refusal
    call.error = refusal.code
    return reply
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    call.error = error.code
    return service.fail(error, request, context.requestId)
  }
}

/** The refusal of a call that the caller may not make, or that a fault makes seem so. */
function refusalIn(
  { service, action, fault, needs }: Call,
  { params }: Asked,
  context: CallContext,
): AwsError | undefined {
  if (fault === 'refuse') return refusalFor(service, needs[0] ?? `${service}:${action}`, params, context)
  // Without a caller there are no policies to ask: S3 looks whether the bucket is public.
  return context.caller === undefined ? undefined : refusalOf(service, needs, params, context)
}

/** The error that a fault makes the service answer with. */
function faultError(service: ServiceName, kind: FaultKind | undefined): AwsError | undefined {
  switch (kind) {
    case 'throttle':
      return commonError(service, 'throttled')
    case 'internal-error':
      return commonError(service, 'internal')
    case 'expired-token':
      return credentialError(service, 'ExpiredToken')
    case 'capacity':
    case 'quota':
      return commonError(service, kind)
    default:
      return undefined
  }
}
