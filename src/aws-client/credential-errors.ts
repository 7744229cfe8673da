import { exitCodes, UserError } from '../errors.ts'
import { callOf, isNamed } from './sdk-middleware.ts'

const signIn =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or CREDS__AWS_UDACITY__KEY and CREDS__AWS_UDACITY__SECRET) in the environment or in .env, or run aws configure sso and set PROFILE in [AWS].'

type Problem = readonly [message: string, hint: string]

/** What is wrong with the credentials, if that is what an error of AWS says; undefined for all other errors. */
export function explainCredentials(error: Error, profile?: string): UserError | undefined {
  const found =
    fileProblem(error) ??
    (isNamed(error, 'CredentialsProviderError', 'TokenProviderError')
      ? providerProblem(error.message, profile)
      : rejectionOf(error, profile))
  return found && new UserError(found[0], { hint: found[1], exitCode: exitCodes.refused, cause: error })
}

const renewal = (profile: string | undefined) =>
  `Run aws sso login${profile ? ` --profile ${profile}` : ''}, or renew the keys in the environment or in .env, then run the command again.`

/** What AWS says of credentials that it got. */
function rejectionOf(error: Error, profile: string | undefined): Problem | undefined {
  if (isNamed(error, 'ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'))
    return ['The AWS credentials have expired.', renewal(profile)]
  const isUnsigned = isNamed(error, 'SignatureDoesNotMatch', 'InvalidSignatureException')
  const isLate = isUnsigned && /expired|not yet current/i.test(error.message)
  if (isLate || isNamed(error, 'RequestTimeTooSkewed'))
    return ['AWS rejected the request: the clock of this machine is more than five minutes off.', 'Set the clock.']
  if (isUnsigned) return ['AWS rejected the credentials: the secret does not belong to the access key.', signIn]
  const isUnknown = isNamed(
    error,
    ...['InvalidClientTokenId', 'UnrecognizedClientException', 'AuthFailure', 'InvalidAccessKeyId', 'InvalidToken'],
    ...['MissingAuthenticationToken', 'MissingAuthenticationTokenException'],
  )
  if (!isUnknown) return undefined
  return [
    'AWS does not know the access key, or the region is not enabled for the account.',
    `${signIn} Regions are enabled in the account settings.`,
  ]
}

/** Errors of the SDK about a profile that gives no credentials. The output of a process is never quoted. */
const providerProblems: readonly (readonly [said: RegExp, message: string, hint: string])[] = [
  [
    /multi-?factor authentication/i,
    'The profile {profile} needs a code of multi-factor authentication, which is not asked for here.',
    'Put temporary keys of aws sts get-session-token into the environment or .env, or use a profile that signs in with aws sso login.',
  ],
  [
    /^Command failed/,
    'The credential process of the profile {profile} failed.',
    'Run the credential_process of ~/.aws/config by hand to see why, and correct it.',
  ],
  [
    /credential_process/,
    'The credential process of the profile {profile} did not print credentials.',
    'Run the credential_process of ~/.aws/config by hand: it has to print one JSON document with Version 1.',
  ],
  [
    /[\\/]login[\\/]cache[\\/]|login session/i,
    'The login session of the profile {profile} has expired, or there is none.',
    'Run aws login --profile {profile}, then run the command again.',
  ],
]

/** Why there are no credentials to send. */
function providerProblem(said: string, given: string | undefined): Problem {
  const profile = given ?? process.env.AWS_PROFILE ?? 'default'
  const [, source = profile] = /credentials using profile: \[(.+?)\]/.exec(said) ?? []
  if (source !== profile)
    return [
      `The profile ${profile} takes its credentials from the profile ${source}, which is not there or has none.`,
      'Correct source_profile in ~/.aws/config, or add that profile.',
    ]
  const [, message, hint] = providerProblems.find(([pattern]) => pattern.test(said)) ?? []
  if (message !== undefined && hint !== undefined)
    return [message.replace('{profile}', () => profile), hint.replace('{profile}', () => profile)]
  if (/expired|invalid|re-authenticate|sso login/i.test(said) && !/static|Required parameters/.test(said))
    return ['The sign-in to AWS has expired.', renewal(given)]
  if (!given) return ['There are no AWS credentials.', signIn]
  return [
    `The profile ${given} is not in the files of the AWS command line, or gives no credentials.`,
    'aws configure list-profiles shows the profiles; set PROFILE in [AWS], or AWS_PROFILE, to one of them.',
  ]
}

/** A key with a character that no header has, or a file that the AWS client can't read. */
function fileProblem(error: Error): Problem | undefined {
  const { code, path } = error as { code?: string; path?: string }
  if (code === 'ERR_INVALID_CHAR')
    return [
      'The AWS access key has a character that keys do not have, such as a line end.',
      'Copy the access key, the secret and the session token again, without blanks and line ends.',
    ]
  const isToken = path === process.env.AWS_WEB_IDENTITY_TOKEN_FILE || /token/i.test(path ?? '')
  if (path === undefined || !isToken || callOf(error) === undefined) return undefined
  return [
    `The token file ${path} of the AWS credentials can't be read (${code}).`,
    'Correct AWS_WEB_IDENTITY_TOKEN_FILE, or web_identity_token_file in ~/.aws/config.',
  ]
}
