import { exitCodes, refusal, UserError } from '../errors.ts'
import { actionsOf } from './actions.ts'
import { explanations } from './explanations.ts'
import { isNetworkProblem, isThrottling } from './poll.ts'
import { type Call, callOf, isNamed } from './sdk-middleware.ts'
import { type Deployment, deploymentName, tagKey } from './settings.ts'

/** What is known beside the error itself. */
export interface ErrorContext {
  readonly region: string
  readonly profile?: string | undefined
}

const signInAgain = ({ profile }: ErrorContext) =>
  `Run aws sso login${profile ? ` --profile ${profile}` : ''}, or renew the keys in the environment, then run the command again.`
const signIn =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or CREDS__AWS_UDACITY__KEY and CREDS__AWS_UDACITY__SECRET) in the environment or in .env, or run aws configure sso and set PROFILE in [AWS].'

/**
 * Turns an error of AWS or of the way to it into a sentence and a cure.
 *
 * What is no such error comes back as it is: it is a bug. Secrets don't get through: what AWS says about signatures is never quoted.
 */
export function explain(error: unknown, errorContext: ErrorContext): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error
  return explainCredentials(error, errorContext) ?? explainCall(error, errorContext) ?? error
}

function explainCredentials(error: Error, errorContext: ErrorContext): UserError | undefined {
  const fail = (message: string, hint: string) =>
    new UserError(message, { hint, exitCode: exitCodes.refused, cause: error })
  const said = error.message
  if (isNamed(error, 'CredentialsProviderError', 'TokenProviderError')) {
    if (/expired|invalid|re-authenticate|sso login/i.test(said) && !/static|Required parameters/.test(said))
      return fail('The sign-in to AWS has expired.', signInAgain(errorContext))
    if (errorContext.profile)
      return fail(
        `The profile ${errorContext.profile} is not in the files of the AWS command line, or gives no credentials.`,
        'aws configure list-profiles shows the profiles; set PROFILE in [AWS], or AWS_PROFILE, to one of them.',
      )
    return fail('There are no AWS credentials.', signIn)
  }
  if (isNamed(error, 'ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'))
    return fail('The AWS credentials have expired.', signInAgain(errorContext))
  if (
    isNamed(error, 'RequestTimeTooSkewed') ||
    (isNamed(error, 'SignatureDoesNotMatch', 'InvalidSignatureException') && /expired|not yet current/i.test(said))
  )
    return fail(
      'The clock of this machine is off by more than five minutes, and AWS refuses the request.',
      'Set the clock.',
    )
  if (isNamed(error, 'SignatureDoesNotMatch', 'InvalidSignatureException'))
    return fail('AWS refuses the credentials: the secret does not belong to the access key.', signIn)
  if (
    isNamed(
      error,
      'InvalidClientTokenId',
      'UnrecognizedClientException',
      'AuthFailure',
      'InvalidAccessKeyId',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
    )
  )
    return fail(
      `AWS does not know the access key (or ${errorContext.region} is not enabled for the account).`,
      `${signIn} Regions are enabled in the account settings.`,
    )
  return undefined
}

function explainCall(error: Error, errorContext: ErrorContext): UserError | undefined {
  const call = callOf(error)
  const fail = (message: string, hint: string) => new UserError(message, { hint, cause: error })
  const said = quoted(error.message)
  if (isDenied(error)) return denied(said, call, error)
  if (isThrottling(error))
    return fail(
      `AWS takes no more requests for the moment${at(call)}.`,
      'Wait a minute and run the command again: it goes on where it stopped.',
    )
  if (isNetworkProblem(error))
    return fail(
      `AWS can't be reached in ${errorContext.region}${at(call)}: ${networkReason(error)}.`,
      'Check the network, REGION in [AWS] and AWS_ENDPOINT_URL, then run the command again: it goes on where it stopped.',
    )
  const known = explanations.find(
    ({ names, pattern }) => names.includes(error.name) && (pattern === undefined || pattern.test(error.message)),
  )
  if (known !== undefined) return fail(known.message(said), known.hint)
  if (call === undefined) return undefined
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0
  const hint =
    status >= 500
      ? 'This passes by itself: run the command again in a minute, it goes on where it stopped.'
      : 'Mend the setting that AWS names; run the command again, it goes on where it stopped.'
  return fail(`AWS refused ${call.operation} of ${call.service} (${error.name}): ${said}`, hint)
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
  return new UserError(`The AWS user you are may not do this: ${listed} is missing${at(call)}.`, {
    hint: `Allow ${listed} in the policy of the user or role (documentation/iam-policy.json holds all that is needed), then run the command again: it goes on where it stopped.${foreign}`,
    cause,
  })
}

function networkReason(error: Error): string {
  const code = 'code' in error ? String(error.code) : error.name
  const words: Record<string, string> = {
    ENOTFOUND: 'the name of the service is not found',
    EAI_AGAIN: 'the name of the service is not found',
    ECONNREFUSED: 'the connection is refused',
    ECONNRESET: 'the connection breaks',
    EPIPE: 'the connection breaks',
    ETIMEDOUT: 'there is no answer',
    TimeoutError: 'there is no answer',
  }
  return words[code] ?? 'there is no way to it'
}

function at(call: Call | undefined): string {
  return call === undefined ? '' : ` (${call.operation} of ${call.service})`
}

/** The first line of what AWS says, without anything that could be a key, and with an end. */
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

/** Runs something and explains what it throws. */
export async function explaining<Result>(errorContext: ErrorContext, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    throw explain(error, errorContext)
  }
}

/** A thing has a name that the settings give to one of ours, and not our tag: it is somebody's, or another deployment's. */
export function notOurs(kind: string, name: string, deployment: Deployment, owner?: string): UserError {
  const key = kind === 'role' ? 'DWH_IAM_ROLE_NAME' : 'DWH_CLUSTER_IDENTIFIER'
  const ours = deploymentName(deployment)
  if (owner === undefined)
    return refusal(
      `There is a ${kind} ${name} already that this suite did not make (it has no tag ${tagKey}=${ours}).`,
      `Choose another ${key}, or remove the ${kind} yourself if nobody needs it. Nothing was changed.`,
    )
  const instead = kind === 'role' ? ', or leave it out: the name then holds identifier and region' : ''
  return refusal(
    `There is a ${kind} ${name} already that belongs to another deployment, ${owner}; this one is ${ours}.`,
    `Choose another ${key}${instead}. Nothing was changed.`,
  )
}
