import { existsSync, readFileSync, statSync } from 'node:fs'

/** A DuckDB file starts with three headers of this many bytes. */
const headerBytes = 4096

/** True for a database file whose creation was interrupted, by a kill or a full disk. It contains no data yet. */
export function isIncompleteFile(file: string): boolean {
  if (!existsSync(file)) return false
  const found = statSync(file)
  if (!found.isFile() || found.size >= 3 * headerBytes) return false
  return found.size === 0 || readFileSync(file).toString('latin1', 8, 12) === 'DUCK'
}
