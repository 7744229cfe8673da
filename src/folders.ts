import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root folder of this project. */
export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)))

/** The version of this project. */
export function projectVersion(): string {
  return (JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string }).version
}

/**
 * The folder the command was called from. npm runs scripts in the project folder and passes the caller's folder in INIT_CWD.
 * A process that inherited that variable from some other npm doesn't run in the folder of that npm's package.json.
 */
export function callersFolder(environment = process.env, folder = process.cwd()): string {
  const { INIT_CWD, npm_package_json } = environment
  return INIT_CWD && npm_package_json && dirname(npm_package_json) === folder ? INIT_CWD : folder
}
