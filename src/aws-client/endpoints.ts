/** An answer that no service of AWS gives: the endpoint is something else. */
export class NotAws extends Error {
  override readonly name = 'NotAws'
}

interface Asked {
  readonly endpoint: string
  readonly hostname: string
  readonly method: string
}

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** True unless a host is one of AWS: AWS_ENDPOINT_URL or the AWS config file names another. */
export const isOwnEndpoint = (hostname: string) => !/(^|\.)(amazonaws\.com(\.cn)?|api\.aws)$/.test(hostname)

/** Services whose answers are XML; those of the others are JSON. */
const xmlServices = ['iam', 'redshift', 's3', 'sts']

/**
 * AWS, and whatever stands in for it, numbers its answers. One without a number that is a web page, or no XML where XML is expected, comes
 * from something else: a web server, a proxy, another service.
 *
 * @throws NotAws
 */
export function verifyAnswer(
  service: string,
  { endpoint, hostname, method }: Asked,
  { statusCode, headers }: Answer,
): void {
  const isNumbered = ['x-amzn-requestid', 'x-amz-request-id', 'x-amz-id-2'].some((name) => name in headers)
  // A load balancer of AWS may say in a web page that a service fails.
  const isBusy = statusCode >= 500 && !isOwnEndpoint(hostname)
  if (isNumbered || isBusy || method === 'HEAD') return
  const type = headers['content-type'] ?? ''
  const isError = statusCode >= 400
  const isOther = isError && !type.includes(xmlServices.includes(service) ? 'xml' : 'json')
  if (/^text\/html/.test(type)) throw notAws(endpoint, `a web page (status ${statusCode})`)
  if (isOther) throw notAws(endpoint, `status ${statusCode}${type === '' ? ' and nothing else' : ` and ${type}`}`)
}

/** What no answer of AWS to these calls lacks. They are the first that a command makes. */
const always: Readonly<Record<string, string>> = { GetCallerIdentity: 'Account', ListObjectsV2: 'Name' }

/** @throws NotAws if a successful answer lacks what every answer to this call has. */
export function verifyOutput(operation: string, output: Readonly<Record<string, unknown>>, endpoint = 'AWS'): void {
  const name = always[operation]
  if (name !== undefined && !output[name]) throw notAws(endpoint, `success, but without ${name}`)
}

const notAws = (endpoint: string, what: string) => new NotAws(`${endpoint} answers with ${what}`)
