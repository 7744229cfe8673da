import {
  authorizeIngress,
  createSecurityGroup,
  deleteSecurityGroup,
  describeSecurityGroupRules,
  describeSecurityGroups,
  revokeIngress,
} from './ec2-groups.ts'
import { type FilterValues, filtered, tagSet } from './ec2-shapes.ts'
import { AwsError } from './errors.ts'
import { poll } from './lifecycle.ts'
import { integer, type Params, page, required, text, texts } from './params.ts'
import { type CallContext, ec2Service } from './protocols.ts'
import type { Region } from './state.ts'
import type { NetworkInterface, RouteTable, Subnet, Vpc } from './types.ts'
import type { XmlValue } from './xml.ts'

/** A describe of EC2: pick by id (all must exist), filter, cut into pages, show. */
function describer<Thing extends { id: string; tags: { key: string; value: string }[] }>(options: {
  idParam: string
  setName: string
  notFound: (id: string) => AwsError
  things: (region: Region) => Iterable<Thing>
  filters: Record<string, (thing: Thing) => FilterValues>
  show: (thing: Thing, context: CallContext) => XmlValue
}) {
  return (params: Params, context: CallContext): XmlValue => {
    const all = [...options.things(context.region)]
    const ids = texts(params, options.idParam)
    for (const id of ids) if (!all.some((thing) => thing.id === id)) throw options.notFound(id)
    const picked = ids.length === 0 ? all : all.filter((thing) => ids.includes(thing.id))
    const matching = filtered(params, picked, options.filters)
    const { items, next } = page(matching, integer(params, 'MaxResults') ?? 1000, text(params, 'NextToken'))
    return { [options.setName]: { item: items.map((thing) => options.show(thing, context)) }, nextToken: next }
  }
}

const describeVpcs = describer<Vpc>({
  idParam: 'VpcId',
  setName: 'vpcSet',
  notFound: (id) => new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`),
  things: (region) => region.vpcs.values(),
  filters: {
    'vpc-id': ({ id }) => id,
    'is-default': ({ isDefault }) => String(isDefault),
    isDefault: ({ isDefault }) => String(isDefault),
    cidr: ({ cidr }) => cidr,
    state: () => 'available',
  },
  show: (vpc, { state }) => ({
    vpcId: vpc.id,
    ownerId: state.settings.account,
    state: 'available',
    cidrBlock: vpc.cidr,
    dhcpOptionsId: 'dopt-0123456789abcdef0',
    instanceTenancy: 'default',
    isDefault: vpc.isDefault,
    tagSet: tagSet(vpc),
  }),
})

const describeSubnets = describer<Subnet>({
  idParam: 'SubnetId',
  setName: 'subnetSet',
  notFound: (id) => new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`),
  things: (region) => region.subnets.values(),
  filters: {
    'subnet-id': ({ id }) => id,
    'vpc-id': ({ vpcId }) => vpcId,
    'availability-zone': ({ zone }) => zone,
    'default-for-az': ({ defaultForZone }) => String(defaultForZone),
    state: () => 'available',
  },
  show: (subnet, { state, region }) => ({
    subnetId: subnet.id,
    subnetArn: state.arn('ec2', region.name, `subnet/${subnet.id}`),
    state: 'available',
    ownerId: state.settings.account,
    vpcId: subnet.vpcId,
    cidrBlock: subnet.cidr,
    availableIpAddressCount: subnet.freeAddresses,
    availabilityZone: subnet.zone,
    defaultForAz: subnet.defaultForZone,
    mapPublicIpOnLaunch: subnet.defaultForZone,
    tagSet: tagSet(subnet),
  }),
})

