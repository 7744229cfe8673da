// %% [markdown]
// # Loading, step by step
//
// The scripts `create-infrastructure`, `create-tables`, `etl` and `destroy-infrastructure`, one after the other, with a look into the tables in
// between: staging, star, ledger, quarantine. It works on a copy of a few objects of the source and in a DuckDB warehouse of its own, in a
// temporary folder that is removed at the end, so it harms nothing. On Redshift the scripts are the same ones, and so is the SQL.
//
// The outputs below are from a run over the first days of the real logs of November 2018 and the part of the real catalog whose keys
// begin with `A`. Run it yourself and the sample is taken from the sources of `config/dwh.cfg`, or of the config that `SPARKIFY_CONFIG` names.

// %%
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listSource, openNotebook, readRecords, showTable, showText, temporaryWorkplace, told } from './support.ts'
import type { SourceObject } from '../src/objects/object-store.ts'
import type { Sql } from '../src/sql-queries/index.ts'
import { createInfrastructure, createTables, destroyInfrastructure, etl } from '../src/steps/outcomes.ts'
import { makeSampleDataIfNone } from '../src/commands/generate.ts'

const origin = openNotebook()
await makeSampleDataIfNone(origin)
const logs = await listSource(origin, 'log_data')
const catalog = await listSource(origin, 'song_data')
const { folder, context } = temporaryWorkplace()

// Load ids hold an instant and random digits; here they are shown as load-1, load-2.
const ask = async (statement: string) => {
  const warehouse = await context.openWarehouse('read')
  try {
    return await warehouse.query(statement as Sql)
  } finally {
    await warehouse.close()
  }
}
const put = (key: string, content: string | Buffer) => {
  mkdirSync(dirname(join(folder, key)), { recursive: true })
  writeFileSync(join(folder, key), content)
}
const copy = async ({ store }: typeof logs, objects: readonly SourceObject[]) => {
  for (const object of objects) {
    const name = object.key.split('/').at(-1)?.replace(/\.gz$/, '') ?? ''
    put(object.source === 'log_data' ? `log_data/2018/11/${name}` : `song_data/${name}`, await store.read(object))
  }
}

// %% [markdown]
// ## A sample of the source
//
// Two days of logs and up to 2,000 songs to begin with.

// %%
await copy(logs, logs.objects.slice(0, 2))
await copy(catalog, catalog.objects.slice(0, 2000))
for (const source of ['log_data', 'song_data'] as const)
  await showText(`${source}: ${(await listSource(context, source)).objects.length} objects`)

// %% [markdown]
// ## create-infrastructure
//
// On DuckDB a folder. On Redshift a role, a bucket, a network rule and a cluster or workgroup; `--plan` says what that costs.

// %%
const infrastructure = await told(createInfrastructure(context, { plan: false, yes: false, ttl: undefined }))
assert.equal(infrastructure.exitCode, 0)

// %% [markdown]
// ## create-tables
//
// Creates what is missing and drops nothing; a second time there is nothing to do.

// %%
const created = await told(createTables(context, { reset: false, yes: false }))
assert.equal(created.exitCode, 0)
await told(createTables(context, { reset: false, yes: false }))
await showTable(
  await ask(
    `select table_name, count(*) as columns from information_schema.columns where table_schema = 'main' group by 1 order by 1`,
  ),
)

// %% [markdown]
// ## etl
//
// Lists the source, subtracts what the ledger knows, copies the rest into staging, transforms it into the star, checks it, and commits all
// of that at once. Then it says where every event went, and what each table has now.

// %%
const first = await told(etl(context, { full: false }))
assert.equal(first.exitCode, 0)
await showText(first.text)

// %% [markdown]
// ### Staging
//
// Rows as they arrived. `user_id` is still empty where nobody was logged in, agents still have their quotes.

// %%
await showTable(
  await ask('select ts, page, user_id, level, artist, song, length from staging_events order by ts limit 5'),
)
await showTable(
  await ask('select song_id, title, artist_name, year, duration from staging_songs order by song_id limit 5'),
)

