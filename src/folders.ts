import { dirname, join, resolve } from 'node:path'

/** The folder of this project: the one above `src`, where the entry scripts lie. */
export const projectFolder = resolve(dirname(process.argv[1] ?? join(process.cwd(), 'src', 'cli.ts')), '..')

/**
 * The folder a person stands in. npm runs scripts in the project's folder and says in INIT_CWD where it was called;
 * a process that only inherits that variable from an npm further up is told apart by where it runs itself.
 */
export function callersFolder(environment = process.env, folder = process.cwd()): string {
  const { INIT_CWD, npm_package_json } = environment
  return INIT_CWD && npm_package_json && dirname(npm_package_json) === folder ? INIT_CWD : folder
}
