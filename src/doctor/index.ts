import { existsSync, statfsSync } from 'node:fs'
import { openClients } from '../aws-client/clients.ts'
import { verifyInfrastructureSettings } from '../aws-client/verify-settings.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { refusal, type UserError } from '../errors.ts'
import { usesGivenHost } from '../infrastructure/given-warehouse.ts'
import { infrastructureSettings } from '../infrastructure/with-aws.ts'
import type { SourceName } from '../schema/index.ts'
import { escapeControlLines } from '../text.ts'
import * as aws from './aws-checks.ts'
import { type DoctorCheck, type DoctorContext, type Finding, runChecks, skipped } from './check.ts'
import { localChecks } from './local-checks.ts'
import { sourceChecks } from './source-checks.ts'
import { privileges, tableChecks } from './table-checks.ts'

export interface Diagnosis {
  /** Null if the config can't be read. */
  readonly engine: string | null
  readonly healthy: boolean
  readonly checks: readonly Finding[]
}

const config: DoctorCheck = {
  name: 'config',
  needs: [],
  async look({ context }) {
    const { file, engine, region } = context.config
    if (engine === 'duckdb') return `${file}: ${engine}`
    const { caFile } = context.config
    if (caFile !== undefined && !existsSync(caFile))
      throw refusal(
        `CA_FILE in [WAREHOUSE] names ${caFile}, which does not exist.`,
        'Name another file, or leave CA_FILE out.',
      )
    if (!usesGivenHost(context.config)) verifyInfrastructureSettings(infrastructureSettings(context.config))
    return `${file}: ${engine} in ${region}`
  },
}

/** The checks for a config, in the order in which a person would look. */
export function checksFor({ engine, sources, values }: Pick<Config, 'engine' | 'sources' | 'values'>): DoctorCheck[] {
  const ofSources = (needs: readonly string[]) =>
    (['log_data', 'song_data'] as const satisfies readonly SourceName[]).flatMap((source) =>
      sourceChecks(source, sources[source], needs),
    )
  if (engine === 'duckdb') return [config, ...ofSources([]), ...localChecks, ...tableChecks('database')]
  const { credentials, identity, permissions, role, reader } = aws
  const inAccount = [config, credentials, identity, permissions, ...ofSources(['identity'])]
  const warehouse = usesGivenHost({ values })
    ? [role, reader, aws.namedWarehouse]
    : [aws.warehouse, role, reader, aws.attachedRole]
  return [...inAccount, ...warehouse, aws.login, privileges, ...tableChecks('login')]
}

/** Runs every check, from the config to the ledger. Changes nothing. */
export async function examine(context: Context, freeBytes = freeBytesOf): Promise<Diagnosis> {
  const { config: settings } = context
  const clients = openClients({ region: settings.region, profile: settings.values.AWS?.PROFILE })
  const doctor: DoctorContext = { context, clients, freeBytes, found: { objects: {} } }
  try {
    return diagnosis(settings.engine, await runChecks(checksFor(settings), doctor))
  } finally {
    await doctor.found.warehouse?.close()
    clients.close()
  }
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** The diagnosis if the config can't be read: all other checks are skipped. */
export function withUnreadableConfig({ message, hint }: UserError): Diagnosis {
  const failed: Finding = { check: 'config', state: 'failed', message, fix: hint }
  const folder = { kind: 'folder', path: '' } as const
  const sources = { log_data: folder, song_data: folder }
  const [, ...others] = checksFor({ engine: 'duckdb', sources, values: {} })
  return diagnosis(null, [failed, ...others.map((check) => skipped(check, failed))])
}

function diagnosis(engine: string | null, checks: readonly Finding[]): Diagnosis {
  return { engine, healthy: checks.every(({ state }) => state !== 'failed'), checks }
}

/** One line per check; below a failure, its fix. */
export function diagnosisText({ checks }: Diagnosis): string {
  const width = Math.max(...checks.map(({ check }) => check.length))
  const indent = `\n${''.padEnd(11 + width)}`
  const lines = checks.map(({ check, state, message, fix }) => {
    const text = [message, ...(fix === null ? [] : [fix])].map(escapeControlLines).join('\n').replaceAll('\n', indent)
    return `${state.padEnd(7)}  ${check.padEnd(width)}  ${text}`
  })
  const count = (state: Finding['state']) => checks.filter((each) => each.state === state).length
  const [failed, skippedCount] = [count('failed'), count('skipped')]
  const rejected = checks.find(
    ({ check, state, message }) => check === 'quarantine' && state === 'ok' && message !== 'empty',
  )
  const passed =
    count('absent') > 0
      ? 'Nothing is wrong. What is absent is not created yet.'
      : rejected === undefined
        ? 'All checks passed.'
        : `All checks passed, and ${rejected.message.split(',')[0]} in quarantine.`
  const sum =
    failed === 0
      ? passed
      : `${failed} of ${checks.length} checks failed${skippedCount > 0 ? `, ${skippedCount} were skipped` : ''}.`
  return [...lines, '', sum].join('\n')
}
