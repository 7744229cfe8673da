import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/**
 * The text of a file of an installed package, found from this file's place and not from the folder the program runs in.
 * For files that the package's `exports` don't name: `packageFile('vega', 'build/vega.min.js')`.
 */
export function packageFile(name: string, path: string): string {
  // swc turns import.meta.url into its CommonJS counterpart, so this line is the same under ts-node, vitest, Node and Deno.
  const entry = createRequire(import.meta.url).resolve(name)
  let folder = dirname(entry)
  while (basename(folder) !== name) folder = dirname(folder)
  return readFileSync(join(folder, path), 'utf8')
}
