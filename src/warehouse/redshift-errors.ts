import { exitCodes, networkProblem, UserError } from '../errors.ts'
import { ConnectionLost, RoleNotAssumable } from './known-errors.ts'

interface KnownError {
  /** SQLSTATE, system error code, or a pattern in the message. */
  readonly matches: RegExp
  readonly message: string
  readonly hint: string
  readonly refused?: true
}

/** What to do where the endpoint can't be reached, by what is wrong. */
const networkHints: readonly [problem: RegExp, hint: string][] = [
  [/resolved/, 'Check HOST in [CLUSTER], or whether the warehouse still exists: npm run status.'],
  [/refused/, 'Check DB_PORT in [CLUSTER], and whether the cluster is running and not paused.'],
  [
    /no answer|no route/,
    'A private warehouse is reached from its own network, or through a tunnel. Its security group must allow the port. Without DB_PASSWORD, statements go by the Data API, which needs no open port.',
  ],
]

/** What other errors of a connection and of Redshift mean, most specific first. `{host}` and the like are filled in. */
const knownErrors: readonly KnownError[] = [
  {
    matches: /ERR_TLS_CERT_ALTNAME_INVALID|Hostname\/IP does not match/,
    message: 'The certificate of {host} is for another name.',
    hint: 'Use the host name that AWS gives the endpoint; someone else may be answering.',
  },
  {
    matches: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    message: 'The certificate of {host} has expired, or is not valid yet.',
    hint: 'Check the clock of this machine. If it is right, someone else may be answering.',
  },
  {
    matches: /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET)|DEPTH_ZERO_SELF_SIGNED|CERT_/,
    message: 'The certificate of {host} is not signed by a trusted authority.',
    hint: 'If a proxy of your company opens TLS, set CA_FILE in [WAREHOUSE] to its certificate. Otherwise someone else may be answering.',
  },
  {
    matches: /server does not support SSL/i,
    message: '{host}:{port} does not speak TLS.',
    hint: 'Check HOST and DB_PORT in [CLUSTER]: Redshift always does.',
  },
  {
    matches: /^28P01|password authentication failed/i,
    message: '{host} rejected the password of {user}.',
    hint: 'Check DB_USER and DB_PASSWORD in [CLUSTER]; leave them out to use the password that AWS manages.',
  },
  { matches: /^28000/, message: '{host} rejected user {user}: {text}', hint: 'Check DB_USER in [CLUSTER].' },
  {
    matches: /^3D000|database "?\S+"? does not exist/i,
    message: 'There is no database {database} at {host}.',
    hint: 'Check DB_NAME in [CLUSTER].',
  },
  {
    matches: /PermanentRedirect|bucket you are attempting to access must be addressed using the specified endpoint/i,
    message: 'The source is in another region than REGION says: {text}',
    hint: 'Set REGION in [AWS] to the region of the bucket.',
  },
  {
    matches: /S3 prefix .* does not exist|NoSuchKey|NoSuchBucket/i,
    message: 'An object of this load no longer exists: {text}. Nothing was loaded.',
    hint: 'Run etl again when the source is complete.',
  },
  {
    matches: /COPY with MANIFEST requires full path/i,
    message: "Redshift can't read an object of the source: {text}",
    hint: 'Most often the objects are encrypted with a key of AWS KMS that the role may not use: set KMS_KEY in [S3] to its ARN, then run create-infrastructure.',
  },
  {
    matches: /S3ServiceException|Access ?Denied/i,
    message: "Redshift can't read the source: {text}",
    hint: 'Its role needs s3:GetObject and s3:ListBucket on LOG_DATA and SONG_DATA: run create-infrastructure.',
  },
  {
    matches: /^42501|permission denied for/i,
    message: '{user} lacks a privilege: {text}',
    hint: 'Grant it, or connect as the owner of the tables.',
  },
  {
    matches: /^42P01|relation "?[\w.]+"? does not exist/i,
    message: 'The warehouse lacks a table: {text}',
    hint: 'Run create-tables first.',
    refused: true,
  },
  {
    matches: /^40001|^40P01|^1023\b|Serializable isolation violation|deadlock detected/i,
    message: 'Another session changed the same tables at the same time. Nothing was changed.',
    hint: 'Run the command again when it is done.',
  },
  {
    matches: /^57014|^Query cancelled|statement timeout/i,
    message: 'The statement was cancelled, or ran longer than the statement timeout. Nothing was changed.',
    hint: 'Run the command again, or raise STATEMENT_TIMEOUT in [WAREHOUSE].',
  },
  {
    matches: /^53100|disk full/i,
    message: 'The warehouse is full. Nothing was changed.',
    hint: 'Use more or larger nodes.',
  },
]

/** Explains an error of the connection or of Redshift. What is not known comes back as it is; a lost connection as `ConnectionLost`. */
export function explainedRedshiftError(
  error: unknown,
  place: { readonly host: string; readonly port: number; readonly database: string; readonly user: string },
): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error
  const code = 'code' in error ? String(error.code) : ''
  if (/ECONNRESET|EPIPE|Connection terminated unexpectedly|not queryable/.test(`${code} ${error.message}`))
    return new ConnectionLost(error)
  if (/not authorized to get credentials of role|not authorized to assume/i.test(error.message))
    return new RoleNotAssumable(error)
  const problem = networkProblem(error)
  const networkHint = networkHints.find(([pattern]) => problem && pattern.test(problem))?.[1]
  if (networkHint)
    return new UserError(`${place.host}:${place.port} can't be reached: ${problem}.`, {
      hint: networkHint,
      cause: error,
    })
  const known = knownErrors.find(({ matches }) => matches.test(code) || matches.test(error.message))
  if (!known) return error
  const values = { ...place, text: error.message.split('\n')[0] ?? '' }
  const fill = (text: string) =>
    text.replace(/\{(host|port|database|user|text)\}/g, (_, name: keyof typeof values) => String(values[name]))
  return new UserError(fill(known.message), {
    hint: known.hint,
    exitCode: known.refused ? exitCodes.refused : exitCodes.failed,
    cause: error,
  })
}
