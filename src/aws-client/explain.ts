import { networkProblem, refusal, UserError } from '../errors.ts'
import { actionsOf } from './actions.ts'
import { explainCredentials } from './credential-errors.ts'
import { NotAws } from './endpoints.ts'
import { explanationOf } from './explanations.ts'
import { isThrottling } from './poll.ts'
import { type Call, callOf, isNamed } from './sdk-middleware.ts'
import { type Deployment, deploymentName, tagKey } from './settings.ts'

/** What is known besides the error itself. */
export interface ErrorContext {
  readonly region: string
  readonly profile?: string | undefined
}

/**
 * Turns an error of AWS, or of the network on the way to it, into a UserError with cause and fix.
 *
 * Any other error comes back as it is: it is a bug. Secrets don't get through: what AWS says about signatures is never quoted.
 */
export function explain(error: unknown, { region, profile }: ErrorContext): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error
  return explainCredentials(error, profile) ?? explainCall(error, region) ?? error
}

function explainCall(error: Error, region: string): UserError | undefined {
  const call = callOf(error)
  const fail = (message: string, hint: string) => new UserError(message, { hint, cause: error })
  const said = quoted(error.message)
  const ofEndpoint = explainEndpoint(error)
  if (ofEndpoint) return ofEndpoint
  if (isDenied(error)) return denied(said, call, error)
  if (isThrottling(error))
    return fail(`AWS accepts no more requests at the moment${at(call)}.`, `Wait a minute and ${again}`)
  const problem = networkProblem(error)
  if (problem !== undefined)
    return fail(
      `${call?.endpoint ?? 'AWS'} can't be reached${call?.endpoint ? '' : ` in ${region}`}${at(call)}: ${problem}.`,
      `Check the network, REGION in [AWS] and AWS_ENDPOINT_URL, then ${again}`,
    )
  const known = explanationOf(error, said)
  if (known) return fail(...known)
  if (call === undefined) return undefined
  const rejected = `${call.endpoint ?? 'AWS'} rejected ${call.operation} of ${call.service} (${error.name}): ${said}`
  return fail(rejected, rejectedHint(error, call))
}

const again = 'run the command again: it continues where it stopped.'

function rejectedHint(error: Error, { endpoint }: Call): string {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0
  if (endpoint)
    return `Fix the setting that it names, or AWS_ENDPOINT_URL if that is not the address of this service, and ${again}`
  return status >= 500 ? `This is temporary: in a minute, ${again}` : `Fix the setting that AWS names and ${again}`
}

const endpointHint =
  'Set AWS_ENDPOINT_URL, or endpoint_url in the AWS config file, to the address of that service, or unset it to use AWS.'

/** Explains an answer that doesn't come from AWS; undefined for all other errors. */
export function explainEndpoint(error: Error): UserError | undefined {
  if (!(error instanceof NotAws)) return undefined
  const call = callOf(error)
  return new UserError(`${error.message}, which is not how AWS answers${at(call)}.`, {
    hint: call?.endpoint ? endpointHint : 'Something between this machine and AWS answers instead, such as a proxy.',
    cause: error,
  })
}

/** Errors that say the caller lacks a permission. */
export function isDenied(error: unknown): boolean {
  return isNamed(
    error,
    ...['AccessDenied', 'AccessDeniedException', 'AccessDeniedFault', 'UnauthorizedOperation', 'UnauthorizedAccess'],
    ...['NotAuthorized', 'Forbidden', '403', 'Client.UnauthorizedOperation'],
  )
}

function denied(said: string, call: Call | undefined, cause: Error): UserError {
  const named = /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(said)?.[1]
  const actions = named !== undefined ? [named] : call === undefined ? [] : [...actionsOf(call)]
  const listed = actions.length === 0 ? 'an IAM action' : actions.join(' or ')
  const foreign =
    call?.service === 's3' && named === undefined ? ' If you have it: the bucket belongs to another account.' : ''
  return new UserError(`Access denied: you need ${listed}${at(call)}.`, {
    hint: `Allow ${listed} in the policy of the user or role (documentation/iam-policy.json has all that is needed), then run the command again: it continues where it stopped.${foreign}`,
    cause,
  })
}

const at = (call: Call | undefined): string => (call === undefined ? '' : ` (${call.operation} of ${call.service})`)

/** The first line of what AWS says as a sentence, without anything that could be a key. */
function quoted(message: string): string {
  const [line = ''] = message.split('\n')
  const clean = line
    .replace(/\b(AKIA|ASIA)[A-Z0-9]{12,}\b/g, '…')
    .replace(/Encoded authorization failure message:.*/i, '')
    .replace(/[A-Za-z0-9+/=_-]{100,}/g, '…')
    .trim()
  if (clean === '') return 'it gives no reason.'
  return /[.!?…]$/.test(clean) ? clean : `${clean}.`
}

/** Runs something and explains the error it throws. */
export async function explaining<Result>(context: ErrorContext, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    throw explain(error, context)
  }
}

/** The error for a thing that has the name of one of ours but not our tag: it belongs to somebody else or to another deployment. */
export function notOurs(kind: string, name: string, deployment: Deployment, owner?: string): UserError {
  const key = kind === 'role' ? 'DWH_IAM_ROLE_NAME' : 'DWH_CLUSTER_IDENTIFIER'
  const ours = deploymentName(deployment)
  if (owner === undefined)
    return refusal(
      `A ${kind} ${name} exists that create-infrastructure did not create (it has no tag ${tagKey}=${ours}).`,
      `Choose another ${key}, or remove the ${kind} yourself if nobody needs it. Nothing was changed.`,
    )
  const instead = kind === 'role' ? ', or leave it out: the name then contains identifier and region' : ''
  return refusal(
    `A ${kind} ${name} exists that belongs to another deployment, ${owner}; this one is ${ours}.`,
    `Choose another ${key}${instead}. Nothing was changed.`,
  )
}
