import { minute, shortPollMs, waitFor } from '../poll.ts'
import { free } from '../prices.ts'
import type { AwsContext, Difference, Resource } from '../resource.ts'
import { isNamed, undefinedIfNotFound } from '../sdk-middleware.ts'
import { ownership, tagList, tagsFor, tagsOf } from '../settings.ts'

const missing = ['ClusterSubnetGroupNotFoundFault', 'ClusterSubnetGroupNotFound']

/** The subnets of the user's own VPC. The default VPC needs none: Redshift has a group for it. */
export function subnetGroup({ clients, names, settings, poll }: AwsContext): Resource {
  const ClusterSubnetGroupName = names.subnetGroup
  const { vpcId, subnetIds = [] } = settings
  return {
    kind: 'subnet group',
    name: ClusterSubnetGroupName,
    purpose: 'names the subnets for the cluster',
    price: free,
    async find() {
      const redshift = await clients.redshift()
      const ask = () => redshift.describeClusterSubnetGroups({ ClusterSubnetGroupName })
      const [found] = (await undefinedIfNotFound(missing, ask))?.ClusterSubnetGroups ?? []
      if (found === undefined) return undefined
      const subnets = (found.Subnets ?? []).flatMap(({ SubnetIdentifier }) => SubnetIdentifier ?? [])
      const isSame = subnets.toSorted().join() === subnetIds.toSorted().join()
      const differences: Difference[] = []
      if (subnetIds.length > 0 && !isSame) differences.push({ what: `has the subnets ${subnets.join(', ')}` })
      if (vpcId !== undefined && found.VpcId !== vpcId)
        differences.push({ what: `is in ${found.VpcId} instead of ${vpcId}` })
      return { id: ClusterSubnetGroupName, ...ownership(tagsOf(found.Tags), settings), differences }
    },
    async create() {
      const redshift = await clients.redshift()
      await redshift.createClusterSubnetGroup({
        ClusterSubnetGroupName,
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
          await undefinedIfNotFound(missing, () => redshift.deleteClusterSubnetGroup({ ClusterSubnetGroupName }))
          return undefined
        } catch (error) {
          if (!isNamed(error, 'InvalidClusterSubnetGroupStateFault')) throw error
          return 'used by a cluster'
        }
      }
      const what = `subnet group ${ClusterSubnetGroupName}`
      await waitFor({ what, deadlineMs: 15 * minute, pollMs: 5 * shortPollMs, look }, poll)
    },
  }
}
