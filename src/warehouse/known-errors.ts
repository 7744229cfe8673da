import { UserError } from '../errors.ts'

/** The connection broke off: whether the last statement, a commit maybe, took effect is not known. */
export class ConnectionLost extends UserError {
  constructor(cause: Error) {
    super(`The connection to the warehouse broke off (${cause.message}).`, {
      hint: 'Run this again: what was committed is not loaded twice.',
      cause,
    })
  }
}

/** Redshift could not take on the role that reads the source: also true for some seconds after the role was made. */
export class RoleNotAssumable extends UserError {
  constructor(cause: Error) {
    super(`Redshift may not use the role that reads the source: ${cause.message.split('\n')[0]}`, {
      hint: 'The role must trust redshift.amazonaws.com and redshift-serverless.amazonaws.com and be attached to the warehouse: run create-infrastructure.',
      cause,
    })
  }
}
