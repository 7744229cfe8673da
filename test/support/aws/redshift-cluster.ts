import { AwsError } from './errors.ts'
import { verifyRoleArns } from './iam.ts'
import { begin, poll } from './lifecycle.ts'
import { attachInterface, defaultGroupOf, releaseInterfaces } from './network.ts'
import { flag, integer, type Params, required, tags, text, texts } from './params.ts'
import type { CallContext } from './protocols.ts'
import { clusterOf, describeCluster, refuseUnlessAvailable } from './redshift-shapes.ts'
import { addSnapshot } from './redshift-snapshots.ts'
import {
  placementOf,
  validateAdmin,
  validateGroups,
  validateIdentifier,
  validateNodes,
  validateRetention,
  validateSettings,
} from './redshift-validation.ts'
import type { AwsState, Region } from './state.ts'
import type { Cluster } from './types.ts'
import type { XmlValue } from './xml.ts'

/** Roles reach a cluster some polls after it is available. The cluster says available meanwhile. */
function attachRoles(cluster: Cluster, polls: number): void {
  if (cluster.roles.every(({ status }) => status === 'in-sync')) return
  const finish = () => {
    cluster.roles = cluster.roles
      .filter(({ status }) => status !== 'removing')
      .map(({ arn }) => ({ arn, status: 'in-sync' as const }))
  }
  if (polls < 0) finish()
  else begin(cluster, polls, finish)
}

export function createCluster(params: Params, context: CallContext): XmlValue {
  const { state, region } = context
  const { polls } = state.settings
  const identifier = required(params, 'ClusterIdentifier')
  validateIdentifier('ClusterIdentifier', identifier)
  const { clusterType, numberOfNodes } = validateNodes(params)
  const { managed, username } = validateAdmin(params)
  validateSettings(params)
  verifyRoleArns(texts(params, 'IamRoles'))
  if (region.clusters.has(identifier)) throw new AwsError('ClusterAlreadyExists', 'Cluster already exists')
  const placement = placementOf(region, params)
  const givenGroups = texts(params, 'VpcSecurityGroupIds')
  validateGroups(region, givenGroups, placement.vpcId)
  const subnet = region.subnets.get(placement.subnetIds[0] ?? '')
  const zone = text(params, 'AvailabilityZone')
  const zones = placement.subnetIds.map((id) => region.subnets.get(id)?.zone)
  if (zone !== undefined && !zones.includes(zone))
    throw new AwsError(
      'InvalidVPCNetworkStateFault',
      `Cluster subnet group ${placement.name} doesn't cover the AZ specified.`,
    )
  const version = text(params, 'ClusterVersion')
  if (version !== undefined && version !== '1.0')
    throw new AwsError('InvalidParameterCombination', `Cannot find Cluster version ${version}`)
  const defaultGroup = defaultGroupOf(region, placement.vpcId)?.id
  const groupIds = givenGroups.length > 0 ? givenGroups : defaultGroup === undefined ? [] : [defaultGroup]
  const clusterTags = tags(params, 'Tags')
  state.addServiceLinkedRole()
  const cluster: Cluster = {
    identifier,
    arn: state.arn('redshift', region.name, `cluster:${identifier}`),
    namespaceArn: state.arn('redshift', region.name, `namespace:${state.uuid()}`),
    status: 'creating',
    createdAt: new Date(),
    nodeType: required(params, 'NodeType'),
    clusterType,
    numberOfNodes,
    masterUsername: username,
    dbName: text(params, 'DBName') ?? 'dev',
    port: integer(params, 'Port') ?? 5439,
    hasEndpoint: false,
    roles: texts(params, 'IamRoles').map((arn) => ({ arn, status: 'adding' })),
    defaultRoleArn: text(params, 'DefaultIamRoleArn'),
    publiclyAccessible: flag(params, 'PubliclyAccessible') ?? false,
    enhancedVpcRouting: flag(params, 'EnhancedVpcRouting') ?? false,
    multiAz: flag(params, 'MultiAZ') ?? false,
    ipAddressType: text(params, 'IpAddressType') ?? 'ipv4',
    securityGroupIds: groupIds,
    subnetGroupName: placement.name,
    vpcId: placement.vpcId,
    zone: zone ?? subnet?.zone ?? `${region.name}a`,
    automatedSnapshotRetention: integer(params, 'AutomatedSnapshotRetentionPeriod') ?? 1,
    manualSnapshotRetention: integer(params, 'ManualSnapshotRetentionPeriod') ?? -1,
    maintenanceTrack: text(params, 'MaintenanceTrackName') ?? 'current',
    parameterGroup: text(params, 'ClusterParameterGroupName') ?? 'default.redshift-2.0',
    secretArn: managed ? state.addManagedSecret(region, identifier, username, clusterTags).arn : undefined,
    busyDeletes: 0,
    tags: clusterTags,
    pending: undefined,
  }
  region.clusters.set(identifier, cluster)
  attachInterface(state, region, cluster.arn, {
    subnetId: placement.subnetIds[0] ?? '',
    groupIds,
    isPublic: cluster.publiclyAccessible,
  })
  begin(cluster, polls.clusterAvailable, () => {
    cluster.status = state.settings.clusterOutcome
    if (cluster.status !== 'available') return
    cluster.hasEndpoint = true
    attachRoles(cluster, polls.rolesInSync - 1)
  })
  return { Cluster: describeCluster(cluster, context) }
}

