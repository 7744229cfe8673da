import { createHash } from 'node:crypto'
import { defaultNetwork, type NetworkKind } from './network.ts'
import type { Tag } from './params.ts'
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
  /** Reads of a new security group that answer InvalidGroup.NotFound. */
  groupVisible: number
  /** Polls (or refused deletes of its group) until the interface of a deleted cluster is released. */
  interfaceReleased: number
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
  /** Whether AWSServiceRoleForRedshift is there already. False: the first cluster makes it, which needs iam:CreateServiceLinkedRole. */
  serviceLinkedRole: boolean
  /** What a new cluster becomes: `available`, or one of the states it doesn't come out of, such as `incompatible-network`. */
  clusterOutcome: string
  /** AWS's documents say that a paused cluster can be deleted, users report InvalidClusterState. */
  pausedClusterCanBeDeleted: boolean
  /** What `/_checkip` answers, as checkip.amazonaws.com does. */
  callerAddress: string
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
  groupVisible: 0,
  interfaceReleased: 2,
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
  readonly routeTables = new Map<string, Type.RouteTable>()
  readonly internetGateways = new Map<string, Type.InternetGateway>()
  readonly securityGroups = new Map<string, Type.SecurityGroup>()
  readonly networkInterfaces = new Map<string, Type.NetworkInterface>()
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

/** Everything the double knows. Tests read it, and may change it behind the scripts' back. */
export class AwsState {
  readonly settings: Settings
  readonly roles = new Map<string, Type.Role>()
  readonly buckets = new Map<string, Bucket>()
  /** IAM actions the caller may not use; `s3:*` stands for a whole service. */
  readonly denied = new Set<string>()
  /** Secret texts that no output may contain: keys and passwords. */
  readonly canaries = new Set<string>()
  private readonly regions = new Map<string, Region>()
  private counter = 0

  constructor(settings: Settings) {
    this.settings = settings
    this.region(settings.region)
    if (settings.serviceLinkedRole) this.addServiceLinkedRole()
  }

  /** A Region, with the network of a new account the first time it is used. */
  region(name: string = this.settings.region): Region {
    let region = this.regions.get(name)
    if (region === undefined) {
      region = new Region(name)
      this.regions.set(name, region)
      defaultNetwork(this, region)
    }
    return region
  }

  /** All Regions in which something was asked for. */
  allRegions(): Region[] {
    return [...this.regions.values()]
  }

  /** A name no other thing has: the same in every run that makes the same calls. */
  hex(length: number): string {
    this.counter += 1
    return createHash('sha256').update(`thing ${this.counter}`).digest('hex').slice(0, length)
  }

  /** An id such as `sg-0123456789abcdef0`. */
  id(prefix: string): string {
    return `${prefix}-0${this.hex(16)}`
  }

  /** An id in the shape of a UUID. */
  uuid(): string {
    const hex = this.hex(32)
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  }

  arn(service: string, region: string, resource: string): string {
    return `arn:aws:${service}:${region}:${this.settings.account}:${resource}`
  }

  /** A password of the kind AWS generates. It is a canary: it must turn up in no output. */
  newPassword(): string {
    const password = `Pw1${this.hex(29)}`
    this.canaries.add(password)
    return password
  }

  /** A secret that Redshift keeps for an admin user; it lives as long as its owner. */
  addManagedSecret(region: Region, owner: string, username: string, tags: Tag[]): Type.Secret {
    const name = `redshift!${owner}-${username}`
    const secret: Type.Secret = {
      name,
      arn: this.arn('secretsmanager', region.name, `secret:${name}-${this.hex(6)}`),
      description: `Secret managed by Amazon Redshift for ${owner}`,
      owningService: 'redshift',
      secretString: JSON.stringify({ password: this.newPassword(), username }),
      createdAt: new Date(),
      tags: [{ key: 'aws:redshift:primaryResource', value: owner }, ...tags],
    }
    region.secrets.set(secret.arn, secret)
    return secret
  }

  /** AWSServiceRoleForRedshift, which every account that uses Redshift has and nobody pays for. */
  addServiceLinkedRole(): Type.Role {
    const name = 'AWSServiceRoleForRedshift'
    const existing = this.roles.get(name)
    if (existing !== undefined) return existing
    const path = '/aws-service-role/redshift.amazonaws.com/'
    const role: Type.Role = {
      name,
      path,
      arn: this.arn('iam', '', `role${path}${name}`),
      id: `AROA${this.hex(17).toUpperCase()}`,
      description: 'Allows Amazon Redshift to call AWS services on your behalf',
      createdAt: new Date(),
      trustPolicy:
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
      maxSessionDuration: 3600,
      inlinePolicies: new Map(),
      attachedPolicies: ['arn:aws:iam::aws:policy/aws-service-role/AmazonRedshiftServiceLinkedRolePolicy'],
      tags: [],
      readsUntilVisible: 0,
      usesUntilAssumable: 0,
    }
    this.roles.set(name, role)
    return role
  }

  /** The clusters of the home Region. */
  get clusters() {
    return this.region().clusters
  }
  get subnetGroups() {
    return this.region().subnetGroups
  }
  get snapshots() {
    return this.region().snapshots
  }
  get scheduledActions() {
    return this.region().scheduledActions
  }
  get namespaces() {
    return this.region().namespaces
  }
  get workgroups() {
    return this.region().workgroups
  }
  get usageLimits() {
    return this.region().usageLimits
  }
  get secrets() {
    return this.region().secrets
  }
  get securityGroups() {
    return this.region().securityGroups
  }
  get networkInterfaces() {
    return this.region().networkInterfaces
  }
  get vpcs() {
    return this.region().vpcs
  }
  get subnets() {
    return this.region().subnets
  }
}