// %% [markdown]
// ### The star
//
// A row of `songplays` is one play. It keeps what the event reported, so a play of a song that the catalog does not have still counts.

// %%
await showTable(
  await ask(`select songplay_id, start_time, user_id, level, song_id, artist_id, session_id, item_in_session, artist_name, song_title
             from songplays order by start_time, songplay_id limit 5`),
)
await showTable(await ask('select user_id, first_name, last_name, gender, level from users order by user_id limit 3'))
await showTable(await ask('select song_id, title, artist_id, year, duration from songs order by song_id limit 3'))
await showTable(
  await ask('select artist_id, name, location, latitude, longitude from artists order by artist_id limit 3'),
)
await showTable(
  await ask('select start_time, hour, day, week, month, year, weekday from time order by start_time limit 3'),
)

// %% [markdown]
// ### The ledger
//
// One row for each object that was loaded, in the transaction that loaded it. That is why nothing is loaded twice.

// %%
await showTable(
  await ask(`select object_key, bytes, rows, load_id from load_ledger where source = 'log_data' order by object_key`),
)
await showTable(
  await ask(
    'select source, count(*) as objects, sum(bytes) as bytes, sum(rows) as records from load_ledger group by 1 order by 1',
  ),
)

// %% [markdown]
// ## etl again: nothing to do

// %%
const again = await told(etl(context, { full: false }))
assert.deepEqual((again.json as { loads: string[] }).loads, [])
await showText(again.text)

// %% [markdown]
// ## A new day, and records that can't be taken
//
// The third day arrives. So does a file with two bad lines. In one, somebody wrote a play under the session and item of another one: two plays
// can't have one id, so the first by time stays and the other is put aside. In the other, the time is no time. Everything else is loaded,
// and the exit code, 3, says that something is in quarantine.

// %%
const [known] = await ask('select session_id, item_in_session from songplays order by start_time, songplay_id limit 1')
const copied = await readRecords(logs.store, logs.objects.slice(0, 2))
const original = copied.find(
  ({ sessionId, itemInSession }) => sessionId === known?.session_id && itemInSession === known?.item_in_session,
)
assert.ok(original)
await copy(logs, logs.objects.slice(2, 3))
const bad = [
  { ...original, ts: Number(original.ts) + 1000, song: 'Not <b>that</b> song' },
  { ...original, itemInSession: 9999, ts: 'yesterday' },
]
put('log_data/2018/11/damaged.json', bad.map((event) => JSON.stringify(event)).join('\n'))
const third = await told(etl(context, { full: false }))
assert.equal(third.exitCode, 3)
await showText(third.text)

// %% [markdown]
// ### Quarantine
//
// The records as they arrived, with object, line and reason.

// %%
const quarantined = await ask(
  'select object_key, line_number, reason, column_name, raw_text from quarantine order by line_number',
)
assert.equal(quarantined.length, 2)
await showTable(quarantined)

// %% [markdown]
// ## Nothing is lost
//
// Every load says where its events went: events = plays + not a play, and plays = inserted + already loaded + duplicates + conflicts.

// %%
const loads = await ask(
  'select load_id, events, not_a_play, plays, inserted, already_loaded, duplicates, conflicts, quarantined from loads order by load_id',
)
for (const load of loads) {
  const sum = (...names: string[]) => names.reduce((total, name) => total + Number(load[name]), 0)
  assert.equal(Number(load.events), sum('plays', 'not_a_play'))
  assert.equal(Number(load.plays), sum('inserted', 'already_loaded', 'duplicates', 'conflicts'))
}
await showTable(loads)

// %% [markdown]
// ## destroy-infrastructure
//
// Shows what it would remove, and with `--yes` removes it. The source is never touched; the temporary folder is this notebook's own.

// %%
const kept = await told(
  destroyInfrastructure(context, { yes: false, finalSnapshot: undefined, retentionDays: undefined }),
)
assert.equal(kept.exitCode, 2)
const destroyed = await told(
  destroyInfrastructure(context, { yes: true, finalSnapshot: undefined, retentionDays: undefined }),
)
assert.equal(destroyed.exitCode, 0)
rmSync(folder, { recursive: true })
