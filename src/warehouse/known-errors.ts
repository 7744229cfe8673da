import { UserError } from '../errors.ts'

/** The connection was lost, so it is not known whether the last statement, maybe a commit, took effect. */
export class ConnectionLost extends UserError {
  constructor(cause: Error) {
    super(`The connection to the warehouse was lost (${cause.message}).`, {
      hint: 'Run the command again: what was committed is not loaded twice.',
      cause,
    })
  }
}

/** Redshift could not assume the role that reads the source. This also happens for some seconds after the role is created. */
export class RoleNotAssumable extends UserError {
  constructor(cause: Error) {
    super(`Redshift may not use the role that reads the source: ${cause.message.split('\n')[0]}`, {
      hint: 'The role must trust redshift.amazonaws.com and redshift-serverless.amazonaws.com and be attached to the warehouse: run create-infrastructure.',
      cause,
    })
  }
}
