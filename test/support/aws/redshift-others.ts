import { AwsError } from './errors.ts'
import { poll } from './lifecycle.ts'
import { flag, type Params, required, tagList, tags, text, texts } from './params.ts'
import { refusedAssumption } from './policy.ts'
import type { CallContext, Handlers } from './protocols.ts'
import type { Region } from './state.ts'
import type { ScheduledAction, SubnetGroup } from './types.ts'

function subnetGroupOf(params: Params, region: Region): SubnetGroup {
  const name = required(params, 'ClusterSubnetGroupName')
  const group = region.subnetGroups.get(name)
  if (group === undefined)
    throw new AwsError('ClusterSubnetGroupNotFoundFault', `The Cluster subnet group '${name}' doesn't exist.`)
  return group
}

function describeSubnetGroup(group: SubnetGroup) {
  return {
    ClusterSubnetGroupName: group.name,
    Description: group.description,
    VpcId: group.vpcId,
    SubnetGroupStatus: 'Complete',
    Subnets: { Subnet: group.subnetIds.map((id) => ({ SubnetIdentifier: id, SubnetStatus: 'Active' })) },
    Tags: { Tag: tagList(group.tags) },
  }
}

function scheduleIn(params: Params): string {
  const schedule = required(params, 'Schedule')
  const invalid = (message: string) => new AwsError('InvalidSchedule', message)
  const [, kind, expression = ''] = /^(at|cron)\((.*)\)$/.exec(schedule) ?? []
  if (kind === undefined) throw invalid('The schedule expression must be encapsulated by cron() or at().')
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(expression) ? Date.parse(`${expression}Z`) : Number.NaN
  if (kind === 'cron' || Number.isNaN(time)) throw invalid(`The schedule expression ${schedule} is not valid.`)
  // What AWS says of a time that has passed is not on record.
  if (time < Date.now()) throw invalid('The schedule you submitted has no invocations in the future.')
  return schedule
}

/** The role must trust the scheduler, and a role made a moment ago seems not to: this sentence comes then too. */
function schedulerRoleIn(params: Params, { state }: CallContext): string {
  const roleArn = required(params, 'IamRole')
  if (refusedAssumption(state, roleArn, 'scheduler.redshift.amazonaws.com') !== undefined)
    throw new AwsError(
      'InvalidParameterValue',
      'The IAM role must delegate access to Amazon Redshift scheduler (principal scheduler.redshift.amazonaws.com).',
    )
  return roleArn
}

function actionOf(params: Params, region: Region): ScheduledAction {
  const name = required(params, 'ScheduledActionName')
  const action = region.scheduledActions.get(name)
  if (action === undefined) throw new AwsError('ScheduledActionNotFound', `Scheduled action ${name} was not found.`)
  return action
}

function describeAction(action: ScheduledAction) {
  return {
    ScheduledActionName: action.name,
    TargetAction: action.target,
    Schedule: action.schedule,
    IamRole: action.roleArn,
    ScheduledActionDescription: action.description,
    State: action.enabled ? 'ACTIVE' : 'DISABLED',
  }
}

/** What Redshift answers beside the calls for clusters. */
export const others: Handlers = {
  CreateClusterSubnetGroup(params, { region }) {
    const name = required(params, 'ClusterSubnetGroupName')
    const subnetIds = texts(params, 'SubnetIds')
    if (name === 'default' || !/^[a-z0-9._-]{1,255}$/.test(name))
      throw new AwsError('InvalidParameterValue', `The parameter ClusterSubnetGroupName is not valid: ${name}`)
    if (region.subnetGroups.has(name))
      throw new AwsError('ClusterSubnetGroupAlreadyExists', `The Cluster subnet group '${name}' already exists.`)
    const [vpcId, ...otherVpcs] = new Set(subnetIds.map((id) => region.subnets.get(id)?.vpcId))
    if (vpcId === undefined || otherVpcs.length > 0)
      throw new AwsError('InvalidSubnet', 'Some input subnets are invalid or not all of them are in the same VPC.')
    const group = { name, description: required(params, 'Description'), vpcId, subnetIds, tags: tags(params, 'Tags') }
    region.subnetGroups.set(name, group)
    return { ClusterSubnetGroup: describeSubnetGroup(group) }
  },
  DescribeClusterSubnetGroups: (params, { region }) => ({
    ClusterSubnetGroups: { ClusterSubnetGroup: [describeSubnetGroup(subnetGroupOf(params, region))] },
  }),
  DeleteClusterSubnetGroup(params, { region }) {
    const { name } = subnetGroupOf(params, region)
    const users = [...region.clusters.values()].filter(({ subnetGroupName }) => subnetGroupName === name)
    if (users.length > 0)
      throw new AwsError(
        'InvalidClusterSubnetGroupStateFault',
        `Cannot delete the subnet group '${name}' because at least one cluster is still using it.`,
      )
    region.subnetGroups.delete(name)
  },
  DescribeClusterSnapshots(params, { region }) {
    for (const snapshot of region.snapshots.values()) poll(snapshot)
    const [cluster, wanted] = [required(params, 'ClusterIdentifier'), required(params, 'SnapshotType')]
    const found = [...region.snapshots.values()].filter(({ source, kind }) => source === cluster && kind === wanted)
    const shown = found.map((snapshot) => ({
      SnapshotIdentifier: snapshot.identifier,
      ClusterIdentifier: snapshot.source,
      SnapshotCreateTime: snapshot.createdAt,
      SnapshotType: snapshot.kind,
      Status: snapshot.status,
      ManualSnapshotRetentionPeriod: snapshot.retention,
      ManualSnapshotRemainingDays: snapshot.retention,
    }))
    return { Snapshots: { Snapshot: shown } }
  },
  CreateScheduledAction(params, context) {
    const { scheduledActions } = context.region
    const name = required(params, 'ScheduledActionName')
    const schedule = scheduleIn(params)
    const { PauseCluster } = params.TargetAction as ScheduledAction['target']
    if (!PauseCluster?.ClusterIdentifier) throw new Error('the double knows scheduled pauses only')
    if (scheduledActions.has(name))
      throw new AwsError('ScheduledActionAlreadyExists', `Scheduled action ${name} already exists.`)
    const action: ScheduledAction = {
      ...{ name, schedule, target: { PauseCluster } },
      roleArn: schedulerRoleIn(params, context),
      description: text(params, 'ScheduledActionDescription'),
      enabled: flag(params, 'Enable') ?? true,
    }
    scheduledActions.set(name, action)
    return describeAction(action)
  },
  ModifyScheduledAction(params, { region }) {
    const action = actionOf(params, region)
    action.schedule = scheduleIn(params)
    action.enabled = flag(params, 'Enable') ?? action.enabled
    return describeAction(action)
  },
  DescribeScheduledActions: (params, { region }) => ({
    // A name that isn't there is an error here, as with clusters; the documents name the fault for this call.
    ScheduledActions: { ScheduledAction: [describeAction(actionOf(params, region))] },
  }),
  DeleteScheduledAction(params, { region }) {
    region.scheduledActions.delete(actionOf(params, region).name)
  },
}
