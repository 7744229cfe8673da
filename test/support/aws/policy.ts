import type { AwsState } from './state.ts'
import type { Role } from './types.ts'

interface Statement {
  Effect: 'Allow' | 'Deny'
  Action?: string | string[]
  Resource?: string | string[]
  Principal?: '*' | Record<string, string | string[]>
  Condition?: Record<string, Record<string, string | string[]>>
}

/** The values that conditions look at, by key: `s3:prefix`, `aws:SourceAccount`. */
type ConditionValues = Readonly<Record<string, string | undefined>>

/** Whether a role's inline policies allow an action on a resource. As in IAM an explicit deny wins, and nothing is allowed that is not written. */
export function roleAllows(role: Role, action: string, resource: string, values: ConditionValues = {}): boolean {
  const statements = [...role.inlinePolicies.values()].flatMap(statementsOf)
  const applies = statements.filter(
    (statement) =>
      someMatch(statement.Action, action, { ignoreCase: true }) &&
      someMatch(statement.Resource, resource) &&
      conditionsHold(statement.Condition, values),
  )
  return applies.some(({ Effect }) => Effect === 'Allow') && !applies.some(({ Effect }) => Effect === 'Deny')
}

/**
 * What happens when a service (`redshift.amazonaws.com`) takes on a role for a resource of this account.
 * Undefined: it may. Otherwise the reason. A role made a moment ago is refused for a while, as IAM does: every call counts as one use.
 */
export function refusedAssumption(
  state: AwsState,
  roleArn: string,
  service: string,
  sourceArn?: string,
): string | undefined {
  const role = [...state.roles.values()].find(({ arn }) => arn === roleArn)
  if (role === undefined) return `role ${roleArn} does not exist`
  if (role.usesUntilAssumable > 0) {
    role.usesUntilAssumable -= 1
    return `role ${roleArn} is too new`
  }
  const values = { 'aws:SourceAccount': state.settings.account, 'aws:SourceArn': sourceArn }
  const trusted = statementsOf(role.trustPolicy).some(
    (statement) =>
      statement.Effect === 'Allow' &&
      someMatch(statement.Action, 'sts:AssumeRole', { ignoreCase: true }) &&
      (statement.Principal === '*' || someMatch(statement.Principal?.Service, service)) &&
      conditionsHold(statement.Condition, values),
  )
  return trusted ? undefined : `role ${roleArn} does not trust ${service}`
}

/** Whether a text is a policy document at all: JSON with statements that have effect, action and resource, or principal in a trust policy. */
export function isPolicyDocument(document: string, { trust }: { trust: boolean }): boolean {
  const statements = statementsOf(document)
  const isComplete = (statement: Statement) =>
    /^(Allow|Deny)$/.test(statement.Effect) &&
    'Action' in statement &&
    'Principal' in statement === trust &&
    'Resource' in statement !== trust
  return statements.length > 0 && statements.every(isComplete)
}

function statementsOf(document: string): Statement[] {
  return [(JSON.parse(document) as { Statement: Statement | Statement[] }).Statement].flat()
}

function someMatch(patterns: string | string[] | undefined, value: string, { ignoreCase = false } = {}): boolean {
  if (patterns === undefined) return false
  return [patterns].flat().some((pattern) => wildcard(pattern, ignoreCase).test(value))
}

function wildcard(pattern: string, ignoreCase: boolean): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, ignoreCase ? 'is' : 's')
}

/** Only the operators that policies of this kind use. An operator we don't know does not hold: better a refusal than a false pass. */
function conditionsHold(conditions: Statement['Condition'], values: ConditionValues): boolean {
  return Object.entries(conditions ?? {}).every(([operator, wanted]) =>
    Object.entries(wanted).every(([key, allowed]) => {
      const name = Object.keys(values).find((each) => each.toLowerCase() === key.toLowerCase())
      const value = name === undefined ? undefined : values[name]
      if (value === undefined) return operator.endsWith('IfExists')
      const options = [allowed].flat().map(String)
      switch (operator.replace('IfExists', '')) {
        case 'StringEquals':
        case 'ArnEquals':
        case 'Bool':
          return options.includes(value)
        case 'StringLike':
        case 'ArnLike':
          return someMatch(options, value)
        default:
          return false
      }
    }),
  )
}
