/** What npm does with the words behind `npm run NAME`, as recorded, and the variables that it sets for every script. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The arguments that arrive, and the variables that the words change. Both versions of npm named in the file gave exactly this. */
export const { recordings } = JSON.parse(readFileSync(join(import.meta.dirname, 'npm-recordings.json'), 'utf8')) as {
  recordings: { typed: string[]; args: string[]; environment: Record<string, string> }[]
}

export function scriptEnvironment(name: string, changes: Readonly<Record<string, string>> = {}) {
  return {
    npm_command: 'run',
    npm_config_user_agent: 'npm/11.19.1 node/v20.20.2 linux x64 workspaces/false',
    npm_lifecycle_event: name,
    npm_lifecycle_script: `ts-node src/${name}.ts`,
    ...changes,
  }
}
