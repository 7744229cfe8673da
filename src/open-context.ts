import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { S3Client } from '@aws-sdk/client-s3'
import { config as loadDotenv } from 'dotenv'
import { readConfig, readText } from './config.ts'
import type { Context } from './context.ts'
import { callersFolder, projectFolder, projectVersion } from './folders.ts'
import { usesGivenHost } from './infrastructure/given-warehouse.ts'
import { terminalLog } from './log.ts'
import { folderStore } from './objects/folder.ts'
import { duration } from './text.ts'

/**
 * Reads the config and makes the context of one command. Opens nothing yet.
 * `.env` is read in the folder the command was called from, and in the project's.
 */
export function openContext(configFile: string, signal: AbortSignal): Context {
  const files = [callersFolder(), projectFolder].map((folder) => join(folder, '.env')).filter(existsSync)
  // A file in another encoding would be read as if it were empty.
  for (const file of files) readText('file', file, 'Make it a file that you can read, or remove it.')
  loadDotenv({ path: files, quiet: true })
  const config = readConfig(configFile)
  let sourceClient: Promise<S3Client> | undefined
  const context: Context = {
    config,
    log: terminalLog(),
    signal,
    version: projectVersion(),
    now: () => new Date(),
    pauseMs: Number(process.env.SPARKIFY_POLL_MS ?? 15_000),
    async openWarehouse(access) {
      if (config.engine === 'duckdb') {
        const { openDuckdb } = await import('./warehouse/duckdb.ts')
        const { database: file, memoryLimit, threads, lockTimeoutMs } = config
        const onWait = (holder: string) =>
          context.log.done(
            'wait',
            'warehouse',
            `another process has it open (${holder}): waiting up to ${duration(lockTimeoutMs)}`,
          )
        const onProgress = process.stderr.isTTY ? (percent: number) => context.log.share(percent) : undefined
        return openDuckdb({ file, access, memoryLimit, threads, lockTimeoutMs, onWait, onProgress, signal })
      }
      const { caFile, statementTimeoutMs } = config
      const { findDataWarehouse } = await import('./infrastructure/connection.ts')
      const { givenConnection, givenDataWarehouse, givenWarehouse } = await import(
        './infrastructure/given-warehouse.ts'
      )
      const isGiven = usesGivenHost(config)
      if (!isGiven || givenWarehouse(config).password === undefined) {
        const { openRedshiftData } = await import('./warehouse/redshift-data.ts')
        const onWait = (seconds: number) =>
          context.log.done(
            'wait',
            'load',
            `another etl is loading, or was killed; then its session ends within ${duration(seconds * 1000)}`,
          )
        const find = () => (isGiven ? givenDataWarehouse(config) : findDataWarehouse(context))
        return openRedshiftData({ find, access, statementTimeoutMs, signal, onWait })
      }
      const { openRedshift } = await import('./warehouse/redshift-pg.ts')
      return openRedshift({
        findEndpoint: async () => givenConnection(config),
        access,
        caFile,
        statementTimeoutMs,
        connectTimeoutMs: 120_000,
        signal,
      })
    },
    openOther: (file) => openContext(file, signal),
    async objectStore(source) {
      const location = config.sources[source]
      if (location.kind === 'folder') return folderStore(location.path, signal)
      sourceClient ??= import('./aws-client/source-client.ts').then(({ openSourceClient }) =>
        openSourceClient({ region: config.region, profile: config.values.AWS?.PROFILE }),
      )
      const { s3Store } = await import('./objects/s3.ts')
      return s3Store(await sourceClient, location.bucket, location.prefix, signal)
    },
  }
  return context
}
