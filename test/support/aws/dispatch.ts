import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { redshiftData } from './data-api.ts'
import { AwsError, type CredentialProblem, commonError, type ServiceName } from './errors.ts'
import type { FaultKind, Faults } from './faults.ts'
import { iam, sts } from './iam.ts'
import { type Params, watched } from './params.ts'
import { iamActionOf, refusalOf } from './permissions.ts'
import type { CallContext, Service, WireReply, WireRequest } from './protocols.ts'
import { redshift } from './redshift.ts'
import { s3 } from './s3.ts'
import { refuseObjects } from './s3-objects.ts'
import { secretsManager } from './secrets.ts'
import { serverless } from './serverless.ts'
import type { AwsState } from './state.ts'

/** Who an access key belongs to. */
export interface Identity {
  arn: string
  userId: string
  problem?: CredentialProblem
}

/** One call the double has received, in order of arrival. */
export interface Call {
  service: ServiceName
  action: string
  params: Params
  /** IAM actions the caller needs for it, the call's own first. */
  needs: readonly string[]
  accessKeyId: string | undefined
  /** The fault that hit it. */
  fault: FaultKind | undefined
}

/** What requests are answered from. */
export interface Core {
  state: AwsState
  identities: Map<string, Identity>
  faults: Faults
  calls: Call[]
}

const services = [sts, iam, redshift, serverless, redshiftData, secretsManager, s3]

/** Answers one request: who asks, what for, is something to go wrong, may they, and then the service itself. */
export async function dispatch(core: Core, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { state } = core
  const request = await readRequest(incoming)
  // Signatures are not verified: the access key says who it is. Unsigned requests are S3's.
  const [accessKeyId, , regionName, serviceName = 's3'] =
    /Credential=([^,\s]+)/.exec(String(request.headers.authorization))?.[1]?.split('/') ?? []
  const service = services.find(({ name }) => name === serviceName)
  if (service === undefined) throw new Error(`the double doesn't know the service ${serviceName}`)
  const { action, params } = service.read(request)
  // IAM and STS know no Regions.
  const region = state.region(serviceName === 'iam' || serviceName === 'sts' ? undefined : regionName)
  const context: CallContext = { state, region, caller: core.identities.get(accessKeyId ?? ''), request }
  const needs = iamActionOf(service.name, action, params, !state.roles.has('AWSServiceRoleForRedshift'))
  const fault = core.faults.next(service.name, action, `${request.path}?${request.query}`)
  const call: Call = { service: service.name, action, params, needs, accessKeyId, fault: fault?.kind }
  core.calls.push(call)
  if (fault?.kind === 'slow') await sleep(fault.milliseconds)
  if (fault?.kind !== 'kill') await fault?.onFire?.()
  if (fault?.kind === 'reset-before') {
    incoming.socket.destroy()
    return
  }
  const { status, headers, body } = await answer(service, call, context)
  if (fault?.kind === 'kill') await fault.onFire?.()
  if (fault?.kind === 'reset-after' || fault?.kind === 'kill') {
    incoming.socket.destroy()
    return
  }
  let content = Buffer.from(body)
  if (fault?.kind === 'cut-body') content = content.subarray(0, content.length >> 1)
  if (fault?.kind === 'garbled-body') content = Buffer.from(content.map((byte) => byte ^ 1))
  const length = incoming.method === 'HEAD' || status === 204 ? {} : { 'content-length': String(content.length) }
  const checksum = fault?.kind === 'wrong-checksum' ? { 'x-amz-checksum-crc32': 'AAAAAA==' } : {}
  const number = { [service.name === 's3' ? 'x-amz-request-id' : 'x-amzn-requestid']: randomUUID() }
  response.writeHead(status, { ...headers, ...length, ...checksum, ...number })
  if (fault?.kind === 'short-body')
    response.write(content.subarray(0, content.length >> 1), () => incoming.socket.destroy())
  else response.end(content)
}

async function readRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const { method = 'GET', url = '/', headers } = incoming
  const [path = '', query = ''] = url.split('?')
  return { method, path, query, headers, body: await buffer(incoming) }
}

async function answer(service: Service, call: Call, context: CallContext): Promise<WireReply> {
  const { name } = service
  const { caller, request } = context
  try {
    const fault = faultError(call, context)
    if (fault !== undefined) throw fault
    if (call.accessKeyId !== undefined && caller === undefined) throw commonError(name, 'InvalidClientTokenId')
    if (caller?.problem !== undefined) throw commonError(name, caller.problem)
    // Without a caller there are no policies to ask: S3 looks whether the bucket is public.
    const refusal = caller && refusalOf(name, call.needs, call.params, context)
    if (refusal !== undefined && call.action === 'DeleteObjects') return refuseObjects(request)
    if (refusal !== undefined) throw refusal
    const handler = service.handlers[call.action]
    if (handler === undefined) throw new Error(`the double doesn't know ${name}:${call.action}`)
    const { params, unknown } = watched(call.params)
    const result = await handler(params, context)
    if (unknown().length > 0) throw new Error(`the double doesn't know ${unknown()} of ${name}:${call.action}`)
    return service.reply(call.action, result)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return service.fail(error, request)
  }
}

/** The error that a fault makes the service answer with. */
function faultError({ service, action, params, needs, fault }: Call, context: CallContext): AwsError | undefined {
  if (fault === 'refuse')
    return refusalOf(service, needs.length > 0 ? needs : [`${service}:${action}`], params, context, true)
  if (fault === 'expired-token') return commonError(service, 'ExpiredToken')
  if (fault === 'throttle' || fault === 'internal-error' || fault === 'capacity' || fault === 'quota')
    return commonError(service, fault)
  return undefined
}
