import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this project: the one above `src`. */
export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * The folder a person stands in. npm runs scripts in the project's folder and says in INIT_CWD where it was called;
 * a process that only inherits that variable from an npm further up is told apart by where it runs itself.
 */
export function callersFolder(environment = process.env, folder = process.cwd()): string {
  const { INIT_CWD, npm_package_json } = environment
  return INIT_CWD && npm_package_json && dirname(npm_package_json) === folder ? INIT_CWD : folder
}
