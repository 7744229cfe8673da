import { AwsError } from './errors.ts'
import { begin, poll } from './lifecycle.ts'
import { flag, integer, type Params, required, tagList, tags, text, texts } from './params.ts'
import { type CallContext, queryService } from './protocols.ts'
import { others } from './redshift-others.ts'
import { badRoles, placementOf, validateCluster, validateSnapshot } from './redshift-validation.ts'
import type { Region } from './state.ts'
import type { Cluster } from './types.ts'

/** The cluster of a call, or ClusterNotFound. */
function clusterOf(params: Params, region: Region): Cluster {
  const identifier = required(params, 'ClusterIdentifier')
  const cluster = region.clusters.get(identifier)
  if (cluster === undefined) throw new AwsError('ClusterNotFound', `Cluster ${identifier} not found.`, 404)
  return cluster
}

/** Refuses a change that doesn't fit the state. The refusal counts as a poll, so that a caller who only retries gets there too. */
function refuseUnless(fits: boolean, cluster: Cluster, message: string): void {
  if (fits) return
  poll(cluster)
  throw new AwsError('InvalidClusterState', message)
}
const running = (verb: string) =>
  `There is an operation running on the Cluster. Please try to ${verb} it at a later time.`

/** A cluster as DescribeClusters shows it. */
function describeCluster(cluster: Cluster, { state, region }: CallContext) {
  const { endpoint } = state.settings
  const host = `${cluster.identifier}.c0ffee12abcd.${region.name}.redshift.amazonaws.com`
  return {
    ClusterIdentifier: cluster.identifier,
    NodeType: cluster.nodeType,
    ClusterStatus: cluster.status,
    MasterUsername: cluster.masterUsername,
    DBName: cluster.dbName,
    Endpoint: cluster.hasEndpoint
      ? { Address: endpoint?.host ?? host, Port: endpoint?.port ?? cluster.port }
      : undefined,
    ClusterCreateTime: cluster.createdAt,
    ClusterSubnetGroupName: cluster.subnetGroupName,
    VpcId: cluster.vpcId,
    NumberOfNodes: cluster.numberOfNodes,
    PubliclyAccessible: cluster.publiclyAccessible,
    Encrypted: true,
    Tags: { Tag: tagList(cluster.tags) },
    IamRoles: {
      ClusterIamRole: cluster.roles.map(({ arn, status }) => ({ IamRoleArn: arn, ApplyStatus: status })),
    },
    DefaultIamRoleArn: cluster.defaultRoleArn,
    MasterPasswordSecretArn: cluster.secretArn,
  }
}

/** Roles reach a cluster some polls after it is available. The cluster says available meanwhile. */
function attachRoles(cluster: Cluster, polls: number): void {
  begin(cluster, polls, () => {
    cluster.roles = cluster.roles.map(({ arn }) => ({ arn, status: 'in-sync' }))
  })
}

function createCluster(params: Params, { state, region }: CallContext): Cluster {
  const { polls } = state.settings
  validateCluster(params)
  const identifier = required(params, 'ClusterIdentifier')
  if (region.clusters.has(identifier)) throw new AwsError('ClusterAlreadyExists', 'Cluster already exists')
  const { name: subnetGroupName, vpcId } = placementOf(region, params)
  const masterUsername = required(params, 'MasterUsername')
  state.addServiceLinkedRole()
  const cluster: Cluster = {
    ...{ identifier, masterUsername, subnetGroupName, vpcId },
    arn: state.arn('redshift', region.name, `cluster:${identifier}`),
    status: 'creating',
    createdAt: new Date(),
    nodeType: required(params, 'NodeType'),
    clusterType: required(params, 'ClusterType'),
    numberOfNodes: integer(params, 'NumberOfNodes') ?? 1,
    dbName: text(params, 'DBName') ?? 'dev',
    port: integer(params, 'Port') ?? 5439,
    hasEndpoint: false,
    roles: texts(params, 'IamRoles').map((arn) => ({ arn, status: 'adding' })),
    defaultRoleArn: text(params, 'DefaultIamRoleArn'),
    publiclyAccessible: flag(params, 'PubliclyAccessible') ?? false,
    enhancedVpcRouting: flag(params, 'EnhancedVpcRouting') ?? false,
    automatedSnapshotRetention: integer(params, 'AutomatedSnapshotRetentionPeriod') ?? 1,
    manualSnapshotRetention: integer(params, 'ManualSnapshotRetentionPeriod') ?? -1,
    secretArn: state.addManagedSecret(region, identifier, masterUsername),
    tags: tags(params, 'Tags'),
    pending: undefined,
  }
  region.clusters.set(identifier, cluster)
  begin(cluster, polls.clusterAvailable, () => {
    cluster.status = state.settings.clusterOutcome
    if (cluster.status !== 'available') return
    cluster.hasEndpoint = true
    attachRoles(cluster, polls.rolesInSync - 1)
  })
  return cluster
}

function modifyCluster(params: Params, { state, region }: CallContext): Cluster {
  const cluster = clusterOf(params, region)
  refuseUnless(cluster.status === 'available', cluster, running('modify'))
  const publiclyAccessible = flag(params, 'PubliclyAccessible') ?? cluster.publiclyAccessible
  cluster.status = 'modifying'
  begin(cluster, state.settings.polls.clusterModified, () => {
    Object.assign(cluster, { status: 'available', publiclyAccessible })
  })
  return cluster
}

