import { refusal } from '../errors.ts'
import type { InfrastructureSettings } from './settings.ts'

/**
 * Checks what AWS accepts, as far as that is known before the first call. What a single value looks like is checked by the config.
 *
 * @throws UserError (exit code 2) that lists every problem with the valid choices.
 */
export function verifyInfrastructureSettings(settings: InfrastructureSettings): void {
  const { engine, database, user, port, vpcId, subnetIds } = settings
  const listens = (port >= 5431 && port <= 5455) || (port >= 8191 && port <= 8215)
  refuseFor([
    ...nameProblems(settings),
    ...(engine === 'redshift' ? [nodesProblem(settings.cluster)] : capacityProblems(settings.serverless)),
    wordProblem('database', 'DWH_DB', database, 63),
    wordProblem('user', 'DWH_DB_USER', user, 128),
    Number.isInteger(port) && listens
      ? undefined
      : `Redshift does not listen on port ${port}: DWH_PORT must be 5431 to 5455 or 8191 to 8215; 5439 is usual.`,
    (vpcId === undefined) === (subnetIds === undefined)
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
  refuseFor(nameProblems(settings))
}

type Problem = string | undefined

function refuseFor(found: readonly Problem[]): void {
  const problems = found.filter((problem) => problem !== undefined)
  if (problems.length === 0) return
  const heading = problems.length === 1 ? 'A setting is invalid' : `${problems.length} settings are invalid`
  throw refusal(
    `${heading}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    'Fix the config. AWS was not asked for anything.',
  )
}

function nameProblems({ identifier, engine, roleName }: InfrastructureSettings): Problem[] {
  const least = engine === 'redshift' ? 1 : 3
  const rule = `DWH_CLUSTER_IDENTIFIER must be ${least} to 63 lower-case letters, digits and single hyphens, a letter first`
  const isValid = (name: string) => /^[a-z](-?[a-z0-9])*$/.test(name) && name.length >= least && name.length <= 63
  const other = identifier
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
  const instead = isValid(other) && other !== identifier ? ` Write ${other}.` : ''
  return [
    isValid(identifier) && identifier !== 'default'
      ? undefined
      : `AWS does not accept the name ${JSON.stringify(identifier)}: ${rule}.${instead}`,
    roleName === undefined || /^[\w+=,.@-]{1,64}$/.test(roleName)
      ? undefined
      : `AWS does not accept the role name ${JSON.stringify(roleName)}: DWH_IAM_ROLE_NAME must be 1 to 64 letters, digits and _ + = , . @ -.`,
  ]
}

/** Which other node types there are, and how many nodes of each, AWS says: a list here would keep new ones from being used. */
function nodesProblem({ type, nodes, nodeType }: InfrastructureSettings['cluster']): Problem {
  const [family = ''] = nodeType.split('.')
  if (/^d[cs][12]$/i.test(family))
    return `AWS retired the node family ${family}, so ${nodeType} can't be created any more. The smallest DWH_NODE_TYPE are ra3.large and rg.large.`
  if (type === 'single-node' && nodes !== 1)
    return `A single-node cluster has 1 node, not ${nodes}: set DWH_NUM_NODES = 1, or DWH_CLUSTER_TYPE = multi-node.`
  if (type === 'multi-node' && !(Number.isInteger(nodes) && nodes >= 2))
    return `A multi-node cluster has 2 nodes or more, not ${nodes}: set DWH_NUM_NODES, or DWH_CLUSTER_TYPE = single-node.`
  return undefined
}

function capacityProblems({ baseCapacity, maxCapacity, dailyLimit }: InfrastructureSettings['serverless']): Problem[] {
  const ofCapacity = (key: string, units: number): Problem =>
    units === 4 || (units % 8 === 0 && units >= 8 && units <= 1024)
      ? undefined
      : `${key} = ${units} must be 4, 8 or another multiple of 8, at most 1024.`
  return [
    ofCapacity('BASE_RPU', baseCapacity),
    ofCapacity('MAX_RPU', maxCapacity),
    maxCapacity < baseCapacity
      ? `MAX_RPU = ${maxCapacity} is less than BASE_RPU = ${baseCapacity}: it must be at least that.`
      : undefined,
    Number.isInteger(dailyLimit) && dailyLimit >= 1
      ? undefined
      : `DAILY_RPU_HOURS = ${dailyLimit} must be a whole number of at least 1.`,
  ]
}

/** What AWS says of a reserved word, such as `public`, is clear; it comes when the cluster is created. */
function wordProblem(what: string, key: string, word: string, most: number): Problem {
  const isValid = (text: string) => /^[a-z][a-z0-9_+.@-]*$/.test(text) && text.length <= most
  if (isValid(word)) return undefined
  const lower = word.toLowerCase()
  const instead = isValid(lower) ? ` Write ${lower}.` : ''
  return `AWS does not accept the ${what} ${JSON.stringify(word)}: ${key} must be at most ${most} letters, digits and _ + . @ -, in lower case, a letter first.${instead}`
}