const describeRouteTables = describer<RouteTable>({
  idParam: 'RouteTableId',
  setName: 'routeTableSet',
  notFound: (id) => new AwsError('InvalidRouteTableID.NotFound', `The routeTable ID '${id}' does not exist`),
  things: (region) => region.routeTables.values(),
  filters: {
    'route-table-id': ({ id }) => id,
    'vpc-id': ({ vpcId }) => vpcId,
    // A subnet on the main table has no association of its own, so this filter doesn't find the main table: as in EC2.
    'association.subnet-id': ({ subnetIds }) => subnetIds,
    'association.main': ({ main }) => String(main),
    'route.gateway-id': ({ routes }) => routes.map(({ target }) => target),
    'route.destination-cidr-block': ({ routes }) => routes.map(({ destination }) => destination),
  },
  show: (table, { state }) => ({
    routeTableId: table.id,
    vpcId: table.vpcId,
    ownerId: state.settings.account,
    routeSet: {
      item: table.routes.map(({ destination, target }, index) => ({
        destinationCidrBlock: destination,
        gatewayId: target.startsWith('nat-') ? undefined : target,
        natGatewayId: target.startsWith('nat-') ? target : undefined,
        state: 'active',
        origin: index === 0 ? 'CreateRouteTable' : 'CreateRoute',
      })),
    },
    associationSet: {
      item: [
        ...(table.main ? [{ main: true, subnetId: undefined }] : []),
        ...table.subnetIds.map((subnetId) => ({ main: false, subnetId })),
      ].map(({ main, subnetId }, index) => ({
        routeTableAssociationId: `${table.id.replace('rtb', 'rtbassoc')}${index}`,
        routeTableId: table.id,
        subnetId,
        main,
        associationState: { state: 'associated' },
      })),
    },
    tagSet: tagSet(table),
  }),
})

const describeNetworkInterfaces = describer<NetworkInterface>({
  idParam: 'NetworkInterfaceId',
  setName: 'networkInterfaceSet',
  notFound: (id) =>
    new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`),
  things(region) {
    for (const each of [...region.networkInterfaces.values()]) poll(each)
    return region.networkInterfaces.values()
  },
  filters: {
    'network-interface-id': ({ id }) => id,
    'group-id': ({ groupIds }) => groupIds,
    'vpc-id': ({ vpcId }) => vpcId,
    'subnet-id': ({ subnetId }) => subnetId,
    description: ({ description }) => description,
    'requester-managed': () => 'true',
    status: () => 'in-use',
  },
  show: (each, { state, region }) => ({
    networkInterfaceId: each.id,
    subnetId: each.subnetId,
    vpcId: each.vpcId,
    availabilityZone: each.zone,
    description: each.description,
    ownerId: state.settings.account,
    requesterId: 'amazon-redshift',
    requesterManaged: true,
    status: 'in-use',
    interfaceType: 'interface',
    privateIpAddress: each.privateAddress,
    sourceDestCheck: true,
    groupSet: {
      item: each.groupIds.map((id) => ({ groupId: id, groupName: region.securityGroups.get(id)?.name })),
    },
    association:
      each.publicAddress === undefined
        ? undefined
        : { publicIp: each.publicAddress, ipOwnerId: 'amazon', publicDnsName: '' },
    tagSet: tagSet(each),
  }),
})

/** EC2: the network, and the security groups in it. */
export const ec2 = ec2Service({
  DescribeVpcs: describeVpcs,
  DescribeSubnets: describeSubnets,
  DescribeRouteTables: describeRouteTables,
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSecurityGroupRules: describeSecurityGroupRules,
  CreateSecurityGroup: createSecurityGroup,
  DeleteSecurityGroup: deleteSecurityGroup,
  AuthorizeSecurityGroupIngress: authorizeIngress,
  RevokeSecurityGroupIngress: revokeIngress,
  DescribeVpcAttribute(params, { region }) {
    const vpc = region.vpcs.get(required(params, 'VpcId'))
    if (vpc === undefined)
      throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${text(params, 'VpcId')}' does not exist`)
    const attribute = required(params, 'Attribute')
    const value = attribute === 'enableDnsHostnames' ? vpc.dnsHostnames : true
    return { vpcId: vpc.id, [attribute]: { value } }
  },
})
