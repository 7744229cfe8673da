/** The services the double speaks, by the name in the SigV4 credential scope. */
export const serviceNames = ['sts', 'iam', 'ec2', 'redshift', 'redshift-serverless', 'secretsmanager', 's3'] as const
export type ServiceName = (typeof serviceNames)[number]

/** An error as AWS sends it: the code on the wire, the message, the HTTP status. Each protocol gives it its own envelope. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  /** Members of the error beside code and message: `Region` of S3's redirects, `Resource` and the like. */
  readonly details: Readonly<Record<string, string>>
  /** Response headers that belong to the error, such as `x-amz-bucket-region`. */
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: string,
    message: string,
    status = 400,
    { details = {}, headers = {} }: { details?: Record<string, string>; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.name = code
    this.code = code
    this.status = status
    this.details = details
    this.headers = headers
  }
}

/** How each service spells the errors that all of them have. */
interface Spelling {
  throttled: [code: string, message: string, status: number]
  internal: [code: string, message: string, status: number]
  denied: [code: string, status: number]
  quota: [code: string, message: string, status: number]
  capacity: [code: string, message: string, status: number]
}

const query: Spelling = {
  throttled: ['Throttling', 'Rate exceeded', 400],
  internal: [
    'InternalFailure',
    'The request processing has failed because of an unknown error, exception or failure.',
    500,
  ],
  denied: ['AccessDenied', 403],
  quota: ['LimitExceeded', 'Cannot exceed quota for this account.', 409],
  capacity: ['ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', 503],
}

const json: Spelling = {
  throttled: ['ThrottlingException', 'Rate exceeded', 400],
  internal: ['InternalServerException', 'The request processing has failed because of an unknown error.', 500],
  denied: ['AccessDeniedException', 400],
  quota: ['ServiceQuotaExceededException', 'You have exceeded the service quota for this resource.', 402],
  capacity: [
    'InsufficientCapacityException',
    "There isn't enough capacity to complete the request. Try again later.",
    400,
  ],
}

const spellings: Record<ServiceName, Spelling> = {
  sts: query,
  iam: { ...query, internal: ['ServiceFailure', query.internal[1], 500] },
  redshift: {
    ...query,
    quota: [
      'ClusterQuotaExceeded',
      'The request would exceed the allowed number of cluster instances for this account.',
      400,
    ],
    capacity: [
      'InsufficientClusterCapacity',
      'There is not enough capacity of the requested node type in the Availability Zones of this cluster subnet group.',
      400,
    ],
  },
  ec2: {
    throttled: ['RequestLimitExceeded', 'Request limit exceeded.', 503],
    internal: ['InternalError', 'An internal error has occurred', 500],
    denied: ['UnauthorizedOperation', 403],
    quota: ['SecurityGroupLimitExceeded', 'The maximum number of security groups for VPC has been reached.', 400],
    capacity: ['InsufficientCapacity', 'There is not enough capacity to fulfil the request.', 500],
  },
  'redshift-serverless': json,
  secretsmanager: {
    ...json,
    internal: ['InternalServiceError', 'An error occurred on the server side.', 500],
    quota: [
      'LimitExceededException',
      'The request failed because it would exceed one of the Secrets Manager quotas.',
      400,
    ],
  },
  s3: {
    throttled: ['SlowDown', 'Please reduce your request rate.', 503],
    internal: ['InternalError', 'We encountered an internal error. Please try again.', 500],
    denied: ['AccessDenied', 403],
    quota: ['TooManyBuckets', 'You have attempted to create more buckets than allowed', 400],
    capacity: ['ServiceUnavailable', 'Please reduce your request rate.', 503],
  },
}

/** The service's own word for "too many requests", "broken inside", "over the quota" or "no capacity". */
export function commonError(service: ServiceName, kind: 'throttled' | 'internal' | 'quota' | 'capacity'): AwsError {
  const [code, message, status] = spellings[service][kind]
  return new AwsError(code, message, status)
}

/** The refusal of a caller without the permission, in the words of the service. */
export function accessDenied(
  service: ServiceName,
  caller: string,
  action: string,
  resource: string | undefined,
): AwsError {
  const [code, status] = spellings[service].denied
  // S3 names user and action only for requests inside one account, and not in all Regions; its plain form is the least a client can count on.
  if (service === 's3') return new AwsError(code, 'Access Denied', status)
  const target = resource === undefined ? '' : ` on resource: ${resource}`
  const sentence = `User: ${caller} is not authorized to perform: ${action}${target} because no identity-based policy allows the ${action} action`
  if (service === 'ec2')
    return new AwsError(code, `You are not authorized to perform this operation. ${sentence}`, status)
  return new AwsError(code, sentence, status)
}
