import { findAddress } from '../aws-client/address.ts'
import type { AwsClients } from '../aws-client/clients.ts'
import type { Ec2, RouteTable, Subnet } from '../aws-client/ec2.ts'
import type { NetworkPlacement } from '../aws-client/resource.ts'
import type { InfrastructureSettings } from '../aws-client/settings.ts'
import { refusal } from '../errors.ts'

const cure = 'Set VPC_ID and SUBNET_IDS in [NETWORK] to a VPC and its public subnets'

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
 * The VPC and its subnets, checked for what would make a warehouse that nobody reaches.
 *
 * @throws UserError (exit code 2) if there is none, or if there is no way to it from outside.
 */
async function findNetwork(ec2: Ec2, givenVpc: string | undefined, givenSubnets: readonly string[]) {
  const vpcId = givenVpc ?? (await ec2.findDefaultVpc())
  if (vpcId === undefined)
    throw refusal(
      'This region of the account has no default VPC, so the warehouse has no network to stand in.',
      `${cure}, or make a default VPC: aws ec2 create-default-vpc.`,
    )
  const subnets = await ec2.findSubnets(givenVpc === undefined ? { vpcId } : { ids: givenSubnets })
  const foreign = subnets.filter((subnet) => subnet.vpcId !== vpcId)
  if (foreign.length > 0) throw refusal(`${idsOf(foreign)} is not in ${vpcId}.`, `${cure}.`)
  if (subnets.length === 0) throw refusal(`The VPC ${vpcId} has no subnets.`, `${cure}.`)
  const hidden = withoutInternet(subnets, await ec2.findRouteTables(vpcId))
  if (hidden.length > 0) {
    const others = subnets.filter((subnet) => !hidden.includes(subnet))
    throw refusal(
      `Nobody would reach a warehouse in ${idsOf(hidden)}: there is no route to an internet gateway (0.0.0.0/0 to igw-…).`,
      others.length > 0
        ? `Set VPC_ID = ${vpcId} and SUBNET_IDS = ${others.map(({ id }) => id).join(', ')} in [NETWORK].`
        : `Add the route in the VPC console. Or: ${cure}.`,
    )
  }
  if (!(await ec2.hasPublicNames(vpcId)))
    throw refusal(
      `The VPC ${vpcId} gives no public names: the warehouse's name would lead to an address inside of it.`,
      `Turn on DNS hostnames: aws ec2 modify-vpc-attribute --vpc-id ${vpcId} --enable-dns-hostnames.`,
    )
  return { vpcId, subnetIds: givenVpc === undefined ? undefined : givenSubnets }
}

/** The subnets whose route table, their own or the VPC's main one, leads to no internet gateway. */
export function withoutInternet(subnets: readonly Subnet[], tables: readonly RouteTable[]): Subnet[] {
  return subnets.filter(({ id }) => {
    const table = tables.find(({ subnetIds }) => subnetIds.includes(id)) ?? tables.find(({ main }) => main)
    return table?.toInternet !== true
  })
}

function idsOf(subnets: readonly Subnet[]): string {
  return subnets.map(({ id }) => id).join(', ')
}
