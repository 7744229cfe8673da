/** 0 done; 1 failed, nothing half-done; 2 refused or misused, nothing done; 3 done, but records are in quarantine; 4 done, but something is left over. */
export const exitCodes = { done: 0, failed: 1, refused: 2, quarantined: 3, leftOver: 4 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** An error a person can do something about: a sentence that says what is wrong and where, and a hint that says how to mend it. */
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

/** The person asked for something that can't be done as asked; nothing was done. Exit code 2. */
export function refusal(message: string, hint: string): UserError {
  return new UserError(message, { hint, exitCode: exitCodes.refused })
}

/** The system's error code (`ENOENT`, `EACCES` …) of something caught, if it has one. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
