import { waitFor } from '../poll.ts'
import { free } from '../prices.ts'
import { deleteSubnetGroup, findSubnetGroup } from '../redshift.ts'
import { type AwsContext, type Difference, deadlines, type Resource, shortPollMs } from '../resource.ts'
import { isNamed } from '../sdk-middleware.ts'
import { ownership, tagList, tagsFor } from '../settings.ts'

/** The subnets of the user's own VPC. The default VPC needs none: Redshift has a group for it. */
export function subnetGroup({ clients, names, settings, poll }: AwsContext): Resource {
  const name = names.subnetGroup
  const { vpcId, subnetIds = [] } = settings
  return {
    kind: 'subnet group',
    name,
    purpose: 'names the subnets for the cluster',
    price: free,
    async find() {
      const found = await findSubnetGroup(await clients.redshift(), name)
      if (found === undefined) return undefined
      const differences: Difference[] = []
      const isSame = found.subnetIds.toSorted().join() === subnetIds.toSorted().join()
      if (subnetIds.length > 0 && !isSame) differences.push({ what: `has the subnets ${found.subnetIds.join(', ')}` })
      if (vpcId !== undefined && found.vpcId !== vpcId)
        differences.push({ what: `is in ${found.vpcId} instead of ${vpcId}` })
      return { id: name, ...ownership(found.tags, settings), differences }
    },
    async create() {
      const redshift = await clients.redshift()
      await redshift.createClusterSubnetGroup({
        ClusterSubnetGroupName: name,
        Description: `Sparkify warehouse ${settings.identifier}`,
        SubnetIds: [...subnetIds],
        Tags: tagList(tagsFor(settings)),
      })
    },
    /** For a moment after its cluster is gone, AWS still counts the group as used. */
    async destroy() {
      const redshift = await clients.redshift()
      const look = async () => {
        try {
          await deleteSubnetGroup(redshift, name)
          return undefined
        } catch (error) {
          if (!isNamed(error, 'InvalidClusterSubnetGroupStateFault')) throw error
          return 'used by a cluster'
        }
      }
      const what = `subnet group ${name}`
      await waitFor({ what, deadlineMs: deadlines.groupUnused, pollMs: 5 * shortPollMs, look }, poll)
    },
  }
}
