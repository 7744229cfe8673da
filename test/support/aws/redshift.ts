import { AwsError } from './errors.ts'
import { poll } from './lifecycle.ts'
import { integer, type Params, page, required, type Tag, tagList, tags, text, texts, withTags } from './params.ts'
import { type CallContext, queryService } from './protocols.ts'
import {
  createCluster,
  deleteCluster,
  modifyCluster,
  modifyClusterIamRoles,
  pauseCluster,
  resumeCluster,
} from './redshift-cluster.ts'
import {
  createScheduledAction,
  deleteScheduledAction,
  describeScheduledActions,
  modifyScheduledAction,
} from './redshift-schedules.ts'
import { clusterOf, describeCluster } from './redshift-shapes.ts'
import { createClusterSnapshot, deleteClusterSnapshot, describeClusterSnapshots } from './redshift-snapshots.ts'
import { nodeTypes } from './redshift-validation.ts'
import type { Region } from './state.ts'
import type { SubnetGroup, Tagged } from './types.ts'
import type { XmlValue } from './xml.ts'

/** Whether a thing has one of the tag keys and one of the values a describe asks for. */
function hasTags(params: Params, list: readonly Tag[]): boolean {
  const keys = texts(params, 'TagKeys')
  const values = texts(params, 'TagValues')
  return (
    (keys.length === 0 || list.some(({ key }) => keys.includes(key))) &&
    (values.length === 0 || list.some(({ value }) => values.includes(value)))
  )
}

function describeClusters(params: Params, context: CallContext): XmlValue {
  const { region } = context
  const named = text(params, 'ClusterIdentifier')
  for (const cluster of [...region.clusters.values()])
    if (named === undefined || cluster.identifier === named) poll(cluster)
  const found = named === undefined ? [...region.clusters.values()] : [clusterOf(params, region)]
  const matching = found.filter((cluster) => hasTags(params, cluster.tags))
  const { items, next } = page(matching, integer(params, 'MaxRecords') ?? 100, text(params, 'Marker'))
  return { Clusters: { Cluster: items.map((cluster) => describeCluster(cluster, context)) }, Marker: next }
}

function describeSubnetGroup(group: SubnetGroup, region: Region): XmlValue {
  return {
    ClusterSubnetGroupName: group.name,
    Description: group.description,
    VpcId: group.vpcId,
    SubnetGroupStatus: 'Complete',
    Subnets: {
      Subnet: group.subnetIds.map((id) => ({
        SubnetIdentifier: id,
        SubnetAvailabilityZone: { Name: region.subnets.get(id)?.zone },
        SubnetStatus: 'Active',
      })),
    },
    Tags: { Tag: tagList(group.tags) },
  }
}

function subnetGroupOf(params: Params, region: Region): SubnetGroup {
  const name = required(params, 'ClusterSubnetGroupName')
  const group = region.subnetGroups.get(name)
  if (group === undefined)
    throw new AwsError('ClusterSubnetGroupNotFoundFault', `The Cluster subnet group '${name}' doesn't exist.`)
  return group
}

function createSubnetGroup(params: Params, { region }: CallContext): XmlValue {
  const name = required(params, 'ClusterSubnetGroupName').toLowerCase()
  const subnetIds = texts(params, 'SubnetIds')
  if (name === 'default' || !/^[a-z0-9._-]{1,255}$/.test(name))
    throw new AwsError('InvalidParameterValue', `The parameter ClusterSubnetGroupName is not valid: ${name}`)
  if (region.subnetGroups.has(name))
    throw new AwsError('ClusterSubnetGroupAlreadyExists', `The Cluster subnet group '${name}' already exists.`)
  const vpcIds = new Set(subnetIds.map((id) => region.subnets.get(id)?.vpcId))
  const [vpcId] = vpcIds
  if (subnetIds.length === 0 || vpcIds.size !== 1 || vpcId === undefined)
    throw new AwsError('InvalidSubnet', 'Some input subnets are invalid or not all of them are in the same VPC.')
  const group = { name, description: required(params, 'Description'), vpcId, subnetIds, tags: tags(params, 'Tags') }
  region.subnetGroups.set(name, group)
  return { ClusterSubnetGroup: describeSubnetGroup(group, region) }
}

function deleteSubnetGroup(params: Params, { region }: CallContext): XmlValue {
  const group = subnetGroupOf(params, region)
  const users = [...region.clusters.values()].filter(({ subnetGroupName }) => subnetGroupName === group.name)
  // A refused delete counts as a poll of what is in the way.
  for (const cluster of users) if (cluster.status === 'deleting') poll(cluster)
  if (users.some(({ identifier }) => region.clusters.has(identifier)))
    throw new AwsError(
      'InvalidClusterSubnetGroupStateFault',
      `Cannot delete the subnet group '${group.name}' because at least one cluster is still using it.`,
    )
  region.subnetGroups.delete(group.name)
  return {}
}

function describeOrderableClusterOptions(params: Params, { region }: CallContext): XmlValue {
  const named = text(params, 'NodeType')
  const zones = ['a', 'b', 'c'].map((letter) => ({
    Name: region.name + letter,
    SupportedPlatforms: { SupportedPlatform: [{ Name: 'VPC' }] },
  }))
  const options = Object.entries(nodeTypes)
    .filter(([name]) => named === undefined || name === named)
    .flatMap(([name, { single }]) =>
      (single ? ['single-node', 'multi-node'] : ['multi-node']).map((clusterType) => ({
        ClusterVersion: '1.0',
        ClusterType: clusterType,
        NodeType: name,
        AvailabilityZones: { AvailabilityZone: zones },
      })),
    )
  const { items, next } = page(options, integer(params, 'MaxRecords') ?? 100, text(params, 'Marker'))
  return { OrderableClusterOptions: { OrderableClusterOption: items }, Marker: next }
}

