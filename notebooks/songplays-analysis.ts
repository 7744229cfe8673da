// %% [markdown]
// # What people listen to
//
// The questions that `npm run analyze` answers, asked of the star schema: each with its answer, a chart and the table behind it. Charts are
// live in JupyterLab and VS Code (point at a bar); viewers that only show what was computed, as GitHub does, have them as pictures.
//
// The outputs below are from a run over the real logs of November 2018 and the part of the real catalog whose keys begin with `A`, on DuckDB.
// Run it yourself and it uses the warehouse of `config/dwh.cfg`, and the sample data if there is no other. To ask another warehouse,
// Redshift for instance, name its config in the environment variable `SPARKIFY_CONFIG`.

// %%
import { openNotebook, showAnalysis, showTable, showText, told } from './support.ts'
import { analyses } from '../src/reports/analyses.ts'
import { countAllRows, type Sql, sql } from '../src/sql-queries/index.ts'
import { createLocalInfrastructure } from '../src/infrastructure/duckdb-folder.ts'
import { createTables } from '../src/tables/create-tables.ts'
import { etl } from '../src/etl/load.ts'
import { makeSampleDataIfNone } from '../src/commands/generate.ts'
import { starTables } from '../src/schema/index.ts'

const context = openNotebook()

// %% [markdown]
// ## Bring it up to date
//
// As `npm start` does: sample data if there is none, the folder of the database, the tables, and whatever is new at the source. On Redshift the
// cluster or workgroup has to be there, as `create-infrastructure` makes it: a notebook creates nothing that costs money.

// %%
const update = async () => {
  await makeSampleDataIfNone(context)
  if (context.config.engine === 'duckdb') createLocalInfrastructure(context)
  await createTables(context, { reset: false, yes: false })
  return etl(context, { full: false })
}
const { exitCode } = await told(update())
await showText(`etl ended with exit code ${exitCode}.`)

// %%
const warehouse = await context.openWarehouse('read')
await showTable(await warehouse.query(countAllRows(starTables)), [{ name: 'n', title: 'rows' }])

// %% [markdown]
// ## The questions
//
// They are a list of records in `src/reports/analyses.ts`; a new one there appears here, in the report and in the terminal.

// %%
for (const analysis of analyses) await showAnalysis(analysis, await warehouse.query(analysis.sql as Sql))

// %% [markdown]
// ## A question of your own
//
// Any query over the star will do. Here: how long do people listen, by their subscription? One row a play makes it a plain sum; a join that
// multiplied plays would have counted some of them twice.

// %%
const listening = sql`
  select p.level, count(distinct p.user_id) as users, count(*) as plays, cast(sum(p.length) / 3600 as decimal(10,1)) as hours
  from songplays p
  group by p.level
  order by hours desc`
await showAnalysis(
  {
    name: 'hours-by-level',
    question: 'How many hours do free and paying users listen?',
    sql: listening,
    columns: [{ name: 'hours', decimals: 1 }],
    chart: { mark: 'bar', category: 'level', value: 'hours' },
    answer: (rows) => rows.map(({ level, hours, users }) => `${level}: ${hours} hours by ${users} users`).join('; '),
  },
  await warehouse.query(listening),
)

// %%
await warehouse.close()