function modifyClusterIamRoles(params: Params, { state, region }: CallContext): Cluster {
  const cluster = clusterOf(params, region)
  const added = texts(params, 'AddIamRoles')
  const defaultRole = text(params, 'DefaultIamRoleArn')
  // Refused to users even right after the cluster had become available, while its first roles were still being added.
  const isIdle = cluster.pending === undefined && cluster.status === 'available'
  refuseUnless(isIdle, cluster, 'There is an operation running on the Cluster. Please try again later.')
  const kept = cluster.roles.filter(({ arn }) => !added.includes(arn))
  const problem = badRoles([...kept.map(({ arn }) => arn), ...added], defaultRole)
  if (problem !== undefined) throw new AwsError('InvalidParameterValue', problem)
  cluster.roles = [...kept, ...added.map((arn) => ({ arn, status: 'adding' as const }))]
  cluster.defaultRoleArn = defaultRole ?? cluster.defaultRoleArn
  attachRoles(cluster, state.settings.polls.rolesInSync)
  return cluster
}

function deleteCluster(params: Params, { state, region }: CallContext): Cluster {
  const cluster = clusterOf(params, region)
  const skip = flag(params, 'SkipFinalClusterSnapshot') ?? false
  const identifier = text(params, 'FinalClusterSnapshotIdentifier')
  const retention = integer(params, 'FinalClusterSnapshotRetentionPeriod') ?? cluster.manualSnapshotRetention
  if (skip === (identifier !== undefined))
    throw new AwsError(
      'InvalidParameterCombination',
      'Either SkipFinalClusterSnapshot or FinalClusterSnapshotIdentifier must be specified.',
    )
  const isPausedAndFine = cluster.status === 'paused' && state.settings.pausedClusterCanBeDeleted
  const isDeletable = /^available$|^incompatible-|^hardware-failure$/.test(cluster.status) || isPausedAndFine
  refuseUnless(isDeletable, cluster, running('delete'))
  const startDeleting = () => {
    cluster.status = 'deleting'
    begin(cluster, state.settings.polls.clusterDeleted, () => removeCluster(region, cluster))
  }
  if (identifier === undefined) {
    startDeleting()
    return cluster
  }
  validateSnapshot(identifier, retention)
  if (region.snapshots.has(identifier))
    throw new AwsError('ClusterSnapshotAlreadyExists', `Snapshot ${identifier} already exists.`)
  cluster.status = 'final-snapshot'
  const arn = state.arn('redshift', region.name, `snapshot:${cluster.identifier}/${identifier}`)
  // No document says that a snapshot inherits the tags of its cluster: nobody should count on it.
  region.snapshots.set(identifier, {
    ...{ identifier, arn, retention, source: cluster.identifier, adminUsername: cluster.masterUsername },
    ...{ kind: 'manual', status: 'available', createdAt: new Date(), tags: [], pending: undefined },
  })
  begin(cluster, state.settings.polls.snapshotAvailable, startDeleting)
  return cluster
}

/** What goes with a cluster: its managed secret. Manual snapshots stay. */
function removeCluster(region: Region, cluster: Cluster): void {
  region.clusters.delete(cluster.identifier)
  if (cluster.secretArn !== undefined) region.secrets.delete(cluster.secretArn)
}

/** PauseCluster: only from available. AWS takes a snapshot on the way. */
function pauseCluster(params: Params, { state, region }: CallContext): Cluster {
  const cluster = clusterOf(params, region)
  const isAvailable = cluster.status === 'available'
  refuseUnless(isAvailable, cluster, `The cluster ${cluster.identifier} must be in available state to be paused.`)
  // Documented as a case that can't be paused; the words are not on record.
  if (cluster.automatedSnapshotRetention === 0)
    throw new AwsError('UnsupportedOperation', 'A cluster with automated snapshots turned off can not be paused.')
  cluster.status = 'pausing'
  begin(cluster, state.settings.polls.clusterPaused, () => {
    cluster.status = 'paused'
  })
  return cluster
}

function resumeCluster(params: Params, { state, region }: CallContext): Cluster {
  const cluster = clusterOf(params, region)
  const isPaused = cluster.status === 'paused'
  refuseUnless(isPaused, cluster, `The cluster ${cluster.identifier} must be in paused state to be resumed.`)
  cluster.status = 'resuming'
  begin(cluster, state.settings.polls.clusterResumed, () => {
    cluster.status = 'available'
  })
  return cluster
}

/** What answers with the cluster that it changes. */
const changes = { createCluster, modifyCluster, modifyClusterIamRoles, deleteCluster, pauseCluster, resumeCluster }

/** Redshift: clusters and what belongs to them. */
export const redshift = queryService('redshift', 'http://redshift.amazonaws.com/doc/2012-12-01/', {
  ...Object.fromEntries(
    Object.entries(changes).map(([name, change]) => [
      name.replace(/^./, (letter) => letter.toUpperCase()),
      (params: Params, context: CallContext) => ({ Cluster: describeCluster(change(params, context), context) }),
    ]),
  ),
  DescribeClusters(params, context) {
    poll(clusterOf(params, context.region))
    // The poll may have been the last one of a cluster that is going.
    return { Clusters: { Cluster: [describeCluster(clusterOf(params, context.region), context)] } }
  },
  ...others,
})
