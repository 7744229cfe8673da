import { isOwnEndpoint, verifyAnswer, verifyOutput } from './endpoints.ts'

/** One call to AWS: `iam`, `CreateRole`. */
export interface Call {
  readonly service: string
  readonly operation: string
  /** Where it was sent, if that isn't AWS: `http://localhost:9000`. */
  readonly endpoint?: string | undefined
}

/** Sees every call once, whatever its retries, and may look at the result. For logs and tests. */
export type CallObserver = (call: Call, send: () => Promise<unknown>) => Promise<unknown>

/** What all SDK clients have: a stack of middleware. */
interface AnyClient {
  readonly middlewareStack: { add(middleware: never, options: never): void }
}

/** What the SDK hands from one middleware of a call to the next. */
interface Step {
  commandName?: string
  endpoint?: string
}
type Send = (args: unknown) => Promise<{ readonly output: Readonly<Record<string, unknown>> }>
type Transport = (args: SentRequest) => Promise<{ readonly response: Parameters<typeof verifyAnswer>[2] }>
interface SentRequest {
  readonly request: {
    readonly method: string
    readonly protocol: string
    readonly hostname: string
    readonly port?: number
  }
}

const callKey = Symbol('call')

/**
 * Marks every error of a client with the call that caused it, and shows every call to the observer. An answer that doesn't come from
 * AWS, or something that speaks like it, is a NotAws error, which the SDK doesn't retry.
 */
export function observeCalls<Client extends AnyClient>(
  client: Client,
  service: string,
  observer?: CallObserver,
): Client {
  const mark = (next: Send, step: Step) => (args: unknown) => {
    const call = { service, operation: (step.commandName ?? '').replace(/Command$/, '') }
    const send = async () => {
      try {
        const result = await next(args)
        verifyOutput(call.operation, result.output, step.endpoint)
        return result
      } catch (error) {
        throw error instanceof Error ? answerTo({ ...call, endpoint: step.endpoint }, error) : error
      }
    }
    return observer === undefined ? send() : observer(call, send)
  }
  const look = (next: Transport, step: Step) => async (args: SentRequest) => {
    const { protocol, hostname, port, method } = args.request
    const endpoint = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`
    if (isOwnEndpoint(hostname)) step.endpoint = endpoint
    const answer = await next(args)
    verifyAnswer(service, { endpoint, hostname, method }, answer.response)
    return answer
  }
  client.middlewareStack.add(mark as never, { step: 'initialize', name: 'markErrors' } as never)
  client.middlewareStack.add(look as never, { step: 'deserialize', name: 'verifyAnswer', priority: 'low' } as never)
  return client
}

/** Marks an error with the call that caused it. */
export const answerTo = (call: Call, error: Error): Error => Object.assign(error, { [callKey]: call })

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
