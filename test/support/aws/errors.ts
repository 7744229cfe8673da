/** The services the double speaks, by the name in the SigV4 credential scope. */
export type ServiceName = 'sts' | 'iam' | 'redshift' | 'redshift-serverless' | 'redshift-data' | 'secretsmanager' | 's3'

/** An error as AWS sends it: the code on the wire, the message, the HTTP status. Each protocol gives it its own envelope. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  /** Response headers that belong to the error, such as `x-amz-bucket-region`. */
  readonly headers: Readonly<Record<string, string>>

  constructor(code: string, message: string, status = 400, headers: Record<string, string> = {}) {
    super(message)
    this.name = code
    this.code = code
    this.status = status
    this.headers = headers
  }
}

/** What can be wrong with an access key. */
export type CredentialProblem = 'ExpiredToken' | 'InvalidClientTokenId' | 'SignatureDoesNotMatch'

/** The errors that every service has. */
type Kind = 'throttle' | 'internal-error' | 'refuse' | 'quota' | 'capacity' | CredentialProblem
type Spelling = [code: string, status: number, message: string]

const signature = 'The request signature we calculated does not match the signature you provided.'

const query: Record<Kind, Spelling> = {
  throttle: ['Throttling', 400, 'Rate exceeded'],
  'internal-error': ['InternalFailure', 500, 'The request processing has failed because of an unknown error.'],
  refuse: ['AccessDenied', 403, ''],
  quota: ['LimitExceeded', 409, 'Cannot exceed quota for this account.'],
  capacity: ['ServiceUnavailable', 503, 'The request has failed due to a temporary failure of the server.'],
  ExpiredToken: ['ExpiredToken', 403, 'The security token included in the request is expired'],
  InvalidClientTokenId: ['InvalidClientTokenId', 403, 'The security token included in the request is invalid.'],
  SignatureDoesNotMatch: ['SignatureDoesNotMatch', 403, signature],
}

const json: typeof query = {
  throttle: ['ThrottlingException', 400, 'Rate exceeded'],
  'internal-error': ['InternalServerException', 500, query['internal-error'][2]],
  refuse: ['AccessDeniedException', 400, ''],
  quota: ['ServiceQuotaExceededException', 402, 'You have exceeded the service quota for this resource.'],
  capacity: ['InsufficientCapacityException', 400, "There isn't enough capacity to complete the request."],
  ExpiredToken: ['ExpiredTokenException', 400, query.ExpiredToken[2]],
  InvalidClientTokenId: ['UnrecognizedClientException', 400, query.InvalidClientTokenId[2]],
  SignatureDoesNotMatch: ['InvalidSignatureException', 400, signature],
}

/** The words of each service for them. */
const spellings: Record<ServiceName, typeof query> = {
  sts: query,
  iam: { ...query, 'internal-error': ['ServiceFailure', 500, query['internal-error'][2]] },
  redshift: {
    ...query,
    quota: ['ClusterQuotaExceeded', 400, 'The request would exceed the allowed number of cluster instances.'],
    capacity: ['InsufficientClusterCapacity', 400, 'There is not enough capacity of the requested node type.'],
  },
  'redshift-serverless': json,
  'redshift-data': json,
  secretsmanager: { ...json, 'internal-error': ['InternalServiceError', 500, 'An error occurred on the server side.'] },
  s3: {
    ...query,
    throttle: ['SlowDown', 503, 'Please reduce your request rate.'],
    'internal-error': ['InternalError', 500, 'We encountered an internal error. Please try again.'],
    quota: ['TooManyBuckets', 400, 'You have attempted to create more buckets than allowed'],
    ExpiredToken: ['ExpiredToken', 400, 'The provided token has expired.'],
    InvalidClientTokenId: ['InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist.'],
  },
}

/** An error that every service has, in the words of this one. */
export function commonError(service: ServiceName, kind: Kind): AwsError {
  const [code, status, message] = spellings[service][kind]
  return new AwsError(code, message, status)
}

/** The refusal of a caller without the permission. S3 names user and action only in some cases: its plain form is the least a client can count on. */
export function accessDenied(service: ServiceName, caller: string, action: string, resource?: string): AwsError {
  const { code, message, status } = commonError(service, 'refuse')
  if (service === 's3') return new AwsError(code, 'Access Denied', status)
  const target = resource === undefined ? '' : ` on resource: ${resource}`
  const sentence = `User: ${caller} is not authorized to perform: ${action}${target} because no identity-based policy allows the ${action} action`
  return new AwsError(code, message + sentence, status)
}
