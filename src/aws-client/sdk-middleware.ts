/** One call to AWS: `iam`, `CreateRole`. */
export interface Call {
  readonly service: string
  readonly operation: string
}

/** Sees every call once, whatever its retries, and may look at the result. For logs and tests. */
export type CallObserver = (call: Call, send: () => Promise<unknown>) => Promise<unknown>

/** What all SDK clients have: a stack of middleware. */
interface AnyClient {
  readonly middlewareStack: { add(middleware: never, options: never): void }
}

type Send = (args: unknown) => Promise<unknown>

const callKey = Symbol('call')

/** Marks every error of a client with the call that caused it, and shows every call to the observer. */
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

/** Marks an error with the call that caused it. */
export function answerTo(call: Call, error: Error): Error {
  return Object.assign(error, { [callKey]: call })
}

/** The call that caused an error, if it came from one of our clients. */
export function callOf(error: unknown): Call | undefined {
  return error instanceof Error && callKey in error ? (error[callKey] as Call) : undefined
}

/** True if an error has one of these names. The SDK has no classes for errors that it doesn't know. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name)
}

/** The items of all pages of a list. */
export async function collect<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const items: Item[] = []
  for await (const page of pages) items.push(...(itemsOf(page) ?? []))
  return items
}

/** Answers undefined if AWS does not find what was asked for. */
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
