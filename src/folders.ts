import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root folder of this project. */
export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * The folder the command was called from. npm runs scripts in the project folder and passes the caller's folder in INIT_CWD.
 * A process that inherited that variable from some other npm doesn't run in the folder of that npm's package.json.
 */
export function callersFolder(environment = process.env, folder = process.cwd()): string {
  const { INIT_CWD, npm_package_json } = environment
  return INIT_CWD && npm_package_json && dirname(npm_package_json) === folder ? INIT_CWD : folder
}
