import { GetSecretValueCommand, paginateListSecrets, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { UserError } from '../errors.ts'
import { collect, undefinedIfNotFound } from './sdk-middleware.ts'

export { SecretsManagerClient as Client } from '@aws-sdk/client-secrets-manager'

/** Secrets Manager: the password that Redshift manages. */
export function verbs(client: SecretsManagerClient) {
  return {
    /** User and password of a secret that Redshift manages. They are only used to connect. */
    async findCredentials(secretArn: string): Promise<{ user: string; password: string } | undefined> {
      const answer = await undefinedIfNotFound(['ResourceNotFoundException'], () =>
        client.send(new GetSecretValueCommand({ SecretId: secretArn })),
      )
      if (answer === undefined) return undefined
      const { username, password } = parsed(answer.SecretString)
      if (typeof username === 'string' && typeof password === 'string') return { user: username, password }
      // The text is not quoted, because it is secret.
      throw new UserError('The secret that AWS manages for the administrator has no username and password.', {
        hint: 'If it was changed by hand, let AWS rotate it in Secrets Manager.',
      })
    },
    /** Names of the secrets that Redshift manages for the administrator of a cluster or namespace, except those being deleted. */
    async findSecrets(identifier: string, user: string): Promise<string[]> {
      // The whole name: a prefix would also match a warehouse whose identifier begins the same.
      const wanted = `redshift!${identifier}-${user}`
      const pages = paginateListSecrets({ client }, { Filters: [{ Key: 'name', Values: [wanted] }] })
      const secrets = await collect(pages, ({ SecretList }) => SecretList)
      return secrets.flatMap(({ Name, DeletedDate }) => (Name === wanted && DeletedDate === undefined ? Name : []))
    },
  }
}

function parsed(text: string | undefined): { username?: unknown; password?: unknown } {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
