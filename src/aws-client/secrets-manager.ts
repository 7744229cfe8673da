import { paginateListSecrets, type SecretsManager } from '@aws-sdk/client-secrets-manager'
import { collect } from './sdk-middleware.ts'

/**
 * Names of the secrets that Redshift manages for the administrator of a cluster or namespace, except those being deleted. They are never
 * read: the Data API looks them up itself.
 */
export async function findSecrets(client: SecretsManager, identifier: string, user: string): Promise<string[]> {
  // The whole name: a prefix would also match a warehouse whose identifier begins the same.
  const wanted = `redshift!${identifier}-${user}`
  const pages = paginateListSecrets({ client }, { Filters: [{ Key: 'name', Values: [wanted] }] })
  const secrets = await collect(pages, ({ SecretList }) => SecretList)
  return secrets.flatMap(({ Name, DeletedDate }) => (Name === wanted && DeletedDate === undefined ? Name : []))
}
