import { explaining, notOurs } from '../aws-client/explain.ts'
import { findCaller, findRole } from '../aws-client/iam.ts'
import { trusts } from '../aws-client/policies.ts'
import type { AwsContext } from '../aws-client/resource.ts'
import { ownership } from '../aws-client/settings.ts'
import { NotCreated, refusal } from '../errors.ts'
import { bucketOnly, findListener, givenRole } from '../infrastructure/connection.ts'
import { givenWarehouse, usesGivenHost } from '../infrastructure/given-warehouse.ts'
import { infrastructureEffects, infrastructureSettings, withAws } from '../infrastructure/with-aws.ts'
import { sql } from '../sql-queries/index.ts'
import { type DoctorCheck, type DoctorContext, discovered, Undetermined } from './check.ts'
import { verifyPermissions, verifyReader } from './permissions.ts'

export const credentials: DoctorCheck = {
  name: 'credentials',
  needs: [],
  async look({ clients }) {
    const { profile } = clients
    const key = await explaining(clients, async () => (await (await clients.sts()).config.credentials()).accessKeyId)
    return `access key …${key.slice(-4)}${profile ? `, of the profile ${profile}` : ''}`
  },
}

export const identity: DoctorCheck = {
  name: 'identity',
  needs: ['credentials'],
  async look({ clients, found }) {
    found.caller = await explaining(clients, async () => findCaller(await clients.sts()))
    return found.caller.arn
  },
}

export const permissions = checkInAws('permissions', ['identity'], verifyPermissions)

/** The role with which COPY reads the source: ours, or the one that ARN in [IAM_ROLE] names. */
export const role = checkInAws('role', ['identity'], async (doctor, aws) => {
  const { settings, names, account, clients } = aws
  const { config } = doctor.context
  const roleArn = usesGivenHost(config) ? givenRole(config) : settings.roleArn
  const name = roleArn?.split('/').at(-1) ?? names.role
  if (roleArn !== undefined && roleArn.split(':')[4] !== account.id)
    throw new Undetermined(
      `The role ${roleArn} belongs to another account.`,
      'Ask its owner whether it trusts Redshift.',
    )
  const found = await findRole(await clients.iam(), name)
  const fix = roleArn === undefined ? 'Run create-infrastructure' : 'Fix ARN in [IAM_ROLE]'
  if (found === undefined && doctor.found.isWarehouseAbsent && roleArn === undefined)
    throw new NotCreated(`There is no role ${name} yet.`, `${fix}.`)
  if (found === undefined) throw refusal(`There is no role ${name}.`, `${fix}.`)
  const { isOurs, owner } = ownership(found.tags, settings)
  if (roleArn === undefined && !isOurs) throw notOurs('role', name, settings, owner)
  const service = settings.engine === 'redshift' ? 'redshift.amazonaws.com' : 'redshift-serverless.amazonaws.com'
  if (!trusts(found.trust, service))
    throw refusal(
      `The role ${name} does not trust ${service}, so the warehouse can't read the source with it.`,
      roleArn === undefined
        ? 'Run create-infrastructure: it sets the trust.'
        : `Add ${service} to the trust policy of the role.`,
    )
  doctor.found.roleArn = found.arn
  return `${name} trusts ${service}`
})

/** What the policies of that role allow. */
export const reader = checkInAws('reader', ['role'], (doctor, aws) =>
  verifyReader(doctor, aws, discovered(doctor, 'roleArn')),
)

/** The cluster or workgroup: whether it exists, is running and has an address. */
export const warehouse = checkInAws('warehouse', ['identity'], async ({ found }, aws) => {
  found.listener = await findListener(aws).catch((error: unknown) => {
    found.isWarehouseAbsent = error instanceof NotCreated
    throw error
  })
  const { host, port } = found.listener
  return `${aws.settings.identifier} listens at ${host}:${port}`
})

/** The warehouse that HOST names: whether [CLUSTER] has everything that a connection needs. */
export const namedWarehouse: DoctorCheck = {
  name: 'warehouse',
  needs: [],
  async look({ context, found }) {
    const { password, ...listener } = givenWarehouse(context.config)
    found.listener = { ...listener, user: password === undefined ? 'your IAM identity' : listener.user }
    return `HOST in [CLUSTER] names ${listener.host}:${listener.port}`
  },
}

export const attachedRole: DoctorCheck = {
  name: 'attached role',
  needs: ['role', 'warehouse'],
  async look(doctor) {
    const { roleArns = [] } = discovered(doctor, 'listener')
    const roleArn = discovered(doctor, 'roleArn')
    if (!roleArns.includes(roleArn))
      throw refusal(
        `The role ${roleArn} is not attached to the warehouse.`,
        'Run create-infrastructure: it attaches the role.',
      )
    return 'the warehouse may assume the role'
  },
}

/** Whether a statement runs: as the user of [CLUSTER], or by the Data API. */
export const login: DoctorCheck = {
  name: 'login',
  needs: ['warehouse'],
  async look(doctor) {
    const { database, user } = discovered(doctor, 'listener')
    doctor.found.warehouse = await doctor.context.openWarehouse('read')
    await doctor.found.warehouse.query(sql`select 1 as n`)
    return `${user} may use the database ${database}`
  },
}

/** A check that looks in AWS at what the config names. */
function checkInAws(
  name: string,
  needs: readonly string[],
  work: (doctor: DoctorContext, aws: AwsContext) => Promise<string>,
): DoctorCheck {
  return {
    name,
    needs,
    look(doctor) {
      const { context, clients } = doctor
      const { config } = context
      const settings = usesGivenHost(config) ? bucketOnly(config) : infrastructureSettings(config)
      const effects = { ...infrastructureEffects(context), clients }
      return withAws(settings, effects, { verb: 'look' }, (aws) => work(doctor, aws))
    },
  }
}
