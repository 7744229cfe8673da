import type { AwsClients } from './clients.ts'
import { explaining } from './explain.ts'
import type { Caller } from './sts.ts'

/**
 * Asks AWS who is calling, before anything is touched.
 *
 * @throws UserError (exit code 2) if credentials are missing, expired or wrong, in one sentence with its cure.
 */
export function verifyIdentity(clients: AwsClients): Promise<Caller> {
  return explaining({ region: clients.region, profile: clients.profile }, async () =>
    (await clients.sts()).findCaller(),
  )
}
