import { createHash } from 'node:crypto'
import type { DataApi } from '../redshift/data-api.ts'
import { defaultNetwork, type NetworkKind } from './network.ts'
import type { Bucket } from './s3-bucket.ts'
import type * as Type from './types.ts'

/** How many polls each change takes, and how many reads or uses come too early. 0: at once. */
export interface Polls {
  clusterAvailable: number
  clusterModified: number
  clusterPaused: number
  clusterResumed: number
  clusterDeleted: number
  /** Polls of an available cluster until a role is `in-sync`. */
  rolesInSync: number
  snapshotAvailable: number
  /** Reads of a new role that answer NoSuchEntity. */
  roleVisible: number
  /** Uses of a new role by a service that are refused. */
  roleAssumable: number
  namespaceModified: number
  namespaceDeleted: number
  workgroupAvailable: number
  workgroupModified: number
  workgroupDeleted: number
}

/** What kind of AWS this is. */
export interface Settings {
  account: string
  region: string
  network: NetworkKind
  polls: Polls
  /** Where clusters and workgroups say they listen; by default AWS's own names. */
  endpoint: { host: string; port: number } | undefined
  /** The engine behind the Data API. */
  dataApi: DataApi | undefined
  /** Whether AWSServiceRoleForRedshift is there already. False: the first cluster makes it, which needs iam:CreateServiceLinkedRole. */
  serviceLinkedRole: boolean
  /** What a new cluster becomes: `available`, or one of the states it doesn't come out of, such as `incompatible-network`. */
  clusterOutcome: string
  /** AWS's documents say that a paused cluster can be deleted, users report InvalidClusterState. */
  pausedClusterCanBeDeleted: boolean
}

export const defaultPolls: Polls = {
  clusterAvailable: 2,
  clusterModified: 1,
  clusterPaused: 1,
  clusterResumed: 1,
  clusterDeleted: 2,
  rolesInSync: 1,
  snapshotAvailable: 1,
  roleVisible: 1,
  roleAssumable: 2,
  namespaceModified: 1,
  namespaceDeleted: 1,
  workgroupAvailable: 2,
  workgroupModified: 1,
  workgroupDeleted: 2,
}

/** What exists in one Region. */
export class Region {
  readonly name: string
  readonly vpcs = new Map<string, Type.Vpc>()
  readonly subnets = new Map<string, Type.Subnet>()
  readonly clusters = new Map<string, Type.Cluster>()
  readonly subnetGroups = new Map<string, Type.SubnetGroup>()
  readonly snapshots = new Map<string, Type.Snapshot>()
  readonly scheduledActions = new Map<string, Type.ScheduledAction>()
  readonly namespaces = new Map<string, Type.Namespace>()
  readonly workgroups = new Map<string, Type.Workgroup>()
  readonly usageLimits = new Map<string, Type.UsageLimit>()
  readonly serverlessSnapshots = new Map<string, Type.Snapshot>()
  readonly secrets = new Map<string, Type.Secret>()

  constructor(name: string) {
    this.name = name
  }
}

/** Everything the double knows: the home Region, the others and what belongs to none. Tests read it, and may change it behind the scripts' back. */
export class AwsState extends Region {
  readonly settings: Settings
  readonly roles = new Map<string, Type.Role>()
  readonly buckets = new Map<string, Bucket>()
  /** IAM actions the caller may not use; `s3:*` stands for a whole service. */
  readonly denied = new Set<string>()
  /** Secret texts that no output may contain: keys and passwords. */
  readonly canaries = new Set<string>()
  readonly #regions = new Map<string, Region>()
  #counter = 0

  constructor(settings: Settings) {
    super(settings.region)
    this.settings = settings
    this.#regions.set(settings.region, this)
    defaultNetwork(this, this)
    if (settings.serviceLinkedRole) this.addServiceLinkedRole()
  }

  /** A Region, with the network of a new account the first time it is used. */
  region(name: string = this.settings.region): Region {
    let region = this.#regions.get(name)
    if (region === undefined) {
      region = new Region(name)
      this.#regions.set(name, region)
      defaultNetwork(this, region)
    }
    return region
  }

  /** All Regions in which something was asked for. */
  allRegions(): Region[] {
    return [...this.#regions.values()]
  }

  /** A name no other thing has: the same in every run that makes the same calls. */
  hex(length: number): string {
    this.#counter += 1
    return createHash('sha256').update(`thing ${this.#counter}`).digest('hex').slice(0, length)
  }

  /** An id such as `vpc-0123456789abcdef0`. */
  id(prefix: string): string {
    return `${prefix}-0${this.hex(16)}`
  }

  arn(service: string, region: string, resource: string): string {
    return `arn:aws:${service}:${region}:${this.settings.account}:${resource}`
  }

  /** Whether the caller lacks the permission for an action. */
  isDenied(action: string): boolean {
    return this.denied.has(action) || this.denied.has(`${action.split(':')[0]}:*`)
  }

  /** A secret that Redshift keeps for an admin user; it lives as long as its owner. Its password is a canary: it must turn up in no output. */
  addManagedSecret(region: Region, owner: string, username: string): string {
    const name = `redshift!${owner}-${username}`
    const arn = this.arn('secretsmanager', region.name, `secret:${name}-${this.hex(6)}`)
    const password = `Pw1${this.hex(29)}`
    this.canaries.add(password)
    const description = `Secret managed by Amazon Redshift for ${owner}`
    region.secrets.set(arn, { name, arn, description, secretString: JSON.stringify({ password, username }) })
    return arn
  }

  addRole({ name, path, ...rest }: Pick<Type.Role, 'name' | 'path' | 'trustPolicy' | 'tags'>): Type.Role {
    const role: Type.Role = {
      ...{ name, path, ...rest },
      arn: this.arn('iam', '', `role${path}${name}`),
      id: `AROA${this.hex(17).toUpperCase()}`,
      description: '',
      createdAt: new Date(),
      inlinePolicies: new Map(),
      attachedPolicies: [],
      readsUntilVisible: 0,
      usesUntilAssumable: 0,
    }
    this.roles.set(name, role)
    return role
  }

  /** AWSServiceRoleForRedshift, which every account that uses Redshift has and nobody pays for. */
  addServiceLinkedRole(): void {
    const [name, path] = ['AWSServiceRoleForRedshift', '/aws-service-role/redshift.amazonaws.com/']
    const trustPolicy =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
    if (!this.roles.has(name)) this.addRole({ name, path, trustPolicy, tags: [] })
  }
}
