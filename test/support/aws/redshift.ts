import { AwsError } from './errors.ts'
import { poll } from './lifecycle.ts'
import { integer, type Params, page, required, type Tag, tagList, tags, text, texts } from './params.ts'
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
import { describeClusterSnapshots } from './redshift-snapshots.ts'
import { nodeTypes } from './redshift-validation.ts'
import type { Region } from './state.ts'
import type { SubnetGroup } from './types.ts'
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
  DescribeClusterSnapshots: describeClusterSnapshots,
  CreateScheduledAction: createScheduledAction,
  ModifyScheduledAction: modifyScheduledAction,
  DescribeScheduledActions: describeScheduledActions,
  DeleteScheduledAction: deleteScheduledAction,
})
