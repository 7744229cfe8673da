import type { AwsClients } from '../aws-client/clients.ts'
import type { Caller } from '../aws-client/iam.ts'
import type { Context } from '../context.ts'
import { NotCreated, UserError } from '../errors.ts'
import type { SourceObject } from '../objects/object-store.ts'
import type { SourceName } from '../schema/index.ts'
import type { Endpoint } from '../warehouse/redshift-pg.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** What checks found for later ones. A check that needs something names the check that finds it. */
interface Discoveries {
  caller?: Caller
  objects: Partial<Record<SourceName, readonly SourceObject[]>>
  roleArn?: string
  listener?: Omit<Endpoint, 'password'> & { readonly roleArns?: readonly string[] }
  warehouse?: Warehouse
  /** True if create-infrastructure has not created the warehouse yet. */
  isWarehouseAbsent?: boolean
}

/** Everything that a check works with. */
export interface DoctorContext {
  readonly context: Context
  readonly clients: AwsClients
  /** Bytes that this user can still write on the disk of a folder. */
  freeBytes(folder: string): number
  readonly found: Discoveries
}

/** One thing that can be wrong. */
export interface DoctorCheck {
  readonly name: string
  /** Checks that must not have failed. */
  readonly needs: readonly string[]
  /**
   * Answers with what it found, in a few words. Changes nothing.
   *
   * @throws UserError with cause and fix if something is wrong; Undetermined if that can't be found out.
   */
  look(doctor: DoctorContext): Promise<string>
}

/** Thrown by a check that can't tell whether something is wrong. Checks that need it run all the same. */
export class Undetermined extends UserError {
  constructor(why: string, hint: string) {
    super(why, { hint })
  }
}

export interface Finding {
  readonly check: string
  /** `absent` means that it is not created yet. That isn't a failure. */
  readonly state: 'ok' | 'failed' | 'absent' | 'unknown' | 'skipped'
  /** What was found; the cause, if it failed; the reason, if it is unknown or skipped. */
  readonly message: string
  /** How to fix it; null if there is nothing to fix. */
  readonly fix: string | null
}

/** Runs all checks; those that depend on one that failed, or on something that is not created yet, are skipped. */
export async function runChecks(checks: readonly DoctorCheck[], doctor: DoctorContext): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const check of checks) {
    const obstacle = findings.find(
      ({ check: name, state }) => check.needs.includes(name) && ['failed', 'absent', 'skipped'].includes(state),
    )
    doctor.context.log.progress(`checking ${check.name}`)
    findings.push(obstacle ? skipped(check, obstacle) : await findingOf(check, doctor))
  }
  return findings
}

/** The finding for a check that is skipped. Names the check that failed, not one that was skipped itself. */
export function skipped({ name }: Pick<DoctorCheck, 'name'>, { check, state, message }: Finding): Finding {
  const reasons = { failed: `because ${check} failed`, absent: 'not created yet' }
  return { check: name, state: 'skipped', message: reasons[state as keyof typeof reasons] ?? message, fix: null }
}

async function findingOf({ name: check, look }: DoctorCheck, doctor: DoctorContext): Promise<Finding> {
  try {
    return { check, state: 'ok', message: await look(doctor), fix: null }
  } catch (error) {
    doctor.context.signal.throwIfAborted()
    // A failed statement ends the read-only transaction; the next check begins another one.
    await doctor.found.warehouse?.disconnect()
    if (error instanceof Undetermined) return { check, state: 'unknown', message: error.message, fix: error.hint }
    if (error instanceof NotCreated) return { check, state: 'absent', message: error.message, fix: error.hint }
    if (error instanceof UserError) return { check, state: 'failed', message: error.message, fix: error.hint }
    // A bug in one check must not hide what the others find.
    const fix = 'This is a bug in this program. Please report it with this line.'
    return { check, state: 'failed', message: `Unexpected error: ${error}.`, fix }
  }
}

/** What an earlier check found. */
export function discovered<Key extends keyof Discoveries>(
  { found }: DoctorContext,
  key: Key,
): NonNullable<Discoveries[Key]> {
  const value = found[key]
  if (value === undefined) throw new Error(`${key} is needed by a check that does not name its finder`)
  return value
}
