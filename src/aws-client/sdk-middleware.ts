/** One call to AWS: `iam`, `CreateRole`. */
export interface Call {
  readonly service: string
  readonly operation: string
}

/** Sees every call once, its retries included; may look at what comes of it. For logs and tests. */
export type CallObserver = (call: Call, send: () => Promise<unknown>) => Promise<unknown>

/** What all SDK clients have in common: a stack of middleware. */
interface AnyClient {
  readonly middlewareStack: { add(middleware: never, options: never): void }
}

type Send = (args: unknown) => Promise<unknown>

const callKey = Symbol('call')

/** Makes every error of a client say which call it is the answer to, and lets the observer see every call. */
export function observeCalls<Client extends AnyClient>(
  client: Client,
  service: string,
  observer?: CallObserver,
): Client {
  const middleware =
    (next: Send, { commandName = '' }: { commandName?: string }) =>
    (args: unknown) => {
      const call: Call = { service, operation: commandName.replace(/Command$/, '') }
      const send = async () => {
        try {
          return await next(args)
        } catch (error) {
          throw error instanceof Error ? answerTo(call, error) : error
        }
      }
      return observer === undefined ? send() : observer(call, send)
    }
  client.middlewareStack.add(middleware as never, { step: 'initialize', name: 'observeCalls' } as never)
  return client
}

/** Makes an error say which call it is the answer to. */
export function answerTo(call: Call, error: Error): Error {
  return Object.assign(error, { [callKey]: call })
}

/** The call that an error is the answer to, if it came from one of our clients. */
export function callOf(error: unknown): Call | undefined {
  return error instanceof Error && callKey in error ? (error[callKey] as Call) : undefined
}

/** True if an error has one of these names. The SDK's classes say nothing: errors it doesn't know have only their name. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name)
}

/** Answers undefined where the thing that was asked for is not there. */
export async function undefinedIfNotFound<Result>(
  names: readonly string[],
  ask: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isNamed(error, ...names)) return undefined
    throw error
  }
}
