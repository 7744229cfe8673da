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
