import type { Changing } from './lifecycle.ts'
import type { Tag } from './params.ts'

interface Tagged {
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
  inlinePolicies: Map<string, string>
  /** ARNs of managed policies. */
  attachedPolicies: string[]
  /** Reads that will still answer NoSuchEntity. */
  readsUntilVisible: number
  /** Uses by a service (COPY, a scheduled action) that will still be refused. */
  usesUntilAssumable: number
}

export interface Vpc {
  id: string
  cidr: string
  isDefault: boolean
}

export interface Subnet {
  id: string
  vpcId: string
  zone: string
  cidr: string
}

export interface Cluster extends Tagged, Changing {
  identifier: string
  arn: string
  status: string
  createdAt: Date
  nodeType: string
  clusterType: string
  numberOfNodes: number
  masterUsername: string
  dbName: string
  port: number
  /** Set once the cluster has been available: there is no address before. */
  hasEndpoint: boolean
  roles: { arn: string; status: 'adding' | 'in-sync' }[]
  defaultRoleArn: string | undefined
  publiclyAccessible: boolean
  enhancedVpcRouting: boolean
  subnetGroupName: string
  vpcId: string
  automatedSnapshotRetention: number
  manualSnapshotRetention: number
  secretArn: string | undefined
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
  kind: 'manual'
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

export interface Secret {
  name: string
  arn: string
  description: string
  /** The text of the secret: `{"username":…,"password":…}`. */
  secretString: string
}

export interface Namespace extends Tagged, Changing {
  name: string
  arn: string
  status: 'AVAILABLE' | 'MODIFYING' | 'DELETING'
  adminUsername: string
  dbName: string
  roles: string[]
  secretArn: string | undefined
  createdAt: Date
}

export interface Workgroup extends Tagged, Changing {
  name: string
  arn: string
  namespaceName: string
  status: 'CREATING' | 'AVAILABLE' | 'MODIFYING' | 'DELETING'
  baseCapacity: number
  maxCapacity: number | undefined
  publiclyAccessible: boolean
  enhancedVpcRouting: boolean
  vpcId: string
  subnetIds: string[]
  port: number
  hasEndpoint: boolean
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
