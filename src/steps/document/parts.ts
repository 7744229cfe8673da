/** What is made from the code, so it can't go stale unseen: a list of files, each with the function that brings its text up to date. */
import { documentedPolicy } from '../../aws-client/documented-policy.ts'
import { commands, help } from '../../commands.ts'
import { configKeys } from '../../config.ts'
import { dataDictionary, markdownTable, replaceBlock, starDiagram } from '../../reports/dictionary.ts'
import { notebookOf } from '../../reports/notebook.ts'
import { bookkeepingTables, stagingTables, starTables } from '../../schema/index.ts'

interface Part {
  /** Path below the project. */
  readonly file: string
  /** The text as it should be, from the text as it is and from other files of the project; undefined: there is no such file. */
  readonly update: (text: string | undefined, read: (file: string) => string | undefined) => string
}

const whole = (file: string, content: () => string): Part => ({ file, update: content })

/** The lines between `<!-- name -->` and `<!-- /name -->`. */
const block = (file: string, name: string, content: () => string): Part => ({
  file,
  update: (text = '') => replaceBlock(text, name, content()),
})

const notebook = (name: string): Part => ({
  file: `notebooks/${name}.ipynb`,
  update: (text, read) => notebookOf(read(`notebooks/${name}.ts`) ?? '', text),
})

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

const iamPolicy = () => `${JSON.stringify(documentedPolicy('sparkify-warehouse-reader'), null, 2)}\n`

export const parts: readonly Part[] = [
  block('README.md', 'star', () => starDiagram(starTables, { columns: false })),
  block('README.md', 'help', helpOfCommands),
  block('README.md', 'configuration', configuration),
  block('documentation/schema.md', 'staging', () => dataDictionary(stagingTables)),
  block(
    'documentation/schema.md',
    'star',
    () => `${starDiagram(starTables, { columns: true })}\n\n${dataDictionary(starTables)}`,
  ),
  block('documentation/schema.md', 'bookkeeping', () => dataDictionary(bookkeepingTables)),
  whole('documentation/iam-policy.json', iamPolicy),
  ...['explore-s3', 'sample-loads', 'songplays-analysis'].map(notebook),
]
