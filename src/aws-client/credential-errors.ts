import { exitCodes, UserError } from '../errors.ts'
import { isNamed } from './sdk-middleware.ts'

const signIn =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or CREDS__AWS_UDACITY__KEY and CREDS__AWS_UDACITY__SECRET) in the environment or in .env, or run aws configure sso and set PROFILE in [AWS].'

/** What is wrong with the credentials, if that is what an error of AWS says; undefined for all other errors. */
export function explainCredentials(error: Error, profile?: string): UserError | undefined {
  const found = problemOf(error, profile)
  return found && new UserError(found[0], { hint: found[1], exitCode: exitCodes.refused, cause: error })
}

function problemOf(error: Error, profile: string | undefined): [message: string, hint: string] | undefined {
  const { message } = error
  const signInAgain = `Run aws sso login${profile ? ` --profile ${profile}` : ''}, or renew the keys in the environment or in .env, then run the command again.`
  if (isNamed(error, 'CredentialsProviderError', 'TokenProviderError')) {
    if (/expired|invalid|re-authenticate|sso login/i.test(message) && !/static|Required parameters/.test(message))
      return ['The sign-in to AWS has expired.', signInAgain]
    if (!profile) return ['There are no AWS credentials.', signIn]
    return [
      `The profile ${profile} is not in the files of the AWS command line, or gives no credentials.`,
      'aws configure list-profiles shows the profiles; set PROFILE in [AWS], or AWS_PROFILE, to one of them.',
    ]
  }
  if (isNamed(error, 'ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'))
    return ['The AWS credentials have expired.', signInAgain]
  const isUnsigned = isNamed(error, 'SignatureDoesNotMatch', 'InvalidSignatureException')
  if (isNamed(error, 'RequestTimeTooSkewed') || (isUnsigned && /expired|not yet current/i.test(message)))
    return ['AWS rejected the request: the clock of this machine is more than five minutes off.', 'Set the clock.']
  if (isUnsigned) return ['AWS rejected the credentials: the secret does not belong to the access key.', signIn]
  if (
    isNamed(
      error,
      ...['InvalidClientTokenId', 'UnrecognizedClientException', 'AuthFailure', 'InvalidAccessKeyId', 'InvalidToken'],
      ...['MissingAuthenticationToken', 'MissingAuthenticationTokenException'],
    )
  )
    return [
      'AWS does not know the access key, or the region is not enabled for the account.',
      `${signIn} Regions are enabled in the account settings.`,
    ]
  return undefined
}
