import { AwsError } from './errors.ts'
import { defaultVpcOf } from './network.ts'
import { flag, integer, type Params, text, texts } from './params.ts'
import type { Region } from './state.ts'

/** Node types that can be ordered, with the numbers of nodes they come in. dc2, though still in the API's documents, is not among them. */
export const nodeTypes: Readonly<Record<string, { single: boolean; most: number }>> = {
  'rg.large': { single: true, most: 16 },
  // Whether rg.xlarge comes as a single node is not certain; the table of September 2026 doesn't say so.
  'rg.xlarge': { single: false, most: 16 },
  'rg.4xlarge': { single: false, most: 32 },
  'rg.12xlarge': { single: false, most: 128 },
  'ra3.large': { single: true, most: 16 },
  'ra3.xlplus': { single: true, most: 32 },
  'ra3.4xlarge': { single: false, most: 128 },
  'ra3.16xlarge': { single: false, most: 128 },
}

const identifier = /^[a-z](?!.*--)[a-z0-9-]{0,62}(?<!-)$/
const roleArn = /^arn:aws[\w-]*:iam::\d{12}:role\/.+/
/** The rules of Redshift's sibling services, in the words of theirs; the code is certain. */
const badIdentifier =
  'is not a valid identifier. Identifiers must begin with a letter; must contain only lowercase ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.'

/** The ports of clusters and workgroups. */
export function isPort(port: number): boolean {
  return (port >= 5431 && port <= 5455) || (port >= 8191 && port <= 8215)
}
export const badPort = 'The port is not valid. The port must be within the ranges 5431-5455 or 8191-8215.'

/** Refuses role ARNs that could not be a role of any account, and a default role that is not among the roles. Whether a role exists is found out when it is used. */
export function badRoles(roles: readonly string[], defaultRole: string | undefined): string | undefined {
  const bad = roles.find((arn) => !roleArn.test(arn))
  if (bad !== undefined) return `The IAM role ARN ${bad} is not valid.`
  // Recorded for Serverless only.
  if (defaultRole !== undefined && !roles.includes(defaultRole))
    return `Invalid default IAM Role ${defaultRole}. The IAM roles list isnt specified or it doesnt contain a default IAM Role.`
  return undefined
}

const isSingle = (params: Params) => params.ClusterType === 'single-node'
const nodesIn = (params: Params) => integer(params, 'NumberOfNodes')
const outside = (value: number | undefined, least: number, most: number) =>
  value !== undefined && (value < least || value > most)

type Rule = [isBroken: (params: Params) => unknown, code: string, message: string | ((params: Params) => unknown)]

/** What CreateCluster refuses. The two sentences about the number of nodes were recorded live; those about what a node type can do were not. */
const rules: readonly Rule[] = [
  ...['ClusterIdentifier', 'NodeType', 'ClusterType', 'MasterUsername'].map(
    (name): Rule => [
      (params) => !text(params, name),
      'MissingParameter',
      `The request must contain the parameter ${name}`,
    ],
  ),
  [
    (params) => !identifier.test(String(params.ClusterIdentifier)),
    'InvalidParameterValue',
    `The parameter ClusterIdentifier ${badIdentifier}`,
  ],
  [
    ({ NodeType }) => !(String(NodeType) in nodeTypes),
    'InvalidParameterValue',
    ({ NodeType }) => `Invalid node type: ${NodeType}`,
  ],
  [
    (params) => isSingle(params) && outside(nodesIn(params), 1, 1),
    'InvalidParameterValue',
    'Number of nodes must be 1 or not be supplied for cluster type single-node.',
  ],
  [
    (params) => isSingle(params) && !nodeTypes[String(params.NodeType)]?.single,
    'InvalidParameterCombination',
    ({ NodeType }) => `Cluster type single-node is not supported for node type ${NodeType}.`,
  ],
  [
    (params) => !isSingle(params) && (nodesIn(params) ?? 0) < 2,
    'InvalidParameterValue',
    'Number of nodes for cluster type multi-node must be greater than or equal to 2.',
  ],
  [
    (params) => (nodesIn(params) ?? 0) > (nodeTypes[String(params.NodeType)]?.most ?? 0),
    'NumberOfNodesPerClusterLimitExceeded',
    'The operation would exceed the number of nodes allowed for a cluster of this node type.',
  ],
  ...['MasterUsername', 'DBName'].map(
    (name): Rule => [
      (params) => !/^[a-z][a-z0-9_+.@-]{0,62}$/.test(text(params, name) ?? 'dev'),
      'InvalidParameterValue',
      `The parameter ${name} must be lowercase, begin with a letter, and contain only alphanumeric characters, _ + . @ -.`,
    ],
  ),
  // The double knows managed passwords only.
  [
    (params) => !flag(params, 'ManageMasterPassword'),
    'MissingParameter',
    'The request must contain the parameter MasterUserPassword',
  ],
  [(params) => !isPort(integer(params, 'Port') ?? 5439), 'InvalidParameterValue', badPort],
  // That it is refused is documented, the sentence isn't.
  [(params) => flag(params, 'Encrypted') === false, 'InvalidParameterValue', 'Encryption can not be disabled.'],
  [
    (params) => outside(integer(params, 'AutomatedSnapshotRetentionPeriod'), 1, 35),
    'InvalidParameterValue',
    'AutomatedSnapshotRetentionPeriod must be between 1 and 35.',
  ],
  [
    (params) => isBadRetention(integer(params, 'ManualSnapshotRetentionPeriod')),
    'InvalidRetentionPeriodFault',
    'Retention period must be -1 or from 1 to 3653 days.',
  ],
  [
    (params) => badRoles(texts(params, 'IamRoles'), text(params, 'DefaultIamRoleArn')),
    'InvalidParameterValue',
    (params) => badRoles(texts(params, 'IamRoles'), text(params, 'DefaultIamRoleArn')),
  ],
]

export function validateCluster(params: Params): void {
  for (const [isBroken, code, message] of rules)
    if (isBroken(params)) throw new AwsError(code, String(typeof message === 'string' ? message : message(params)))
}

/** A final snapshot: its name, and the days it is kept (-1 is for ever). */
export function validateSnapshot(name: string, days: number | undefined): void {
  if (!identifier.test(name))
    throw new AwsError('InvalidParameterValue', `The parameter FinalClusterSnapshotIdentifier ${badIdentifier}`)
  if (isBadRetention(days))
    throw new AwsError('InvalidRetentionPeriodFault', 'Retention period must be -1 or from 1 to 3653 days.')
}

function isBadRetention(days: number | undefined): boolean {
  return days !== -1 && outside(days, 1, 3653)
}

/** Where a cluster goes: the named subnet group, or `default`, which Redshift makes of the default VPC. */
export function placementOf(region: Region, params: Params): { name: string; vpcId: string } {
  const name = text(params, 'ClusterSubnetGroupName') ?? 'default'
  const group = region.subnetGroups.get(name)
  if (group !== undefined) return group
  const vpc = name === 'default' ? defaultVpcOf(region) : undefined
  if (vpc === undefined)
    throw new AwsError('ClusterSubnetGroupNotFoundFault', `The Cluster subnet group '${name}' doesn't exist.`)
  return { name, vpcId: vpc.id }
}
