import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/**
 * The text of a file of an installed package, also if the package doesn't export it: `packageFile('vega', 'build/vega.min.js')`.
 * Resolved relative to this file, so it doesn't depend on the current folder.
 */
export function packageFile(name: string, path: string): string {
  // swc compiles import.meta.url for CommonJS, so this works under ts-node, vitest, Node and Deno.
  const entry = createRequire(import.meta.url).resolve(name)
  let folder = dirname(entry)
  while (basename(folder) !== name) folder = dirname(folder)
  return readFileSync(join(folder, path), 'utf8')
}