/** Everything of Redshift that has tags, by its ARN. */
function taggedThings({ state, region }: CallContext): { arn: string; type: string; thing: Tagged }[] {
  return [
    ...[...region.clusters.values()].map((thing) => ({ arn: thing.arn, type: 'cluster', thing })),
    ...[...region.snapshots.values()].map((thing) => ({ arn: thing.arn, type: 'snapshot', thing })),
    ...[...region.subnetGroups.values()].map((thing) => ({
      arn: state.arn('redshift', region.name, `subnetgroup:${thing.name}`),
      type: 'subnetgroup',
      thing,
    })),
  ]
}

function thingByArn(params: Params, context: CallContext): Tagged {
  const arn = required(params, 'ResourceName')
  const found = taggedThings(context).find((each) => each.arn === arn)
  if (found === undefined) throw new AwsError('ResourceNotFoundFault', `The resource ${arn} could not be found.`, 404)
  return found.thing
}

function describeTags(params: Params, context: CallContext): XmlValue {
  const arn = text(params, 'ResourceName')
  const type = text(params, 'ResourceType')
  if (arn !== undefined && type !== undefined)
    throw new AwsError('InvalidParameterCombination', 'ResourceName and ResourceType cannot be specified together.')
  if (arn !== undefined) thingByArn(params, context)
  const found = taggedThings(context)
    .filter((each) => (arn === undefined || each.arn === arn) && (type === undefined || each.type === type))
    .flatMap((each) =>
      each.thing.tags
        .filter((tag) => hasTags(params, [tag]))
        .map((tag) => ({ Tag: { Key: tag.key, Value: tag.value }, ResourceName: each.arn, ResourceType: each.type })),
    )
  const { items, next } = page(found, integer(params, 'MaxRecords') ?? 100, text(params, 'Marker'))
  return { TaggedResources: { TaggedResource: items }, Marker: next }
}

/** Temporary credentials of a cluster. The password is a canary like any other. */
function credentials(params: Params, { state, region }: CallContext, user: string): XmlValue {
  clusterOf(params, region)
  const duration = integer(params, 'DurationSeconds') ?? 900
  if (duration < 900 || duration > 3600)
    throw new AwsError('InvalidParameterValue', 'DurationSeconds must be between 900 and 3600.')
  return { DbUser: user, DbPassword: state.newPassword(), Expiration: new Date(Date.now() + duration * 1000) }
}

/** Redshift: clusters and what belongs to them. */
export const redshift = queryService('redshift', 'http://redshift.amazonaws.com/doc/2012-12-01/', {
  CreateCluster: createCluster,
  DescribeClusters: describeClusters,
  ModifyCluster: modifyCluster,
  ModifyClusterIamRoles: modifyClusterIamRoles,
  DeleteCluster: deleteCluster,
  PauseCluster: pauseCluster,
  ResumeCluster: resumeCluster,
  CreateClusterSubnetGroup: createSubnetGroup,
  DeleteClusterSubnetGroup: deleteSubnetGroup,
  DescribeClusterSubnetGroups(params, { region }) {
    const groups =
      text(params, 'ClusterSubnetGroupName') === undefined
        ? [...region.subnetGroups.values()]
        : [subnetGroupOf(params, region)]
    const matching = groups.filter((group) => hasTags(params, group.tags))
    const { items, next } = page(matching, integer(params, 'MaxRecords') ?? 100, text(params, 'Marker'))
    return {
      ClusterSubnetGroups: { ClusterSubnetGroup: items.map((group) => describeSubnetGroup(group, region)) },
      Marker: next,
    }
  },
  DescribeOrderableClusterOptions: describeOrderableClusterOptions,
  CreateTags(params, context) {
    const thing = thingByArn(params, context)
    thing.tags = withTags(thing.tags, tags(params, 'Tags'))
    return {}
  },
  DeleteTags(params, context) {
    const thing = thingByArn(params, context)
    const keys = texts(params, 'TagKeys')
    thing.tags = thing.tags.filter(({ key }) => !keys.includes(key))
    return {}
  },
  DescribeTags: describeTags,
  CreateClusterSnapshot: createClusterSnapshot,
  DescribeClusterSnapshots: describeClusterSnapshots,
  DeleteClusterSnapshot: deleteClusterSnapshot,
  CreateScheduledAction: createScheduledAction,
  ModifyScheduledAction: modifyScheduledAction,
  DescribeScheduledActions: describeScheduledActions,
  DeleteScheduledAction: deleteScheduledAction,
  GetClusterCredentials(params, context) {
    const prefix = text(params, 'AutoCreate') === 'true' ? 'IAMA' : 'IAM'
    return credentials(params, context, `${prefix}:${required(params, 'DbUser')}`)
  },
  GetClusterCredentialsWithIAM(params, context) {
    const { arn = '' } = context.caller ?? {}
    const name = arn.split('/').at(1) ?? ''
    return credentials(params, context, arn.includes(':assumed-role/') ? `IAMR:${name}` : `IAM:${name}`)
  },
})
