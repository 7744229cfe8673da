import type { Changing } from './lifecycle.ts'
import type { Tag } from './params.ts'

/** Something with tags, as everything here has. */
export interface Tagged {
  tags: Tag[]
}

export interface Role extends Tagged {
  name: string
  arn: string
  id: string
  path: string
  description: string
  createdAt: Date
  trustPolicy: string
  maxSessionDuration: number
  inlinePolicies: Map<string, string>
  /** ARNs of managed policies. */
  attachedPolicies: string[]
  /** Reads that will still answer NoSuchEntity. */
  readsUntilVisible: number
  /** Uses by a service (COPY, a scheduled action) that will still be refused. */
  usesUntilAssumable: number
}

export interface Vpc extends Tagged {
  id: string
  cidr: string
  isDefault: boolean
  dnsHostnames: boolean
}

export interface Subnet extends Tagged {
  id: string
  vpcId: string
  zone: string
  cidr: string
  freeAddresses: number
  defaultForZone: boolean
}

export interface RouteTable extends Tagged {
  id: string
  vpcId: string
  main: boolean
  subnetIds: string[]
  /** Destination to target; `local`, `igw-…`. */
  routes: { destination: string; target: string }[]
}

export interface InternetGateway extends Tagged {
  id: string
  vpcId: string
}

export interface SecurityGroupRule extends Tagged {
  id: string
  egress: boolean
  protocol: string
  fromPort: number
  toPort: number
  cidr: string | undefined
  cidr6: string | undefined
  groupId: string | undefined
  description: string | undefined
}

export interface SecurityGroup extends Tagged {
  id: string
  name: string
  description: string
  vpcId: string
  rules: SecurityGroupRule[]
  readsUntilVisible: number
}

/** An interface that Redshift put into the caller's VPC. It goes some polls after its owner has gone. */
export interface NetworkInterface extends Tagged, Changing {
  id: string
  subnetId: string
  vpcId: string
  zone: string
  groupIds: string[]
  description: string
  privateAddress: string
  publicAddress: string | undefined
  /** The cluster or workgroup it serves. */
  owner: string
}

export interface Cluster extends Tagged, Changing {
  identifier: string
  arn: string
  namespaceArn: string
  status: string
  createdAt: Date
  nodeType: string
  clusterType: 'single-node' | 'multi-node'
  numberOfNodes: number
  masterUsername: string
  dbName: string
  port: number
  /** Set once the cluster has been available: there is no address before. */
  hasEndpoint: boolean
  roles: { arn: string; status: 'adding' | 'in-sync' | 'removing' }[]
  defaultRoleArn: string | undefined
  publiclyAccessible: boolean
  enhancedVpcRouting: boolean
  multiAz: boolean
  ipAddressType: string
  securityGroupIds: string[]
  subnetGroupName: string
  vpcId: string
  zone: string
  automatedSnapshotRetention: number
  manualSnapshotRetention: number
  maintenanceTrack: string
  parameterGroup: string
  secretArn: string | undefined
  /** Refused deletes although the status says available: a snapshot has just been taken. */
  busyDeletes: number
}

export interface SubnetGroup extends Tagged {
  name: string
  description: string
  vpcId: string
  subnetIds: string[]
}

export interface Snapshot extends Tagged, Changing {
  identifier: string
  arn: string
  /** Cluster or namespace. */
  source: string
  kind: 'manual' | 'automated'
  status: string
  createdAt: Date
  retention: number
  adminUsername: string
}

export interface ScheduledAction {
  name: string
  schedule: string
  roleArn: string
  description: string | undefined
  enabled: boolean
  /** `{ PauseCluster: { ClusterIdentifier } }` and its siblings. */
  target: Record<string, Record<string, string>>
}

export interface Secret extends Tagged {
  name: string
  arn: string
  description: string
  /** The service that owns it; its secrets vanish with the resource. */
  owningService: string
  /** The text of the secret: `{"username":…,"password":…}`. */
  secretString: string
  createdAt: Date
}

export interface Namespace extends Tagged, Changing {
  name: string
  id: string
  arn: string
  status: 'AVAILABLE' | 'MODIFYING' | 'DELETING'
  adminUsername: string
  dbName: string
  roles: string[]
  defaultRoleArn: string | undefined
  secretArn: string | undefined
  createdAt: Date
}

export interface Workgroup extends Tagged, Changing {
  name: string
  id: string
  arn: string
  namespaceName: string
  status: 'CREATING' | 'AVAILABLE' | 'MODIFYING' | 'DELETING'
  baseCapacity: number
  maxCapacity: number | undefined
  publiclyAccessible: boolean
  enhancedVpcRouting: boolean
  securityGroupIds: string[]
  subnetIds: string[]
  port: number
  hasEndpoint: boolean
  parameters: { parameterKey: string; parameterValue: string }[]
  createdAt: Date
}

export interface UsageLimit {
  id: string
  arn: string
  resourceArn: string
  usageType: string
  amount: number
  period: string
  breachAction: string
}
