import { AwsError } from './errors.ts'
import { poll } from './lifecycle.ts'
import { type Params, required, tagList } from './params.ts'
import type { CallContext } from './protocols.ts'
import type { Region } from './state.ts'
import type { Cluster } from './types.ts'
import type { XmlValue } from './xml.ts'

/** The cluster of a call, or ClusterNotFound. */
export function clusterOf(params: Params, region: Region): Cluster {
  const identifier = required(params, 'ClusterIdentifier')
  const cluster = region.clusters.get(identifier)
  if (cluster === undefined) throw new AwsError('ClusterNotFound', `Cluster ${identifier} not found.`, 404)
  return cluster
}

/** Refuses a change while another is under way. The refusal counts as a poll, so that a caller who only retries gets there too. */
export function refuseUnlessAvailable(cluster: Cluster, message: string): void {
  if (cluster.status === 'available') return
  poll(cluster)
  throw new AwsError('InvalidClusterState', message)
}

/** A cluster as DescribeClusters shows it. */
export function describeCluster(cluster: Cluster, { state, region }: CallContext): XmlValue {
  const { endpoint } = state.settings
  const interfaces = [...region.networkInterfaces.values()].filter(({ owner }) => owner === cluster.arn)
  return {
    ClusterIdentifier: cluster.identifier,
    NodeType: cluster.nodeType,
    ClusterStatus: cluster.status,
    ClusterAvailabilityStatus: availability(cluster),
    MasterUsername: cluster.masterUsername,
    DBName: cluster.dbName,
    Endpoint: cluster.hasEndpoint
      ? {
          Address: endpoint?.host ?? `${cluster.identifier}.c0ffee12abcd.${region.name}.redshift.amazonaws.com`,
          Port: endpoint?.port ?? cluster.port,
        }
      : undefined,
    ClusterCreateTime: cluster.createdAt,
    AutomatedSnapshotRetentionPeriod: cluster.automatedSnapshotRetention,
    ManualSnapshotRetentionPeriod: cluster.manualSnapshotRetention,
    ClusterSecurityGroups: {},
    VpcSecurityGroups: {
      VpcSecurityGroup: cluster.securityGroupIds.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    },
    ClusterParameterGroups: {
      ClusterParameterGroup: [{ ParameterGroupName: cluster.parameterGroup, ParameterApplyStatus: 'in-sync' }],
    },
    ClusterSubnetGroupName: cluster.subnetGroupName,
    VpcId: cluster.vpcId,
    AvailabilityZone: cluster.zone,
    PreferredMaintenanceWindow: 'sat:06:00-sat:06:30',
    PendingModifiedValues: {},
    ClusterVersion: '1.0',
    AllowVersionUpgrade: true,
    NumberOfNodes: cluster.numberOfNodes,
    PubliclyAccessible: cluster.publiclyAccessible,
    Encrypted: true,
    KmsKeyId: 'AWS_OWNED_KMS_KEY',
    EnhancedVpcRouting: cluster.enhancedVpcRouting,
    MaintenanceTrackName: cluster.maintenanceTrack,
    ClusterNodes: cluster.hasEndpoint
      ? {
          member: interfaces.slice(0, 1).map((each) => ({
            NodeRole: cluster.numberOfNodes === 1 ? 'SHARED' : 'LEADER',
            PrivateIPAddress: each.privateAddress,
            PublicIPAddress: each.publicAddress,
          })),
        }
      : {},
    Tags: { Tag: tagList(cluster.tags) },
    IamRoles: {
      ClusterIamRole: cluster.roles.map(({ arn, status }) => ({ IamRoleArn: arn, ApplyStatus: status })),
    },
    DefaultIamRoleArn: cluster.defaultRoleArn,
    ClusterNamespaceArn: cluster.namespaceArn,
    AvailabilityZoneRelocationStatus: 'disabled',
    MultiAZ: cluster.multiAz ? 'Enabled' : 'Disabled',
    IpAddressType: cluster.ipAddressType,
    MasterPasswordSecretArn: cluster.secretArn,
    MasterPasswordSecretKmsKeyId: cluster.secretArn === undefined ? undefined : 'alias/aws/secretsmanager',
  }
}

function availability({ status }: Cluster): string {
  if (status === 'available') return 'Available'
  if (status === 'paused') return 'Unavailable'
  return 'Modifying'
}
