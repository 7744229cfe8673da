import { statfsSync } from 'node:fs'
import type { AwsClients } from '../aws-client/clients.ts'
import type { Caller } from '../aws-client/sts.ts'
import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import type { SourceObject } from '../objects/object-store.ts'
import type { SourceName } from '../schema/index.ts'
import type { Endpoint } from '../warehouse/redshift-pg.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** What the checks touch beside the context. */
export interface DoctorEffects {
  /** The longest that one step on the way to the warehouse may take; ms. */
  readonly timeoutMs: number
  /** Bytes that are free for this user on the disk of a folder. */
  freeBytes(folder: string): number
}

export const defaultEffects: DoctorEffects = {
  timeoutMs: 5_000,
  freeBytes(folder) {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  },
}

/** What checks have found out for those after them. Whoever needs something names the check that finds it. */
export interface Discoveries {
  caller?: Caller
  objects: Partial<Record<SourceName, readonly SourceObject[]>>
  roleArn?: string
  listener?: Omit<Endpoint, 'password'> & { readonly secretArn?: string; readonly roleArns?: readonly string[] }
  password?: string
  warehouse?: Warehouse
}

/** All that a check works with. */
export interface Bench {
  readonly context: Context
  readonly clients: AwsClients
  readonly effects: DoctorEffects
  readonly found: Discoveries
}

/** One thing that can be wrong. Checks are kept in the order in which a person would look. */
export interface Check {
  readonly name: string
  /** Checks without which this one can't be made. */
  readonly needs: readonly string[]
  /**
   * Looks and answers with what is found, in a few words. Changes nothing.
   *
   * @throws UserError with cause and cure if something is wrong; NotKnown if it can't be said.
   */
  look(bench: Bench): Promise<string>
}

/** Thrown by a check that can't say: neither right nor wrong, and the checks that need it go on. */
export class NotKnown extends Error {
  readonly cure: string

  constructor(why: string, cure: string) {
    super(why)
    this.cure = cure
  }
}

export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'failed' | 'unknown' | 'not checked'
  /** What is found; the cause if it failed; why not, if it is not known or not checked. */
  readonly says: string
  /** What mends it; null where there is nothing to mend. */
  readonly cure: string | null
}

/** Makes every check that can be made, whatever failed before. */
export async function runChecks(checks: readonly Check[], bench: Bench): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const check of checks) {
    const obstacle = findings.find(({ check: name, state }) => check.needs.includes(name) && isObstacle(state))
    bench.context.log.progress(`checking ${check.name}`)
    findings.push(obstacle ? notChecked(check, obstacle) : await findingOf(check, bench))
  }
  return findings
}

const isObstacle = (state: Finding['state']) => state === 'failed' || state === 'not checked'

/** The reason that stands at the root: what was not checked itself names what failed. */
export function notChecked({ name }: Pick<Check, 'name'>, { check, state, says }: Finding): Finding {
  return { check: name, state: 'not checked', says: state === 'failed' ? `because ${check} failed` : says, cure: null }
}

async function findingOf({ name, look }: Check, bench: Bench): Promise<Finding> {
  const finding = (state: Finding['state'], says: string, cure: string | null): Finding => ({
    check: name,
    state,
    says,
    cure,
  })
  try {
    return finding('ok', await look(bench), null)
  } catch (error) {
    bench.context.signal.throwIfAborted()
    // A statement that failed has ended the transaction that only reads: the next check begins another one.
    await bench.found.warehouse?.disconnect()
    if (error instanceof NotKnown) return finding('unknown', error.message, error.cure)
    if (error instanceof UserError) return finding('failed', error.message, error.hint)
    // A bug of ours in one check must not hide what the others find.
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return finding('failed', `Nobody foresaw this: ${text}.`, 'It is a bug of ours; please report it with this line.')
  }
}

/** What an earlier check has found. */
export function discovered<Key extends keyof Discoveries>({ found }: Bench, key: Key): NonNullable<Discoveries[Key]> {
  const value = found[key]
  if (value === undefined || value === null)
    throw new Error(`${key} is needed by a check that does not name its finder`)
  return value
}
