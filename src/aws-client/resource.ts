import type { AwsClients } from './clients.ts'
import type { Account, ResourceNames } from './names.ts'
import type { PollOptions } from './poll.ts'
import type { Price } from './prices.ts'
import type { InfrastructureSettings } from './settings.ts'

/** The kinds of resources. */
export type Kind =
  | 'role'
  | 'pause role'
  | 'control bucket'
  | 'subnet group'
  | 'cluster'
  | 'scheduled pause'
  | 'namespace'
  | 'workgroup'
  | 'usage limit'

/** Ids of the resources before this one in the list: what it is created with. */
export type ResourceIds = Readonly<Partial<Record<Kind, string>>>

/** Something that is not as the settings say. `fix` changes it; without `fix`, only deleting and creating the resource again would. */
export interface Difference {
  readonly what: string
  readonly fix?: () => Promise<void>
}

/** A resource as it exists in AWS. */
export interface Existing {
  /** ARN or id, whichever later resources need. */
  readonly id: string
  readonly isOurs: boolean
  /** The deployment that its tag names. */
  readonly owner?: string | undefined
  /** The status that AWS reports, if it has one: `available`, `paused`. */
  readonly status?: string | undefined
  readonly since?: Date | undefined
  /** True while AWS is deleting it. */
  readonly isDeleting?: boolean
  readonly differences: readonly Difference[]
  /** What it costs, if that differs from what the settings would cost. */
  readonly price?: Price
}

/**
 * A resource that create-infrastructure creates and destroy-infrastructure removes. Every function may be called at any time, repeatedly:
 * whatever was interrupted before, `find`, `create` or `fix`, `put` and `waitUntilReady` lead to the resource as the settings say.
 */
export interface Resource {
  readonly kind: Kind
  readonly name: string
  /** A sentence: what it is for. */
  readonly purpose: string
  readonly price: Price
  find(ids: ResourceIds): Promise<Existing | undefined>
  /** Creates it, or asks AWS to begin. Tags go with the same call, so that everything of ours always has them. */
  create(ids: ResourceIds): Promise<void>
  /** Puts policies and the settings of a bucket. Runs every time, because putting the same ones again changes nothing. */
  put?(): Promise<void>
  /** Waits until it is ready. What takes no time has none. */
  waitUntilReady?(ids: ResourceIds): Promise<void>
  /** Removes it and waits until it is gone. Only called for what is ours. */
  destroy(found: Existing): Promise<void>
}

/** Everything that the infrastructure steps and the resources work with. */
export interface AwsContext {
  readonly settings: InfrastructureSettings
  readonly account: Account
  readonly names: ResourceNames
  readonly clients: AwsClients
  readonly poll: PollOptions
  /** Called with one line for each thing that was done. */
  log(line: string): void
  readonly ttlHours?: number | undefined
  readonly finalSnapshot?: { readonly name: string; readonly retentionDays: number } | undefined
}

/** The id of a resource earlier in the list. */
export function required(ids: ResourceIds, kind: Kind): string {
  const id = ids[kind]
  if (id === undefined) throw new Error(`The ${kind} is needed and not known.`)
  return id
}