export function modifyCluster(params: Params, context: CallContext): XmlValue {
  const { state, region } = context
  const cluster = clusterOf(params, region)
  validateSettings(params)
  refuseUnlessAvailable(
    cluster,
    `There is an operation running on the Cluster. Please try to modify it at a later time.`,
  )
  const groups = texts(params, 'VpcSecurityGroupIds')
  validateGroups(region, groups, cluster.vpcId)
  const managed = flag(params, 'ManageMasterPassword')
  if (managed === true && cluster.secretArn === undefined)
    cluster.secretArn = state.addManagedSecret(region, cluster.identifier, cluster.masterUsername, cluster.tags).arn
  if (managed === false && cluster.secretArn !== undefined) {
    region.secrets.delete(cluster.secretArn)
    cluster.secretArn = undefined
  }
  cluster.status = 'modifying'
  begin(cluster, state.settings.polls.clusterModified, () => {
    cluster.status = 'available'
    cluster.publiclyAccessible = flag(params, 'PubliclyAccessible') ?? cluster.publiclyAccessible
    cluster.enhancedVpcRouting = flag(params, 'EnhancedVpcRouting') ?? cluster.enhancedVpcRouting
    cluster.automatedSnapshotRetention =
      integer(params, 'AutomatedSnapshotRetentionPeriod') ?? cluster.automatedSnapshotRetention
    cluster.manualSnapshotRetention =
      integer(params, 'ManualSnapshotRetentionPeriod') ?? cluster.manualSnapshotRetention
    cluster.port = integer(params, 'Port') ?? cluster.port
    cluster.parameterGroup = text(params, 'ClusterParameterGroupName') ?? cluster.parameterGroup
    if (groups.length === 0) return
    cluster.securityGroupIds = groups
    for (const each of region.networkInterfaces.values()) if (each.owner === cluster.arn) each.groupIds = groups
  })
  return { Cluster: describeCluster(cluster, context) }
}

export function modifyClusterIamRoles(params: Params, context: CallContext): XmlValue {
  const cluster = clusterOf(params, context.region)
  const added = texts(params, 'AddIamRoles')
  const removed = texts(params, 'RemoveIamRoles')
  verifyRoleArns(added)
  if (cluster.pending !== undefined) {
    poll(cluster)
    // Seen by users even right after the cluster had become available, while its first roles were still being added.
    throw new AwsError('InvalidClusterState', 'There is an operation running on the Cluster. Please try again later.')
  }
  refuseUnlessAvailable(cluster, 'Cluster must be in available state to modify its IAM roles.')
  const defaultRole = text(params, 'DefaultIamRoleArn')
  const kept = cluster.roles.filter(({ arn }) => !added.includes(arn))
  cluster.roles = [
    ...kept.map(({ arn, status }) => ({ arn, status: removed.includes(arn) ? ('removing' as const) : status })),
    ...added.map((arn) => ({ arn, status: 'adding' as const })),
  ]
  if (defaultRole !== undefined && !cluster.roles.some(({ arn }) => arn === defaultRole))
    throw new AwsError('InvalidParameterValue', `Invalid default IAM Role ${defaultRole}.`)
  cluster.defaultRoleArn = defaultRole ?? cluster.defaultRoleArn
  attachRoles(cluster, context.state.settings.polls.rolesInSync)
  return { Cluster: describeCluster(cluster, context) }
}

