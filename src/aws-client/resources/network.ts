import type { IngressRule } from '../ec2.ts'
import { type PollOptions, waitFor } from '../poll.ts'
import { free } from '../prices.ts'
import { type AwsContext, type Difference, deadlines, type Resource, shortPollMs } from '../resource.ts'
import { isNamed } from '../sdk-middleware.ts'
import { ownership, tagsFor } from '../settings.ts'

/** The group that allows one address at one port, nothing else. */
export function securityGroup({ clients, names, settings, placement, poll }: AwsContext): Resource {
  const name = names.securityGroup
  const description = `Sparkify warehouse ${settings.identifier}`
  const { port } = settings
  return {
    kind: 'security group',
    name,
    purpose: `allows ${placement?.address ?? 'your address'} at port ${port}, nothing else`,
    price: free,
    async find() {
      const ec2 = await clients.ec2()
      const groups = await ec2.findGroups(name, placement?.vpcId)
      const group = groups.find(({ tags }) => ownership(tags, settings).isOurs) ?? groups[0]
      if (group === undefined) return undefined
      const owned = ownership(group.tags, settings)
      const differences: Difference[] = []
      const address = placement?.address
      if (owned.isOurs && address !== undefined) {
        const rules = await ec2.findRules(group.id)
        const others = rules.filter((rule) => !lets(rule, address, port))
        const isMissing = others.length === rules.length
        const listed = others.map(spelled).join(', ')
        const what = !isMissing
          ? `also allows ${listed}`
          : others.length === 0
            ? 'allows nobody'
            : `allows ${listed} instead of ${address} at ${port}`
        // The new rule first, so that connections from the new address stay open.
        const fix = async () => {
          if (isMissing)
            await ec2.allow(group.id, { address, port, description: `${description}: create-infrastructure` })
          if (others.length > 0)
            await ec2.revoke(
              group.id,
              others.map(({ id }) => id),
            )
        }
        if (isMissing || others.length > 0) differences.push({ what, fix })
      }
      return { id: group.id, ...owned, differences }
    },
    async create() {
      const vpcId = placement?.vpcId ?? ''
      await (await clients.ec2()).createGroup({ name, description, vpcId, tags: tagsFor(settings) })
    },
    /** AWS releases the interfaces of a cluster some minutes after the cluster; until then the group is in use. */
    async destroy({ id }) {
      const ec2 = await clients.ec2()
      const use = { error: 'DependencyViolation', state: 'used by a network interface' }
      await deleteUnused(`security group ${name}`, use, poll, () => ec2.deleteGroup(id))
    },
  }
}

function lets({ cidr, protocol, fromPort, toPort }: IngressRule, address: string, port: number): boolean {
  return cidr === `${address}/32` && protocol === 'tcp' && fromPort === port && toPort === port
}

function spelled({ cidr, fromPort, toPort }: IngressRule): string {
  return `${cidr?.replace(/\/32$/, '') ?? 'another source'} at ${fromPort === toPort ? fromPort : `${fromPort} to ${toPort}`}`
}

/** The subnets of the user's own VPC. The default VPC needs none: Redshift has a group for it. */
export function subnetGroup({ clients, names, settings, placement, poll }: AwsContext): Resource {
  const name = names.subnetGroup
  const subnetIds = placement?.subnetIds
  return {
    kind: 'subnet group',
    name,
    purpose: 'names the subnets for the cluster',
    price: free,
    async find() {
      const found = await (await clients.redshift()).findSubnetGroup(name)
      if (found === undefined) return undefined
      const isSame = subnetIds === undefined || found.subnetIds.toSorted().join() === subnetIds.toSorted().join()
      const differences = isSame ? [] : [{ what: `has the subnets ${found.subnetIds.join(', ')}` }]
      return { id: name, ...ownership(found.tags, settings), differences }
    },
    async create() {
      const description = `Sparkify warehouse ${settings.identifier}`
      const tags = tagsFor(settings)
      await (await clients.redshift()).createSubnetGroup({ name, description, subnetIds: subnetIds ?? [], tags })
    },
    async destroy() {
      const redshift = await clients.redshift()
      const use = { error: 'InvalidClusterSubnetGroupStateFault', state: 'used by a cluster' }
      await deleteUnused(`subnet group ${name}`, use, poll, () => redshift.deleteSubnetGroup(name))
    },
  }
}

/** Deletes a group as soon as nothing uses it any more. `use`: the error that says it is used, and that in words. */
async function deleteUnused(
  what: string,
  use: { error: string; state: string },
  poll: PollOptions,
  ask: () => Promise<void>,
): Promise<void> {
  const look = async () => {
    try {
      await ask()
      return undefined
    } catch (error) {
      if (!isNamed(error, use.error)) throw error
      return use.state
    }
  }
  await waitFor({ what, deadlineMs: deadlines.groupUnused, pollMs: 5 * shortPollMs, look }, poll)
}
