import { setTimeout as wait } from 'node:timers/promises'
import {
  type Field,
  paginateGetStatementResult,
  type RedshiftData,
  type SubStatementData,
} from '@aws-sdk/client-redshift-data'
import { isNamed } from './sdk-middleware.ts'

/** The warehouse that statements run on. Without a secret, as the caller's IAM identity. */
export interface DataTarget {
  readonly cluster?: string | undefined
  readonly workgroup?: string | undefined
  readonly database: string
  readonly secretArn?: string | undefined
}

/** Statements that run one after the other, also past one that fails, each as if it had been sent alone. */
interface DataBatch {
  readonly statements: readonly string[]
  /** The session that they run in, or the target of a new one. */
  readonly on: { readonly sessionId: string } | DataTarget
  /** How long the session lives after the last statement; undefined: no session, the batch has a connection of its own. */
  readonly keepAliveSeconds?: number | undefined
  /** The same token again is the same batch again, so a submit whose answer was lost may be repeated. */
  readonly token: string
}

/** A page of a result. Fields are typed by the service, columns by the engine. */
interface ResultPage {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly records: readonly (readonly Field[])[]
}

export type DataService = ReturnType<typeof dataService>

/** Runs statements on a warehouse over HTTPS. */
export function dataService(client: RedshiftData) {
  return {
    /** Sends a batch and returns its id, without waiting for it. */
    async submit({ statements, on, keepAliveSeconds, token }: DataBatch): Promise<{ id: string; sessionId?: string }> {
      const { Id: id = '', SessionId: sessionId } = await client.batchExecuteStatement({
        ...('sessionId' in on
          ? { SessionId: on.sessionId }
          : {
              ClusterIdentifier: on.cluster,
              WorkgroupName: on.workgroup,
              Database: on.database,
              SecretArn: on.secretArn,
            }),
        Sqls: [...statements],
        ExecutionMode: 'AUTO_COMMIT',
        ...(keepAliveSeconds !== undefined && { SessionKeepAliveSeconds: keepAliveSeconds }),
        ClientToken: token,
      })
      return { id, ...(sessionId !== undefined && { sessionId }) }
    },
    /** Waits for a batch, at most `seconds` (0 to 30), and returns its state. */
    async describe(id: string, seconds: number) {
      const answer = await client
        .describeStatement({ Id: id, WaitTimeSeconds: seconds })
        .catch(async (error: unknown) => {
          // The account has too many requests that wait: look without waiting.
          if (!isNamed(error, 'ActiveWaitingRequestsExceededException')) throw error
          await wait(Math.min(seconds, 1) * 1000)
          return client.describeStatement({ Id: id })
        })
      return {
        isRunning: !['FINISHED', 'FAILED', 'ABORTED'].includes(answer.Status ?? ''),
        status: answer.Status ?? '',
        error: answer.Error,
        statements: (answer.SubStatements ?? []).map(outcomeOf),
      }
    },
    async cancel(id: string): Promise<void> {
      await client.cancelStatement({ Id: id })
    },
    async *results(id: string): AsyncGenerator<ResultPage> {
      for await (const page of paginateGetStatementResult({ client }, { Id: id }))
        yield {
          columns: (page.ColumnMetadata ?? []).map(({ label, name = '', typeName = '' }) => ({
            name: label ?? name,
            type: typeName,
          })),
          records: page.Records ?? [],
        }
    },
  }
}

/** What became of one statement of a batch. */
export type StatementOutcome = ReturnType<typeof outcomeOf>

function outcomeOf(statement: SubStatementData) {
  return {
    id: statement.Id ?? '',
    isFinished: statement.Status === 'FINISHED',
    error: statement.Error,
    /** Rows of the result, or rows that were changed. */
    rows: Math.max(statement.ResultRows ?? 0, 0),
    hasResult: statement.HasResultSet === true,
    milliseconds: (statement.Duration ?? 0) / 1e6,
  }
}
