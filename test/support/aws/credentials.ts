import { AwsError, type ServiceName } from './errors.ts'
import type { WireRequest } from './protocols.ts'

/** What can be wrong with an access key. */
export type CredentialProblem = 'ExpiredToken' | 'InvalidClientTokenId' | 'SignatureDoesNotMatch'

/** Who an access key belongs to. */
export interface Identity {
  arn: string
  userId: string
  problem?: CredentialProblem
}

/** Who is calling. Signatures are not verified: the access key says who it is. */
export interface Caller extends Identity {
  accessKeyId: string
}

/** The credential scope of a request: key, Region, service. */
export interface Scope {
  accessKeyId: string
  region: string
  service: string
}

/** Reads the scope from the Authorization header or from a presigned URL; undefined for an unsigned request. */
export function scopeOf({ headers, query }: Pick<WireRequest, 'headers' | 'query'>): Scope | undefined {
  const { authorization } = headers
  let credential: string | undefined
  if (typeof authorization === 'string') credential = /Credential=([^,\s]+)/.exec(authorization)?.[1]
  else if (query.includes('X-Amz-Credential='))
    credential = new URLSearchParams(query).get('X-Amz-Credential') ?? undefined
  if (credential === undefined) return undefined
  const [accessKeyId = '', , region = '', service = ''] = credential.split('/')
  return { accessKeyId, region, service }
}

/** The refusal of a bad key. Services differ in code and in wording. */
export function credentialError(service: ServiceName, problem: CredentialProblem): AwsError {
  const query: Record<CredentialProblem, [string, string, number]> = {
    ExpiredToken: ['ExpiredToken', 'The security token included in the request is expired', 403],
    InvalidClientTokenId: ['InvalidClientTokenId', 'The security token included in the request is invalid.', 403],
    SignatureDoesNotMatch: [
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      403,
    ],
  }
  const json: typeof query = {
    ExpiredToken: ['ExpiredTokenException', query.ExpiredToken[1], 400],
    InvalidClientTokenId: ['UnrecognizedClientException', query.InvalidClientTokenId[1], 400],
    SignatureDoesNotMatch: ['InvalidSignatureException', query.SignatureDoesNotMatch[1], 400],
  }
  const ec2: typeof query = {
    ExpiredToken: ['RequestExpired', 'Request has expired.', 400],
    InvalidClientTokenId: ['AuthFailure', 'AWS was not able to validate the provided access credentials', 401],
    SignatureDoesNotMatch: ['AuthFailure', 'AWS was not able to validate the provided access credentials', 401],
  }
  const s3: typeof query = {
    ExpiredToken: ['ExpiredToken', 'The provided token has expired.', 400],
    InvalidClientTokenId: [
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      403,
    ],
    SignatureDoesNotMatch: [
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    ],
  }
  const table = service === 's3' ? s3 : service === 'ec2' ? ec2 : isJson(service) ? json : query
  return new AwsError(...table[problem])
}

/** The refusal of a request without any signature. */
export function unsignedError(service: ServiceName): AwsError {
  if (service === 's3') return new AwsError('AccessDenied', 'Access Denied', 403)
  const code = isJson(service) ? 'MissingAuthenticationTokenException' : 'MissingAuthenticationToken'
  return new AwsError(code, 'Request is missing Authentication Token', 403)
}

function isJson(service: ServiceName): boolean {
  return service === 'redshift-serverless' || service === 'secretsmanager'
}