export function deleteCluster(params: Params, context: CallContext): XmlValue {
  const { state, region } = context
  const cluster = clusterOf(params, region)
  const skip = flag(params, 'SkipFinalClusterSnapshot') ?? false
  const finalSnapshot = text(params, 'FinalClusterSnapshotIdentifier')
  if (!skip && finalSnapshot === undefined)
    throw new AwsError(
      'InvalidParameterCombination',
      'FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified.',
    )
  if (skip && finalSnapshot !== undefined)
    throw new AwsError(
      'InvalidParameterCombination',
      'FinalClusterSnapshotIdentifier cannot be specified when SkipFinalClusterSnapshot is specified.',
    )
  const retention = integer(params, 'FinalClusterSnapshotRetentionPeriod')
  validateRetention(retention)
  const running = 'There is an operation running on the Cluster. Please try to delete it at a later time.'
  if (cluster.busyDeletes > 0) {
    cluster.busyDeletes -= 1
    throw new AwsError('InvalidClusterState', running)
  }
  const isStuck = /^incompatible-|^hardware-failure$/.test(cluster.status)
  const pausedIsFine = cluster.status === 'paused' && state.settings.pausedClusterCanBeDeleted
  if (!isStuck && !pausedIsFine) refuseUnlessAvailable(cluster, running)
  if (finalSnapshot !== undefined) {
    validateIdentifier('FinalClusterSnapshotIdentifier', finalSnapshot)
    if (region.snapshots.has(finalSnapshot))
      throw new AwsError('ClusterSnapshotAlreadyExists', `Snapshot ${finalSnapshot} already exists.`)
  }
  const startDeleting = () => {
    cluster.status = 'deleting'
    begin(cluster, state.settings.polls.clusterDeleted, () => removeCluster(state, region, cluster))
  }
  if (finalSnapshot === undefined) startDeleting()
  else {
    cluster.status = 'final-snapshot'
    addSnapshot(context, cluster, finalSnapshot, retention ?? cluster.manualSnapshotRetention)
    begin(cluster, state.settings.polls.snapshotAvailable, startDeleting)
  }
  return { Cluster: describeCluster(cluster, context) }
}

/** What goes with a cluster: its managed secret, its automated snapshots and, later, its interface. Manual snapshots stay. */
function removeCluster(state: AwsState, region: Region, cluster: Cluster): void {
  region.clusters.delete(cluster.identifier)
  if (cluster.secretArn !== undefined) region.secrets.delete(cluster.secretArn)
  for (const snapshot of [...region.snapshots.values()])
    if (snapshot.source === cluster.identifier && snapshot.kind === 'automated')
      region.snapshots.delete(snapshot.identifier)
  releaseInterfaces(state, region, cluster.arn)
}

/** PauseCluster: only from available. AWS takes a snapshot on the way. */
export function pauseCluster(params: Params, context: CallContext): XmlValue {
  const cluster = clusterOf(params, context.region)
  refuseUnlessAvailable(cluster, `The cluster ${cluster.identifier} must be in available state to be paused.`)
  // Documented as a case that can't be paused; the words are not on record.
  if (cluster.automatedSnapshotRetention === 0)
    throw new AwsError('UnsupportedOperation', 'A cluster with automated snapshots turned off can not be paused.')
  cluster.status = 'pausing'
  begin(cluster, context.state.settings.polls.clusterPaused, () => {
    cluster.status = 'paused'
  })
  return { Cluster: describeCluster(cluster, context) }
}

export function resumeCluster(params: Params, context: CallContext): XmlValue {
  const cluster = clusterOf(params, context.region)
  if (cluster.status !== 'paused') {
    poll(cluster)
    throw new AwsError(
      'InvalidClusterState',
      `The cluster ${cluster.identifier} must be in paused state to be resumed.`,
    )
  }
  cluster.status = 'resuming'
  begin(cluster, context.state.settings.polls.clusterResumed, () => {
    cluster.status = 'available'
  })
  return { Cluster: describeCluster(cluster, context) }
}
