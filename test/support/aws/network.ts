import { begin } from './lifecycle.ts'
import type { AwsState, Region } from './state.ts'
import type { SecurityGroup, Vpc } from './types.ts'

/**
 * The network an account starts with.
 * `default`: the default VPC with three public subnets. `no-default-vpc`: one VPC of the user's own, public, and no default. `no-vpc`: none at all.
 * `no-internet-route`: a default VPC whose subnets have no route to the internet.
 */
export type NetworkKind = 'default' | 'no-default-vpc' | 'no-vpc' | 'no-internet-route'

/** Puts the network of the settings into a Region. */
export function defaultNetwork(state: AwsState, region: Region): void {
  const { network } = state.settings
  if (network === 'no-vpc') return
  addVpc(state, region, { isDefault: network !== 'no-default-vpc', public: network !== 'no-internet-route' })
}

/** A VPC with a subnet in each of three zones, a route table, a gateway and its default security group. */
function addVpc(
  state: AwsState,
  region: Region,
  { isDefault, public: isPublic }: { isDefault: boolean; public: boolean },
): void {
  const network = isDefault ? '172.31' : `10.${region.vpcs.size}`
  const vpc: Vpc = { id: state.id('vpc'), cidr: `${network}.0.0/16`, isDefault, dnsHostnames: true }
  region.vpcs.set(vpc.id, vpc)
  for (const [index, letter] of ['a', 'b', 'c'].entries()) {
    const id = state.id('subnet')
    region.subnets.set(id, { id, vpcId: vpc.id, zone: region.name + letter, cidr: `${network}.${index * 16}.0/20` })
  }
  const id = state.id('rtb')
  const routes = [{ destination: vpc.cidr, target: 'local' }]
  if (isPublic) routes.push({ destination: '0.0.0.0/0', target: state.id('igw') })
  // The subnets name no table of their own: they use the main one, as in a new account.
  region.routeTables.set(id, { id, vpcId: vpc.id, main: true, subnetIds: [], routes, tags: [] })
  addSecurityGroup(state, region, { name: 'default', description: 'default VPC security group', vpcId: vpc.id })
}

/** A security group with the rule it is born with: everything may go out. */
export function addSecurityGroup(
  state: AwsState,
  region: Region,
  { name, description, vpcId }: { name: string; description: string; vpcId: string },
): SecurityGroup {
  const group: SecurityGroup = {
    id: state.id('sg'),
    name,
    description,
    vpcId,
    tags: [],
    readsUntilVisible: 0,
    rules: [
      {
        id: state.id('sgr'),
        egress: true,
        protocol: '-1',
        fromPort: -1,
        toPort: -1,
        cidr: '0.0.0.0/0',
        description: undefined,
      },
    ],
  }
  region.securityGroups.set(group.id, group)
  return group
}

/** The id of the default security group of a VPC. */
export function defaultGroupOf(region: Region, vpcId: string): string {
  const groups = [...region.securityGroups.values()]
  return groups.find((group) => group.vpcId === vpcId && group.name === 'default')?.id ?? ''
}

/** The default VPC of a Region. */
export function defaultVpcOf(region: Region): Vpc | undefined {
  return [...region.vpcs.values()].find((vpc) => vpc.isDefault)
}

/** The interface through which a cluster or workgroup is reached. */
export function attachInterface(
  state: AwsState,
  region: Region,
  { arn: owner, securityGroupIds: groupIds }: { arn: string; securityGroupIds: string[] },
  subnetId: string,
): void {
  const id = state.id('eni')
  const vpcId = region.subnets.get(subnetId)?.vpcId ?? ''
  const description = 'RedshiftNetworkInterface'
  region.networkInterfaces.set(id, { id, vpcId, groupIds, description, owner, pending: undefined })
}

/** AWS lets go of the interfaces of something deleted a while after it has gone. */
export function releaseInterfaces(state: AwsState, region: Region, owner: string): void {
  for (const networkInterface of region.networkInterfaces.values()) {
    if (networkInterface.owner !== owner || networkInterface.pending !== undefined) continue
    begin(networkInterface, state.settings.polls.interfaceReleased, () => {
      region.networkInterfaces.delete(networkInterface.id)
    })
  }
}
