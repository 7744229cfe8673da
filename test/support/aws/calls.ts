import type { ServiceName } from './errors.ts'
import type { FaultKind } from './faults.ts'
import type { Params } from './params.ts'

/** One call the double has received, in order of arrival. */
export interface Call {
  /** 1 for the first. */
  number: number
  service: ServiceName
  action: string
  region: string
  /** What was asked, without passwords. */
  params: Params
  /** IAM actions the caller needs for it, the call's own first. */
  needs: readonly string[]
  accessKeyId: string | undefined
  /** Milliseconds since the double was started. */
  at: number
  /** HTTP status of the answer; 0 where none was sent. */
  status: number
  /** Code of the error it was answered with. */
  error: string | undefined
  /** The fault that hit it. */
  fault: FaultKind | undefined
}

/** Parameters as they may be shown: passwords are left out, at every depth. */
export function shownParams(params: Params): Params {
  const shown: Params = {}
  for (const [name, value] of Object.entries(params)) {
    if (/password$/i.test(name) && typeof value === 'string') shown[name] = '(not shown)'
    else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      shown[name] = shownParams(value as Params)
    else shown[name] = value
  }
  return shown
}
