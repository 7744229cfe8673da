import { builtInQuestions } from '../src/commands/find-questions.ts'
import { projectFolder } from '../src/folders.ts'

/** What `generate` makes. */
export interface Source {
  readonly events: number
  readonly songs: number
}

/** How one process does the work. Texts are for `sh`, in a folder of its own with `dwh.cfg` and the link `source`. */
export interface Way {
  /** If it fails, the way is skipped. */
  readonly needs?: string
  readonly once?: string
  /** Before each run; not measured, as `once`. */
  readonly before?: string
  /** What is measured: a single command. Its output goes to the file `printed`. */
  readonly command: string
  /** Prints the number of rows of each table after a run. */
  readonly rows?: string
  /** Instead of that of the case. */
  readonly source?: Source
  /** Another process does the work, so the memory of this one says nothing. */
  readonly worksElsewhere?: true
  readonly exitCode?: number
  /** The first way of the case takes at most so many times what this takes. */
  readonly atMost?: { readonly seconds?: number | undefined; readonly memory?: number | undefined }
}

const tsNode = `node '${projectFolder}/node_modules/ts-node/dist/bin.js'`
const script = (name: string) => `${tsNode} '${projectFolder}/src/${name}.ts'`
const ours = (name: string) => `${script(name)} --config dwh.cfg`
const reference = (name: string) => `'${projectFolder}/bench/references/${name}'`
const [staging, star, count] = ['staging-duckdb.sql', 'star.sql', 'count.sql'].map(reference)
const bareProcess = `node ${reference('bare-duckdb.cjs')}`

/** Generates a source in the folder `$0`, and cuts its log into 20 files, or more of 100,000 events (48 MB). */
export const generate = ({ events, songs }: Source) => `
  rm -rf "$0.unfinished"
  ${script('generate')} --events ${events} --songs ${songs} --out "$0.unfinished"
  cd "$0.unfinished/log_data"
  # A file is removed when it is read, so that no log is there twice. awk adds line ends that are missing.
  find . -name '*.json' | sort | while read -r file; do awk 1 "$file"; rm "$file"; done |
    split -l ${Math.min(Math.ceil(events / 20), 100_000)} -d -a 4 --additional-suffix=.json
  find . -type d -empty -delete
  mv "$0.unfinished" "$0"`

const create = `${ours('create-infrastructure')}; ${ours('create-tables')}`
const etlOn = (tables: string) => ({
  once: `${tables}; mv star.duckdb kept`,
  before: 'cp kept star.duckdb',
  command: ours('etl'),
  rows: `${bareProcess} star.duckdb ${count}`,
})
export const etl: Way = etlOn(create)
export const etlAgain: Way = etlOn(`${create}; ${ours('etl')}`)
export const analyze: Way = { ...etlAgain, command: ours('analyze') }

/** A source with a log of its own and the songs of the one that was there, which is now `base`. */
const variant = 'mv source base; mkdir -p source/log_data; ln -s ../base/song_data source'

/** A line that isn't JSON stands before the last one of each file. */
export const etlBadLines: Way = {
  ...etl,
  once: `${variant}
    for file in base/log_data/*; do sed '$i {"page":' "$file" > "source/log_data/$(basename "$file")"; done
    ${etl.once}`,
  exitCode: 3,
}

/** After everything has been loaded, the last 300 events come again, years later and in other sessions. */
export const etlNewDay: Way = {
  ...etl,
  once: `${variant}; ln -s ../../base/log_data source/log_data; ${etlAgain.once}
    cat base/log_data/* | tail -n 300 |
      sed -E 's/"sessionId": ?/&9000/; s/("ts": ?)1/\\12/' > source/log_data/new-day.json`,
}

export const start: Way = {
  before: 'rm -rf source star.duckdb',
  command: `npm --prefix '${projectFolder}' start -- --config "$PWD/dwh.cfg"`,
  rows: `${bareProcess} star.duckdb ${count}`,
  worksElsewhere: true,
}

export const help = (name: string): Way => ({ command: `${script(name)} --help` })
export const oneWord: Way = { command: `${tsNode} ${reference('one-word.ts')}` }

const load = (command: string) => ({ before: 'rm -rf star.* pipelines *.parquet', command, rows: 'sort printed' })
export const bareDuckdb: Way = load(`${bareProcess} star.duckdb ${staging} ${star} ${count}`)
/** Loads what `ours` has just made. */
export const bareAfterStart: Way = { ...bareDuckdb, once: 'ln -s ../ours/source source' }
/** The SQL of `analyze`, on its database. */
export const bareQuestions: Way = {
  once: builtInQuestions()
    .map(({ name, sql }) => `cat > ${name}.sql <<'END'\n${sql}\nEND`)
    .join('\n'),
  command: `${bareProcess} ../ours/star.duckdb *.sql`,
}

const python = (args: string, modules: string) => ({
  ...load(`"$PYTHON" ${args}`),
  needs: `"$PYTHON" -c 'import ${modules}'`,
})
const loadPy = reference('load.py')
export const pythonDuckdb: Way = python(`${loadPy} duckdb ${staging} ${star} ${count}`, 'duckdb')
export const dlt: Way = python(`${loadPy} dlt ${star} ${count}`, 'dlt, duckdb')
export const chdb: Way = python(`${loadPy} chdb ${reference('staging-chdb.sql')} ${star} ${count}`, 'chdb')
export const polars: Way = python(reference('polars_load.py'), 'polars')

const server = `sh ${reference('postgresql.sh')} ../../postgresql`
export const stopPostgresql = `sh ${reference('postgresql.sh')} postgresql stop`
export const postgresql: Way = {
  ...load(`${server} psql -d bench -v source="$PWD/source" -f ${reference('postgresql.sql')} -f ${star} -f ${count}`),
  needs: 'ls /usr/lib/postgresql',
  once: `${server} start`,
  before: `${server} psql -d postgres -c 'drop database if exists bench' -c 'create database bench'`,
  worksElsewhere: true,
}
