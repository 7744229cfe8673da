import { findAddress } from '../aws-client/address.ts'
import type { AwsClients } from '../aws-client/clients.ts'
import type { Ec2, RouteTable, Subnet } from '../aws-client/ec2.ts'
import type { NetworkPlacement } from '../aws-client/resource.ts'
import type { InfrastructureSettings } from '../aws-client/settings.ts'
import { refusal } from '../errors.ts'

const fix = 'Set VPC_ID and SUBNET_IDS in [NETWORK] to a VPC and its public subnets'

/** Finds who may connect, and where in the network the warehouse goes. Changes nothing. */
export async function findPlacement(
  { vpcId, subnetIds = [], address }: InfrastructureSettings,
  clients: AwsClients,
  fetchAddress?: () => Promise<string>,
): Promise<NetworkPlacement> {
  const network = await findNetwork(await clients.ec2(), vpcId, subnetIds)
  return { ...network, address: await findAddress(address, fetchAddress) }
}

/**
 * The VPC and its subnets, checked for what would make the warehouse unreachable.
 *
 * @throws UserError (exit code 2) if there is none, or if it can't be reached from outside.
 */
async function findNetwork(ec2: Ec2, givenVpc: string | undefined, givenSubnets: readonly string[]) {
  const vpcId = givenVpc ?? (await ec2.findDefaultVpc())
  if (vpcId === undefined)
    throw refusal(
      'The account has no default VPC in this region, so there is no network for the warehouse.',
      `${fix}, or create a default VPC: aws ec2 create-default-vpc.`,
    )
  const subnets = await ec2.findSubnets(givenVpc === undefined ? { vpcId } : { ids: givenSubnets })
  const foreign = subnets.filter((subnet) => subnet.vpcId !== vpcId)
  if (foreign.length > 0) throw refusal(`${idsOf(foreign)} is not in ${vpcId}.`, `${fix}.`)
  if (subnets.length === 0) throw refusal(`The VPC ${vpcId} has no subnets.`, `${fix}.`)
  const hidden = withoutInternet(subnets, await ec2.findRouteTables(vpcId))
  if (hidden.length > 0) {
    const others = subnets.filter((subnet) => !hidden.includes(subnet))
    throw refusal(
      `A warehouse in ${idsOf(hidden)} can't be reached: there is no route to an internet gateway (0.0.0.0/0 to igw-…).`,
      others.length > 0
        ? `Set VPC_ID = ${vpcId} and SUBNET_IDS = ${others.map(({ id }) => id).join(', ')} in [NETWORK].`
        : `Add the route in the VPC console. Or: ${fix}.`,
    )
  }
  if (!(await ec2.hasPublicNames(vpcId)))
    throw refusal(
      `The VPC ${vpcId} has no public DNS names: the name of the warehouse would resolve to a private address.`,
      `Turn on DNS hostnames: aws ec2 modify-vpc-attribute --vpc-id ${vpcId} --enable-dns-hostnames.`,
    )
  return { vpcId, subnetIds: givenVpc === undefined ? undefined : givenSubnets }
}

/** The subnets whose route table, their own or the VPC's main one, has no route to an internet gateway. */
export function withoutInternet(subnets: readonly Subnet[], tables: readonly RouteTable[]): Subnet[] {
  return subnets.filter(({ id }) => {
    const table = tables.find(({ subnetIds }) => subnetIds.includes(id)) ?? tables.find(({ main }) => main)
    return table?.toInternet !== true
  })
}

function idsOf(subnets: readonly Subnet[]): string {
  return subnets.map(({ id }) => id).join(', ')
}
