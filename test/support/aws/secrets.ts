import { AwsError } from './errors.ts'
import { integer, type Params, page, records, required, tagList, text, texts } from './params.ts'
import { jsonService, seconds } from './protocols.ts'
import type { Region } from './state.ts'
import type { Secret } from './types.ts'

/** A secret by its ARN, by its ARN without the random end, or by its name. */
function secretOf(params: Params, region: Region): Secret {
  const id = required(params, 'SecretId')
  const secret = [...region.secrets.values()].find(
    ({ arn, name }) => arn === id || name === id || arn.replace(/-\w{6}$/, '') === id,
  )
  if (secret === undefined)
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
  return secret
}

function describeSecret(secret: Secret) {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    OwningService: secret.owningService,
    // AWS rotates the passwords it manages, every 30 days by default.
    RotationEnabled: true,
    RotationRules: { AutomaticallyAfterDays: 30 },
    CreatedDate: seconds(secret.createdAt),
    LastChangedDate: seconds(secret.createdAt),
    Tags: tagList(secret.tags),
  }
}

function versionOf(secret: Secret): string {
  return `${secret.arn.slice(-6).toLowerCase().padEnd(8, '0')}-0000-4000-8000-000000000000`
}

/** Secrets Manager, as far as the passwords that Redshift keeps there need it. */
export const secretsManager = jsonService(
  'secretsmanager',
  {
    GetSecretValue(params, { region }) {
      const secret = secretOf(params, region)
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: versionOf(secret),
        SecretString: secret.secretString,
        VersionStages: ['AWSCURRENT'],
        CreatedDate: seconds(secret.createdAt),
      }
    },
    ListSecrets(params, { region }) {
      const filters = records(params, 'Filters').map((filter) => ({
        key: text(filter, 'Key') ?? '',
        values: texts(filter, 'Values'),
      }))
      const found = [...region.secrets.values()].filter((secret) =>
        filters.every(({ key, values }) => values.some((value) => matches(secret, key, value))),
      )
      const { items, next } = page(found, integer(params, 'MaxResults') ?? 100, text(params, 'NextToken'))
      return { SecretList: items.map(describeSecret), NextToken: next }
    },
  },
  { messageKey: 'Message', invalidCode: 'InvalidParameterException' },
)

/** Filters compare the beginnings of words; a leading `!` turns them round. */
function matches(secret: Secret, key: string, value: string): boolean {
  if (value.startsWith('!')) return !matches(secret, key, value.slice(1))
  switch (key) {
    case 'name':
      return secret.name.startsWith(value)
    case 'description':
      return secret.description.startsWith(value)
    case 'owning-service':
      return secret.owningService.startsWith(value)
    case 'tag-key':
      return secret.tags.some((tag) => tag.key.startsWith(value))
    case 'tag-value':
      return secret.tags.some((tag) => tag.value.startsWith(value))
    case 'all':
      return [secret.name, secret.description].some((each) => each.includes(value))
    default:
      throw new AwsError('InvalidParameterException', `The filter key ${key} is not valid.`)
  }
}
