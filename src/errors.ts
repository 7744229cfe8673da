/**
 * 0: done. 1: failed, nothing half done. 2: refused or misused, nothing done. 3: done, but records are in quarantine.
 * 4: done, but something is left over.
 */
export const exitCodes = { done: 0, failed: 1, refused: 2, quarantined: 3, leftOver: 4 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** An error that a person can fix: a message that says what is wrong and where, and a hint that says how to fix it. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly hint: string
  readonly exitCode: ExitCode

  constructor(
    message: string,
    { hint, exitCode = exitCodes.failed, cause }: { hint: string; exitCode?: ExitCode; cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.hint = hint
    this.exitCode = exitCode
  }
}

/** For requests that can't be done as asked; nothing was done. Exit code 2. */
export function refusal(message: string, hint: string): UserError {
  return new UserError(message, { hint, exitCode: exitCodes.refused })
}

/** Something that one of our commands creates does not exist yet. Exit code 2. */
export class NotCreated extends UserError {
  constructor(message: string, hint: string) {
    super(message, { hint, exitCode: exitCodes.refused })
  }
}

/** The disk that holds `folder` is full. */
export function diskFull(folder: string, cause: unknown): UserError {
  return new UserError(`There is no room left on the disk of ${folder}. Nothing was changed.`, {
    hint: 'Free some space and run the command again.',
    cause,
  })
}

/** The process has as many files open as the system allows. */
export function tooManyOpenFiles(cause: unknown): UserError {
  return new UserError('Too many open files. Nothing was changed.', {
    hint: 'Raise the limit with `ulimit -n` and run the command again.',
    cause,
  })
}

/** The system error code (`ENOENT`, `EACCES` …) of a caught error, if it has one. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const networkProblems: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name can't be resolved",
  EAI_AGAIN: "its name can't be resolved",
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection broke off',
  EPIPE: 'the connection broke off',
  ETIMEDOUT: 'there is no answer',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
}

/** Why something can't be reached over the network, if that is what an error says: `the connection is refused`. */
export function networkProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const isTimeout = error.name === 'TimeoutError' || /timeout expired|due to connection timeout/.test(error.message)
  return networkProblems[isTimeout ? 'ETIMEDOUT' : (systemErrorCode(error) ?? '')]
}
