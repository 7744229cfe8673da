import { AwsError } from './errors.ts'
import { flag, integer, type Params, page, record, required, text } from './params.ts'
import { refusedAssumption } from './policy.ts'
import type { CallContext } from './protocols.ts'
import type { Region } from './state.ts'
import type { ScheduledAction } from './types.ts'
import type { XmlValue } from './xml.ts'

const targets = ['PauseCluster', 'ResumeCluster', 'ResizeCluster']

function validateSchedule(schedule: string): void {
  const inner = /^(at|cron)\((.*)\)$/.exec(schedule)
  if (inner === null)
    throw new AwsError('InvalidSchedule', 'The schedule expression must be encapsulated by cron() or at().')
  const [, kind, expression = ''] = inner
  const valid =
    kind === 'at'
      ? /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(expression) && !Number.isNaN(Date.parse(`${expression}Z`))
      : expression.trim().split(/\s+/).length === 6
  if (!valid) throw new AwsError('InvalidSchedule', `The schedule expression ${schedule} is not valid.`)
  // What AWS says of a time that has passed is not on record.
  if (kind === 'at' && Date.parse(`${expression}Z`) < Date.now())
    throw new AwsError('InvalidSchedule', 'The schedule you submitted has no invocations in the future.')
}

function targetOf(params: Params): ScheduledAction['target'] {
  const target = record(params, 'TargetAction') ?? {}
  const [kind, ...others] = Object.keys(target)
  if (kind === undefined || others.length > 0 || !targets.includes(kind))
    throw new AwsError(
      'InvalidScheduledAction',
      'The target action must be one of PauseCluster, ResumeCluster or ResizeCluster.',
    )
  const details = record(target, kind) ?? {}
  required(details, 'ClusterIdentifier')
  return { [kind]: Object.fromEntries(Object.entries(details).map(([name, value]) => [name, String(value)])) }
}

/** The role must trust the scheduler, and a role made a moment ago seems not to: this sentence comes then too. */
function verifySchedulerRole(roleArn: string, { state }: CallContext): void {
  if (refusedAssumption(state, roleArn, 'scheduler.redshift.amazonaws.com') !== undefined)
    throw new AwsError(
      'InvalidParameterValue',
      'The IAM role must delegate access to Amazon Redshift scheduler (principal scheduler.redshift.amazonaws.com).',
    )
}

function describeAction(action: ScheduledAction): XmlValue {
  const at = /^at\((.*)\)$/.exec(action.schedule)?.[1]
  return {
    ScheduledActionName: action.name,
    TargetAction: action.target,
    Schedule: action.schedule,
    IamRole: action.roleArn,
    ScheduledActionDescription: action.description,
    State: action.enabled ? 'ACTIVE' : 'DISABLED',
    NextInvocations: at === undefined ? {} : { ScheduledActionTime: [`${at}Z`] },
  }
}

function actionOf(params: Params, region: Region): ScheduledAction {
  const name = required(params, 'ScheduledActionName')
  const action = region.scheduledActions.get(name)
  if (action === undefined)
    throw new AwsError('ScheduledActionNotFound', `Scheduled action ${name} was not found.`, 400)
  return action
}

export function createScheduledAction(params: Params, context: CallContext): XmlValue {
  const { region } = context
  const name = required(params, 'ScheduledActionName')
  const target = targetOf(params)
  const schedule = required(params, 'Schedule')
  validateSchedule(schedule)
  const roleArn = required(params, 'IamRole')
  if (region.scheduledActions.has(name))
    throw new AwsError('ScheduledActionAlreadyExists', `Scheduled action ${name} already exists.`)
  verifySchedulerRole(roleArn, context)
  const action: ScheduledAction = {
    name,
    schedule,
    roleArn,
    target,
    description: text(params, 'ScheduledActionDescription'),
    enabled: flag(params, 'Enable') ?? true,
  }
  region.scheduledActions.set(name, action)
  return describeAction(action)
}

export function modifyScheduledAction(params: Params, context: CallContext): XmlValue {
  const action = actionOf(params, context.region)
  const schedule = text(params, 'Schedule') ?? action.schedule
  validateSchedule(schedule)
  const roleArn = text(params, 'IamRole')
  if (roleArn !== undefined) verifySchedulerRole(roleArn, context)
  action.schedule = schedule
  action.roleArn = roleArn ?? action.roleArn
  action.target = 'TargetAction' in params ? targetOf(params) : action.target
  action.description = text(params, 'ScheduledActionDescription') ?? action.description
  action.enabled = flag(params, 'Enable') ?? action.enabled
  return describeAction(action)
}

export function describeScheduledActions(params: Params, { region }: CallContext): XmlValue {
  const name = text(params, 'ScheduledActionName')
  const kind = text(params, 'TargetActionType')
  const found = [...region.scheduledActions.values()].filter(
    (action) => (name === undefined || action.name === name) && (kind === undefined || kind in action.target),
  )
  // A name that isn't there is an error here, as with clusters; the documents name the fault for this call.
  if (name !== undefined && found.length === 0) actionOf(params, region)
  const { items, next } = page(found, integer(params, 'MaxRecords') ?? 100, text(params, 'Marker'))
  return { ScheduledActions: { ScheduledAction: items.map(describeAction) }, Marker: next }
}

export function deleteScheduledAction(params: Params, { region }: CallContext): XmlValue {
  region.scheduledActions.delete(actionOf(params, region).name)
  return {}
}
