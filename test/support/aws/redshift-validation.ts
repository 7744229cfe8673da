import { AwsError } from './errors.ts'
import { defaultVpcOf } from './network.ts'
import { flag, integer, type Params, required, text, texts } from './params.ts'
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

function invalidValue(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message)
}

function invalidCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombination', message)
}

/** The rules for identifiers of clusters and snapshots. The sentence is the one of Redshift's sibling services; its code is certain. */
export function validateIdentifier(name: string, value: string): void {
  if (/^[a-z](?!.*--)[a-z0-9-]{0,62}$/.test(value) && !value.endsWith('-')) return
  throw invalidValue(
    `The parameter ${name} is not a valid identifier. Identifiers must begin with a letter; must contain only lowercase ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
  )
}

/** Type and number of the nodes. The two sentences about the number of nodes were recorded live; those about what a node type can do were not. */
export function validateNodes(params: Params): { clusterType: 'single-node' | 'multi-node'; numberOfNodes: number } {
  const nodeType = required(params, 'NodeType')
  const known = nodeTypes[nodeType]
  if (known === undefined) throw invalidValue(`Invalid node type: ${nodeType}`)
  const clusterType = text(params, 'ClusterType') ?? 'multi-node'
  const nodes = integer(params, 'NumberOfNodes')
  if (clusterType === 'single-node') {
    if (nodes !== undefined && nodes !== 1)
      throw invalidValue('Number of nodes must be 1 or not be supplied for cluster type single-node.')
    if (!known.single) throw invalidCombination(`Cluster type single-node is not supported for node type ${nodeType}.`)
    return { clusterType, numberOfNodes: 1 }
  }
  if (clusterType !== 'multi-node') throw invalidValue(`Invalid cluster type: ${clusterType}`)
  if (nodes === undefined || nodes < 2)
    throw invalidValue('Number of nodes for cluster type multi-node must be greater than or equal to 2.')
  if (nodes > known.most)
    throw new AwsError(
      'NumberOfNodesPerClusterLimitExceeded',
      `The operation would exceed the number of nodes allowed for a cluster of node type ${nodeType}.`,
    )
  return { clusterType, numberOfNodes: nodes }
}

const reservedWords = new Set([
  'public',
  'admin_only',
  'all',
  'analyse',
  'analyze',
  'and',
  'any',
  'table',
  'select',
  'user',
])

/** The admin user and its password: managed by AWS, or given, and never both. */
export function validateAdmin(params: Params): { managed: boolean; username: string } {
  const username = required(params, 'MasterUsername')
  if (!/^[a-z][a-z0-9_+.@-]{0,127}$/.test(username))
    throw invalidValue(
      'The parameter MasterUsername must be lowercase, begin with a letter, contain only alphanumeric characters, _ + . @ -, and be less than 128 characters.',
    )
  if (reservedWords.has(username))
    throw invalidValue(`MasterUsername ${username} cannot be used as it is a reserved word.`)
  const managed = flag(params, 'ManageMasterPassword') ?? false
  const password = text(params, 'MasterUserPassword')
  if (managed && password !== undefined)
    // Only the beginning of this sentence is on record.
    throw invalidValue(
      'Your Amazon Redshift cluster is opting in to manage your password with AWS Secrets Manager. You cannot specify MasterUserPassword.',
    )
  if (!managed && text(params, 'MasterPasswordSecretKmsKeyId') !== undefined)
    throw invalidValue('MasterPasswordSecretKmsKeyId can only be specified with ManageMasterPassword.')
  if (!managed) {
    if (password === undefined)
      throw new AwsError('MissingParameter', 'The request must contain the parameter MasterUserPassword')
    if (!/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[!-~]{8,64}$/.test(password) || /['"\\/@]/.test(password))
      throw invalidValue(
        'The parameter MasterUserPassword must contain 8 to 64 printable ASCII characters other than /, @, ", \', \\ and space, with an uppercase letter, a lowercase letter and a number.',
      )
  }
  return { managed, username }
}

/** Everything else that a create or a modify may have wrong by itself. */
export function validateSettings(params: Params): void {
  const dbName = text(params, 'DBName')
  if (dbName !== undefined && !/^[a-z][a-z0-9_+.@-]{0,62}$/.test(dbName))
    throw invalidValue(
      'The parameter DBName must be lowercase, begin with a letter, contain only alphanumeric characters, _ + . @ -, and be less than 64 characters.',
    )
  const port = integer(params, 'Port')
  if (port !== undefined && !(port >= 5431 && port <= 5455) && !(port >= 8191 && port <= 8215))
    throw invalidValue(`The port ${port} is not valid. The port must be within the ranges 5431-5455 or 8191-8215.`)
  if (flag(params, 'Encrypted') === false)
    // That it is refused is documented, the sentence isn't.
    throw invalidValue('Encryption can not be disabled: clusters are encrypted at rest.')
  const automated = integer(params, 'AutomatedSnapshotRetentionPeriod')
  if (automated !== undefined && (automated < 1 || automated > 35))
    throw invalidValue('AutomatedSnapshotRetentionPeriod must be between 1 and 35.')
  validateRetention(integer(params, 'ManualSnapshotRetentionPeriod'))
  const roles = texts(params, 'IamRoles')
  const defaultRole = text(params, 'DefaultIamRoleArn')
  if (roles.length > 50) throw invalidValue('A maximum of 50 IAM roles can be associated with the cluster.')
  if (defaultRole !== undefined && !roles.includes(defaultRole))
    // Recorded for Serverless only.
    throw invalidValue(
      `Invalid default IAM Role ${defaultRole}. The IAM roles list isnt specified or it doesnt contain a default IAM Role.`,
    )
}

/** The days a manual snapshot is kept: -1 is for ever. */
export function validateRetention(days: number | undefined): void {
  if (days === undefined || days === -1) return
  if (days > 3653) throw new AwsError('InvalidRetentionPeriodFault', 'Retention period cannot exceed 3653 days.')
  if (days < 1)
    throw new AwsError(
      'InvalidRetentionPeriodFault',
      'The retention period specified is either in the past or is not a valid value. The value must be either -1 or an integer between 1 and 3,653.',
    )
}

/** Where a cluster goes: the named subnet group, or `default`, which Redshift makes of the default VPC. */
export function placementOf(region: Region, params: Params): { name: string; vpcId: string; subnetIds: string[] } {
  const name = text(params, 'ClusterSubnetGroupName') ?? 'default'
  const group = region.subnetGroups.get(name)
  if (group !== undefined) return group
  const vpc = name === 'default' ? defaultVpcOf(region) : undefined
  if (vpc === undefined)
    throw new AwsError('ClusterSubnetGroupNotFoundFault', `The Cluster subnet group '${name}' doesn't exist.`)
  const subnets = [...region.subnets.values()].filter(({ vpcId }) => vpcId === vpc.id)
  return { name, vpcId: vpc.id, subnetIds: subnets.map(({ id }) => id) }
}

/** The groups must be in the cluster's VPC. Provisioned Redshift's code for this is not on record; the sentence is Serverless's. */
export function validateGroups(region: Region, groupIds: readonly string[], vpcId: string): void {
  for (const id of groupIds)
    if (region.securityGroups.get(id)?.vpcId !== vpcId)
      throw invalidValue(`VPC Security group ${id} does not exist in VPC ${vpcId}`)
}
