/** What is made from the code, so it can't go stale unseen: a list of files, each with the function that brings its text up to date. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { documentedPolicy } from '../../aws-client/documented-policy.ts'
import { commands, help } from '../../commands.ts'
import { configKeys } from '../../config.ts'
import { analyses } from '../../reports/analyses.ts'
import { drawTables } from '../../reports/diagram.ts'
import { dataDictionary, lineageTable, markdownTable, replaceBlock, tableDiagram } from '../../reports/dictionary.ts'
import { answerList, type Facts, fillNumbers, sameFacts } from '../../reports/facts.ts'
import { licenceTable } from '../../reports/licences.ts'
import { notebookOf } from '../../reports/notebook.ts'
import { rendered } from '../../reports/statements.ts'
import { sampleDefaults } from '../../sample-data/generate.ts'
import {
  artists,
  bookkeepingTables,
  lineage,
  maxSessionId,
  songplays,
  songs,
  stagingTables,
  starTables,
  type Table,
  time,
  users,
} from '../../schema/index.ts'
import { duckdb, redshift } from '../../sql-queries/index.ts'
import { jsonSchemas } from '../json-schemas.ts'
import type { Measurement } from './measure.ts'
import { documentedPrices } from './prices.ts'

export interface Part {
  /** Path below the project. */
  readonly file: string
  /** The text as it should be, from the text as it is and from other files of the project; undefined: there is no such file. */
  readonly update: (text: string | undefined, read: Read) => string
  /** It comes from a run, not from the code. */
  readonly isMeasured?: true
}

type Read = (file: string) => string | undefined

const whole = (file: string, content: () => string): Part => ({ file, update: content })

/** The lines between `<!-- name -->` and `<!-- /name -->`. */
const block = (file: string, name: string, content: (read: Read) => string): Part => ({
  file,
  update: (text = '', read) => replaceBlock(text, name, content(read)),
})

const factsFile = 'documentation/facts.json'
const factsOf = (read: Read) => JSON.parse(read(factsFile) ?? '{}') as Facts

/** Numbers that are settings of the code. */
const constants = {
  sample_events: sampleDefaults.events,
  sample_songs: sampleDefaults.songs,
  greatest_session_id: maxSessionId,
  ...documentedPrices(),
}

/** The numbers in the words of a document. */
const numbers = (file: string): Part => ({
  file,
  update: (text = '', read) => fillNumbers(text, { ...constants, ...factsOf(read).numbers }),
})

const notebook = (name: string): Part => ({
  file: `notebooks/${name}.ipynb`,
  update: (text, read) => notebookOf(read(`notebooks/${name}.ts`) ?? '', text),
})

const commandTable = () =>
  markdownTable(
    ['`npm run …`', ''],
    commands.map(({ name, summary }) => [`\`${name}\``, summary]),
  ).join('\n')

const helpOfCommands = () => commands.map((command) => `\`\`\`text\n${help(command)}\n\`\`\``).join('\n\n')

const configuration = () =>
  markdownTable(
    ['section', 'key', 'meaning', 'if not set'],
    configKeys.map(({ section, key, meaning, fallback }) => [
      section,
      `\`${key}\``,
      meaning,
      fallback ? `\`${fallback}\`` : '',
    ]),
  ).join('\n')

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

const iamPolicy = () => json(documentedPolicy('sparkify-warehouse-reader'))

const schemaTable = () =>
  markdownTable(
    ['command', 'schema of its document'],
    commands.map(({ name }) => [`\`${name}\``, `[${name}.schema.json](json/${name}.schema.json)`]),
  ).join('\n')

/** Compiling the types takes a second, so it is done once. */
let schemas: ReturnType<typeof jsonSchemas> | undefined
const schemaOf = (name: string) => {
  schemas ??= jsonSchemas()
  return json(schemas[name])
}

const dimensions = [users, songs, artists, time]

/** A diagram, and the data dictionary of its tables. */
const described = (name: string, words: string, tables: readonly Table[]) =>
  `![${words}](images/schemas/${name}.svg)\n\n${tableDiagram(tables, { columns: true })}\n\n${dataDictionary(tables, lineage)}`

export const parts: readonly Part[] = [
  block('README.md', 'transcript', (read) => ['```text', ...factsOf(read).transcript, '```'].join('\n')),
  block('README.md', 'answers', (read) => answerList(analyses, factsOf(read).answers)),
  block('README.md', 'commands', commandTable),
  block('documentation/commands.md', 'help', helpOfCommands),
  block('documentation/commands.md', 'configuration', configuration),
  block('documentation/schema.md', 'staging', () => described('staging', 'The staging tables', stagingTables)),
  block('documentation/schema.md', 'star', () => described('star', 'The star schema', starTables)),
  block('documentation/schema.md', 'dimensions', () => tableDiagram(dimensions, { columns: true })),
  block('documentation/schema.md', 'lineage', () => lineageTable(stagingTables, lineage)),
  block('documentation/schema.md', 'bookkeeping', () => dataDictionary(bookkeepingTables)),
  whole('documentation/images/schemas/staging.svg', () =>
    drawTables(
      'The staging tables',
      stagingTables.map((table) => [table]),
    ),
  ),
  whole('documentation/images/schemas/dimensions.svg', () =>
    drawTables('The dimensions', [
      [users, time],
      [songs, artists],
    ]),
  ),
  whole('documentation/images/schemas/star.svg', () =>
    drawTables('The star schema', [[time, users], [songplays], [songs, artists]]),
  ),
  whole('documentation/sql/duckdb.sql', () => rendered(duckdb)),
  whole('documentation/sql/redshift.sql', () => rendered(redshift)),
  whole('documentation/iam-policy.json', iamPolicy),
  ...commands.map(({ name }) => whole(`documentation/json/${name}.schema.json`, () => schemaOf(name))),
  block('documentation/cron.md', 'documents', schemaTable),
  block('documentation/licences.md', 'licences', (read) =>
    licenceTable(JSON.parse(read('package-lock.json') ?? '{}').packages),
  ),
  ...['explore-s3', 'sample-loads', 'songplays-analysis'].map(notebook),
  ...['README.md', 'documentation/decisions.md'].map(numbers),
]

/** The facts of a measurement and the charts of the real data. `keepTimes`: other times alone are no reason to write the facts anew. */
export function measuredParts({ facts, folder }: Measurement, { keepTimes }: { keepTimes: boolean }): readonly Part[] {
  const charts = readdirSync(folder)
    .filter((name) => name.endsWith('.svg'))
    .map((name): Part => {
      const svg = readFileSync(join(folder, name), 'utf8')
      return { file: `documentation/data_analysis/${name}`, update: () => svg, isMeasured: true }
    })
  const update = (text = '') =>
    keepTimes && text !== '' && sameFacts(JSON.parse(text), facts) ? text : `${JSON.stringify(facts, null, 2)}\n`
  return [{ file: factsFile, update, isMeasured: true }, ...charts]
}
