import { describe, expect, test } from 'vitest'
import { type ErrorContext, explain, explaining } from '../../src/aws-client/explain.ts'
import { type Call, observeCalls } from '../../src/aws-client/sdk-middleware.ts'
import { refusal, UserError } from '../../src/errors.ts'

const errorContext: ErrorContext = { region: 'us-west-2' }

/** An error as the SDK throws it, by the name and the words AWS gave it. */
function awsError(name: string, message = '', more: object = {}): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 }, ...more })
}

/** The same, as the answer to a call of one of our clients. */
async function answerTo(call: Call, error: Error): Promise<unknown> {
  const middleware: ((next: unknown, context: unknown) => (args: unknown) => Promise<unknown>)[] = []
  const client = { middlewareStack: { add: (each: never) => middleware.push(each) } }
  observeCalls(client, call.service)
  const send = middleware[0]?.(() => Promise.reject(error), { commandName: `${call.operation}Command` })
  return send?.({}).catch((caught: unknown) => caught)
}

function explained(error: unknown, more: Partial<ErrorContext> = {}): UserError {
  const result = explain(error, { ...errorContext, ...more })
  if (!(result instanceof UserError)) throw new Error(`not explained: ${String(result)}`)
  return result
}

describe('credentials', () => {
  const rejected = 'The request signature we calculated does not match'
  test.each([
    ['CredentialsProviderError', 'Could not load credentials', /no AWS credentials/, /AWS_ACCESS_KEY_ID.*CREDS__AWS/],
    ['CredentialsProviderError', 'The SSO session has expired.', /sign-in to AWS has expired/, /aws sso login/],
    ['TokenProviderError', "Token is expired. Run 'aws sso login'", /sign-in to AWS has expired/, /aws sso login/],
    ['ExpiredToken', 'The security token has expired', /credentials have expired/, /aws sso login/],
    ['RequestExpired', 'Request has expired.', /credentials have expired/, /renew the keys/],
    ['InvalidClientTokenId', 'The security token is invalid.', /does not know the access key/, /AWS_ACCESS_KEY_ID/],
    ['UnrecognizedClientException', '', /does not know the access key/, /enabled in the account/],
    ['SignatureDoesNotMatch', rejected, /secret does not belong/, /AWS_SECRET_ACCESS_KEY/],
    ['SignatureDoesNotMatch', 'Signature expired: it is now earlier', /clock of this machine/, /Set the clock/],
    ['RequestTimeTooSkewed', '', /clock of this machine/, /Set the clock/],
  ])('%s: %s', (name, message, sentence, hint) => {
    const error = explained(awsError(name, message))
    expect(error.message).toMatch(sentence)
    expect(error.message).not.toContain('\n')
    expect(error.hint).toMatch(hint)
    expect(error.exitCode).toBe(2)
  })

  test('a profile that is not there is named, and one that has expired is named in the fix', () => {
    const missing = awsError(
      'CredentialsProviderError',
      'Could not resolve credentials using profile: [work] in configuration/credentials file(s).',
    )
    expect(explained(missing, { profile: 'work' }).message).toMatch(/profile work is not in the files/)
    expect(explained(awsError('ExpiredToken'), { profile: 'work' }).hint).toContain('aws sso login --profile work')
  })

  test('no key and no signature gets into a message', () => {
    const said = 'The Canonical String for this request should have been\nPOST\nx-amz-security-token:IQoJb3JpZ2luX2VjE'
    expect(JSON.stringify(explained(awsError('SignatureDoesNotMatch', said)))).not.toContain('IQoJ')
    const key = awsError('AccessDenied', 'The key AKIAIOSFODNN7EXAMPLE is not authorized to perform: s3:GetObject')
    expect(explained(key).message).not.toContain('AKIA')
  })
})

