import type { AwsState, Region } from './state.ts'
import type { Vpc } from './types.ts'

/** The network an account starts with. `default`: the default VPC with three subnets. `no-default-vpc`: one VPC of the user's own, no default. */
export type NetworkKind = 'default' | 'no-default-vpc'

/** Puts the network of the settings into a Region. */
export function defaultNetwork(state: AwsState, region: Region): void {
  addVpc(state, region, state.settings.network === 'default')
}

/** A VPC with a subnet in each of three zones. */
function addVpc(state: AwsState, region: Region, isDefault: boolean): void {
  const network = isDefault ? '172.31' : `10.${region.vpcs.size}`
  const vpc: Vpc = { id: state.id('vpc'), cidr: `${network}.0.0/16`, isDefault }
  region.vpcs.set(vpc.id, vpc)
  for (const [index, letter] of ['a', 'b', 'c'].entries()) {
    const id = state.id('subnet')
    region.subnets.set(id, { id, vpcId: vpc.id, zone: region.name + letter, cidr: `${network}.${index * 16}.0/20` })
  }
}

/** The default VPC of a Region. */
export function defaultVpcOf(region: Region): Vpc | undefined {
  return [...region.vpcs.values()].find((vpc) => vpc.isDefault)
}
