import { AwsError } from './errors.ts'
import { records, required, text, texts } from './params.ts'
import { jsonService } from './protocols.ts'

/** Secrets Manager, as far as the passwords that Redshift keeps there need it. */
export const secretsManager = jsonService(
  'secretsmanager',
  {
    GetSecretValue(params, { region }) {
      const secret = region.secrets.get(required(params, 'SecretId'))
      if (secret === undefined)
        throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
      return { ARN: secret.arn, Name: secret.name, SecretString: secret.secretString, VersionStages: ['AWSCURRENT'] }
    },
    /** The filter `name` compares the beginnings of names. */
    ListSecrets(params, { region }) {
      let found = [...region.secrets.values()]
      for (const filter of records(params, 'Filters')) {
        if (text(filter, 'Key') !== 'name') throw new Error(`the double doesn't know the filter ${filter.Key}`)
        found = found.filter(({ name }) => texts(filter, 'Values').some((value) => name.startsWith(value)))
      }
      return {
        SecretList: found.map(({ arn, name, description }) => ({ ARN: arn, Name: name, Description: description })),
      }
    },
  },
  'InvalidParameterException',
)
