import { deleteRole, findRole } from '../iam.ts'
import { clusterArn } from '../names.ts'
import { type PolicyDocument, pausePolicy, readPolicy, schedulerTrust, warehouseTrust } from '../policies.ts'
import { free } from '../prices.ts'
import type { AwsContext, Resource } from '../resource.ts'
import { deploymentName, ownership, tagList, tagsFor } from '../settings.ts'

/** The role with which Redshift reads the source. */
export function warehouseRole(aws: AwsContext): Resource {
  const { names, settings, account } = aws
  return role(aws, {
    kind: 'role',
    name: names.role,
    purpose: 'allows Redshift to read the source prefixes and the control bucket, nothing else',
    trust: warehouseTrust(account.id),
    policyName: names.rolePolicy,
    policy: readPolicy({
      partition: account.partition,
      sources: settings.sources,
      controlBucket: names.bucket,
      kmsKey: settings.kmsKey,
    }),
  })
}

/** The role with which Redshift's scheduler pauses the cluster. */
export function pauseRole(aws: AwsContext): Resource {
  const { names, settings, account } = aws
  return role(aws, {
    kind: 'pause role',
    name: names.pauseRole,
    purpose: "allows Redshift's scheduler to pause this cluster",
    trust: schedulerTrust(),
    policyName: names.pausePolicy,
    policy: pausePolicy(clusterArn(settings.region, account, names.cluster)),
  })
}

interface RolePlan {
  readonly kind: 'role' | 'pause role'
  readonly name: string
  readonly purpose: string
  readonly trust: PolicyDocument
  readonly policyName: string
  readonly policy: PolicyDocument
}

/** A role with one inline policy. Trust and policy are put on every run, so a role whose creation was interrupted gets them too. */
function role({ clients, settings }: AwsContext, plan: RolePlan): Resource {
  const { kind, name, purpose, trust, policyName, policy } = plan
  return {
    kind,
    name,
    purpose,
    price: free,
    async find() {
      const iam = await clients.iam()
      const found = await findRole(iam, name)
      if (found === undefined) return undefined
      return { id: found.arn, ...ownership(found.tags, settings), since: found.createdAt, differences: [] }
    },
    async create() {
      const iam = await clients.iam()
      await iam.createRole({
        RoleName: name,
        Description: `Sparkify warehouse ${deploymentName(settings)}: ${purpose}`,
        AssumeRolePolicyDocument: JSON.stringify(trust),
        Tags: tagList(tagsFor(settings)),
      })
    },
    async put() {
      const iam = await clients.iam()
      await iam.updateAssumeRolePolicy({ RoleName: name, PolicyDocument: JSON.stringify(trust) })
      await iam.putRolePolicy({ RoleName: name, PolicyName: policyName, PolicyDocument: JSON.stringify(policy) })
    },
    async destroy() {
      await deleteRole(await clients.iam(), name)
    },
  }
}
