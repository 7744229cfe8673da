import { isIPv4 } from 'node:net'
import { refusal, UserError } from '../errors.ts'

/** AWS's service that answers with the caller's address and a newline. */
const addressService = 'https://checkip.amazonaws.com'

/** Ranges from which nothing arrives at AWS: private, shared (carrier NAT), loopback, link-local, multicast, reserved. */
const unroutable = [
  /^0\./,
  /^10\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^127\./,
  /^169\.254\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^192\.168\./,
  /^198\.1[89]\./,
  /^(22[4-9]|2[3-5]\d)\./,
]

const fix = 'Set ADDRESS in [NETWORK] to the public IPv4 address from which you reach the internet.'

/** Why an address can't be allowed, or undefined if it can. */
export function addressProblem(address: string): string | undefined {
  const written = JSON.stringify(address)
  if (!isIPv4(address)) return `The address ${written} is not an IPv4 address such as 198.51.100.7.`
  if (unroutable.some((range) => range.test(address)))
    return `The address ${written} is not public: AWS can't be reached from it.`
  return undefined
}

/**
 * The caller's public address: the one that is given, or the one that AWS sees.
 *
 * @throws UserError if it can't be found or is not a public IPv4 address.
 */
export async function findAddress(given: string | undefined, fetchAddress = fetchOwnAddress): Promise<string> {
  if (given !== undefined) {
    const problem = addressProblem(given)
    if (problem !== undefined) throw refusal(problem, fix)
    return given
  }
  let address: string
  try {
    address = (await fetchAddress()).trim()
  } catch (cause) {
    throw new UserError(`Your public address is not known: ${addressService} does not answer.`, {
      hint: fix,
      cause,
    })
  }
  const problem = addressProblem(address)
  if (problem !== undefined) throw new UserError(`${addressService} says: ${problem}`, { hint: fix })
  return address
}

async function fetchOwnAddress(): Promise<string> {
  const response = await fetch(addressService, { signal: AbortSignal.timeout(10_000) })
  if (!response.ok) throw new Error(`status ${response.status}`)
  return response.text()
}