describe('a missing permission', () => {
  test('is named as AWS names it', async () => {
    const said =
      'User: arn:aws:iam::123456789012:user/a is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/dwhRole because no identity-based policy allows the iam:PassRole action'
    const error = explained(
      await answerTo({ service: 'redshift', operation: 'CreateCluster' }, awsError('AccessDenied', said)),
    )
    expect(error.message).toBe('Access denied: you need iam:PassRole (CreateCluster of redshift).')
    expect(error.hint).toContain('documentation/iam-policy.json')
  })

  test('is named by the call where AWS names nothing', async () => {
    const denied = awsError('AccessDenied', 'Access Denied')
    const error = explained(await answerTo({ service: 's3', operation: 'PutBucketEncryption' }, denied))
    expect(error.message).toContain('you need s3:PutEncryptionConfiguration')
    expect(error.hint).toContain('belongs to another account')
  })

  test('is named without the encoded text that EC2 adds', async () => {
    const said = `You are not authorized to perform this operation. User: a is not authorized to perform: ec2:CreateSecurityGroup. Encoded authorization failure message: ${'Jk3_'.repeat(75)}`
    const error = explained(
      await answerTo({ service: 'ec2', operation: 'CreateSecurityGroup' }, awsError('UnauthorizedOperation', said)),
    )
    expect(error.message).toContain('you need ec2:CreateSecurityGroup')
    expect(error.message).not.toContain('Jk3_')
  })
})

describe('what AWS refuses', () => {
  test.each([
    ['InsufficientClusterCapacityFault', '', /no free capacity/, /another DWH_NODE_TYPE/],
    ['InsufficientCapacityException', '', /no free capacity/, /Try again later/],
    ['NumberOfNodesQuotaExceededFault', 'Too many.', /so many clusters or nodes: Too many\./, /Service Quotas/],
    ['ServiceQuotaExceededException', 'Over it', /quota of the account is used up: Over it\./, /Service Quotas/],
    ['BucketAlreadyExists', '', /taken by somebody else/, /DWH_CLUSTER_IDENTIFIER/],
    ['InvalidVPCNetworkStateFault', 'x', /network does not fit/, /SUBNET_IDS/],
    ['ValidationException', 'not enough free IP addresses', /network does not fit/, /three of its subnets/],
    ['InvalidParameterValue', 'Invalid node type: dc2.large', /does not offer that node type/, /ra3\.large/],
    ['ConflictException', 'An operation is running.', /still busy/, /continues where it stopped/],
    ['Throttling', 'Rate exceeded', /accepts no more requests/, /Wait a minute/],
  ])('%s', async (name, said, sentence, hint) => {
    const error = explained(await answerTo({ service: 'redshift', operation: 'CreateCluster' }, awsError(name, said)))
    expect(error.message).toMatch(sentence)
    expect(error.hint).toMatch(hint)
    expect(error.exitCode).toBe(1)
  })

  test('and is not in the table is said in its words, with the call', async () => {
    const error = explained(
      await answerTo({ service: 'iam', operation: 'CreateRole' }, awsError('InvalidInput', 'Bad thing\nmore')),
    )
    expect(error.message).toBe('AWS rejected CreateRole of iam (InvalidInput): Bad thing.')
  })
})

test.each([
  ['ECONNREFUSED', /the connection is refused/],
  ['ENOTFOUND', /its name can't be resolved/],
  ['EHOSTUNREACH', /there is no route to it/],
])('a network that does not work: %s', (code, sentence) => {
  expect(explained(Object.assign(new Error('x'), { code })).message).toMatch(sentence)
})

test('what is explained already and what is a bug of ours stay as they are', async () => {
  const ours = refusal('No.', 'Yes.')
  expect(explain(ours, errorContext)).toBe(ours)
  const bug = new TypeError('undefined is not a function')
  expect(explain(bug, errorContext)).toBe(bug)
  await expect(explaining(errorContext, () => Promise.reject(bug))).rejects.toBe(bug)
})
