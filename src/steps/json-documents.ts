import type { Status } from '../commands/status.ts'
import type { Diagnosis } from '../doctor/index.ts'
import type { EtlPlan } from '../etl/plan.ts'
import type { EtlSummary } from '../etl/summary.ts'
import type { LocalDestruction, LocalInfrastructure } from '../infrastructure/duckdb-folder.ts'
import type { CreateResult, Plan, Receipt, Sleep } from '../infrastructure/index.ts'
import type { Analysis } from '../reports/analysis.ts'
import type { SampleSummary } from '../sample-data/generate.ts'
import type { Row } from '../schema/index.ts'
import type { TablesResult } from '../tables/create-tables.ts'
import type { TablesPlan } from '../tables/plan-tables.ts'
import type { Interrupted } from './aws-infrastructure.ts'
import type { Documents } from './document/index.ts'

/**
 * What each command writes to stdout with `--json`, by the name of its script. The schemas in documentation/json are made from
 * these types and their comments, so a key is declared once: where it is made.
 */
export interface JsonDocuments {
  /** What the main job did. Where it could not make the infrastructure: the document of create-infrastructure. */
  readonly start: MainJob | Infrastructure
  /** What was found or made. With `--plan`, or when nobody agreed to it: what would be. */
  readonly 'create-infrastructure': Infrastructure
  /** The tables that were found, created and dropped, and how live tables differ from the schema. */
  readonly 'create-tables': TablesResult | TablesPlan
  /** What was loaded and where each event went. With `--plan`: what would be loaded. */
  readonly etl: EtlSummary | EtlPlan
  /** The questions with their rows. */
  readonly analyze: Answers
  /** The rows of the result, by column name. */
  readonly query: readonly Row[]
  /** What exists, the last loads, what is not loaded yet, what is in quarantine. */
  readonly status: Status
  /** Each thing that was looked at, and what was found. */
  readonly doctor: Diagnosis
  /** What was written. */
  readonly generate: SampleSummary
  /** What was removed and what is left. Without `--yes`: what would be removed. */
  readonly 'destroy-infrastructure': LocalDestruction | Plan | Receipt | Sleep | Interrupted
  /** The documents with generated parts that were stale, and those that were written. */
  readonly document: Documents
}

/** On DuckDB; on Redshift what would be made, what was made, or where it was interrupted. */
type Infrastructure = LocalInfrastructure | Plan | CreateResult | Sleep | Interrupted

export interface MainJob {
  /** Null if there was a source already. */
  readonly generated: SampleSummary | null
  readonly infrastructure: Infrastructure
  readonly tables: TablesResult
  readonly etl: EtlSummary
  readonly analyze: Answers
}

export interface Answers {
  readonly engine: string
  /** Path of the folder with the report. */
  readonly folder: string
  readonly analyses: readonly Answer[]
}

export interface Answer extends Omit<Analysis, 'answer'> {
  /** One sentence. */
  readonly answer: string
  readonly rows: readonly Row[]
}
