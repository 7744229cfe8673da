import { refusal } from '../errors.ts'
import { isCapacity, nodeTypes, portRanges, reservedWords, retiredFamilies } from './node-types.ts'
import type { InfrastructureSettings } from './settings.ts'

/**
 * Checks what AWS accepts, as far as that is known before the first call. What a single value looks like is checked by the config.
 *
 * @throws UserError (exit code 2) that lists every problem with the valid choices.
 */
export function verifyInfrastructureSettings(settings: InfrastructureSettings): void {
  refuseFor([
    identifierProblem(settings),
    roleProblem(settings),
    ...(settings.engine === 'redshift'
      ? [nodeTypeProblem(settings), nodesProblem(settings)]
      : capacityProblems(settings)),
    wordProblem(
      'database',
      'DWH_DB',
      settings.database,
      /^[a-z][a-z0-9_+.@-]{0,62}$/,
      'less than 64 letters, digits and _ + . @ -',
    ),
    wordProblem(
      'user',
      'DWH_DB_USER',
      settings.user,
      /^[a-z][a-z0-9_+.@-]{0,127}$/,
      'at most 128 letters, digits and _ + . @ -',
    ),
    portProblem(settings),
    (settings.vpcId === undefined) === (settings.subnetIds === undefined)
      ? undefined
      : 'VPC_ID and SUBNET_IDS belong together: set both, or neither to use the default VPC.',
  ])
}

/**
 * Checks only the names, which destroy and status need to find things: a shape that can't be created must not keep anybody from removing
 * what exists.
 *
 * @throws UserError (exit code 2) that lists every problem.
 */
export function verifyNames(settings: InfrastructureSettings): void {
  refuseFor([identifierProblem(settings), roleProblem(settings)])
}

function refuseFor(found: readonly (string | undefined)[]): void {
  const problems = found.filter((problem) => problem !== undefined)
  if (problems.length === 0) return
  const heading = problems.length === 1 ? 'A setting is invalid' : `${problems.length} settings are invalid`
  throw refusal(
    `${heading}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    'Fix the config. AWS was not asked for anything.',
  )
}

function identifierProblem({ identifier, engine }: InfrastructureSettings): string | undefined {
  const least = engine === 'redshift' ? 1 : 3
  const isValid = /^[a-z](-?[a-z0-9])*$/.test(identifier) && identifier.length >= least && identifier.length <= 63
  if (isValid && identifier !== 'default') return undefined
  const suggestion = identifier
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 63)
  const instead = suggestion.length >= least && suggestion !== identifier ? ` Write ${suggestion}.` : ''
  const rule = `DWH_CLUSTER_IDENTIFIER must be ${least} to 63 lower-case letters, digits and single hyphens, a letter first`
  return `AWS does not accept the name ${JSON.stringify(identifier)}: ${rule}.${instead}`
}

function nodeTypeProblem({ cluster: { nodeType } }: InfrastructureSettings): string | undefined {
  if (nodeType in nodeTypes) return undefined
  const choices = Object.keys(nodeTypes).join(', ')
  const [family = ''] = nodeType.split('.')
  if (retiredFamilies.some((retired) => retired === family.toLowerCase()))
    return `AWS retired the node family ${family}, so ${nodeType} can't be created any more. The smallest DWH_NODE_TYPE are ra3.large and rg.large; all: ${choices}.`
  return `There is no node type ${JSON.stringify(nodeType)}: DWH_NODE_TYPE must be one of ${choices}.`
}

function nodesProblem({ cluster: { type, nodes, nodeType } }: InfrastructureSettings): string | undefined {
  const shape = nodeTypes[nodeType]
  if (shape === undefined) return undefined
  const singles = Object.keys(nodeTypes).filter((name) => nodeTypes[name]?.single)
  if (type === 'single-node') {
    if (nodes !== 1)
      return `A single-node cluster has 1 node, not ${nodes}: set DWH_NUM_NODES = 1, or DWH_CLUSTER_TYPE = multi-node.`
    if (!shape.single)
      return `${nodeType} starts at 2 nodes: set DWH_CLUSTER_TYPE = multi-node, or DWH_NODE_TYPE to one of ${singles.join(', ')}.`
    return undefined
  }
  if (Number.isInteger(nodes) && nodes >= 2 && nodes <= (shape.most ?? nodes)) return undefined
  const range = shape.most === undefined ? '2 or more' : `2 to ${shape.most}`
  const single = shape.single ? ', or DWH_CLUSTER_TYPE = single-node' : ''
  return `A multi-node cluster of ${nodeType} has ${range} nodes, not ${nodes}: set DWH_NUM_NODES${single}.`
}

function capacityProblems({ serverless }: InfrastructureSettings): (string | undefined)[] {
  const { baseCapacity, maxCapacity, dailyLimit } = serverless
  const choices = 'must be 4, 8 or another multiple of 8, at most 1024'
  return [
    isCapacity(baseCapacity) ? undefined : `BASE_RPU = ${baseCapacity} ${choices}.`,
    isCapacity(maxCapacity) ? undefined : `MAX_RPU = ${maxCapacity} ${choices}.`,
    maxCapacity < baseCapacity
      ? `MAX_RPU = ${maxCapacity} is less than BASE_RPU = ${baseCapacity}: it must be at least that.`
      : undefined,
    Number.isInteger(dailyLimit) && dailyLimit >= 1
      ? undefined
      : `DAILY_RPU_HOURS = ${dailyLimit} must be a whole number of at least 1.`,
  ]
}

function roleProblem({ roleName }: InfrastructureSettings): string | undefined {
  if (roleName === undefined || /^[\w+=,.@-]{1,64}$/.test(roleName)) return undefined
  return `AWS does not accept the role name ${JSON.stringify(roleName)}: DWH_IAM_ROLE_NAME must be 1 to 64 letters, digits and _ + = , . @ -.`
}

function wordProblem(what: string, key: string, word: string, pattern: RegExp, rule: string): string | undefined {
  if (reservedWords.has(word.toLowerCase()))
    return `${JSON.stringify(word)} is a reserved word of Redshift: choose another ${what} (${key}).`
  if (pattern.test(word)) return undefined
  const lower = word.toLowerCase()
  const instead = lower !== word && pattern.test(lower) ? ` Write ${lower}.` : ''
  return `AWS does not accept the ${what} ${JSON.stringify(word)}: ${key} must be ${rule}, in lower case, a letter first.${instead}`
}

function portProblem({ port }: InfrastructureSettings): string | undefined {
  if (portRanges.some(([from, to]) => Number.isInteger(port) && port >= from && port <= to)) return undefined
  const ranges = portRanges.map(([from, to]) => `${from} to ${to}`).join(' or ')
  return `Redshift does not listen on port ${port}: DWH_PORT must be ${ranges}; 5439 is usual.`
}
