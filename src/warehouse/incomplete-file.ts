import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'

/** A DuckDB file starts with three headers of this many bytes. */
const headerBytes = 4096
const magic = { text: 'DUCK', offset: 8 }

/** True for a database file whose creation was interrupted, by a kill or a full disk. It contains no data yet. */
export function isIncompleteFile(file: string): boolean {
  if (!existsSync(file)) return false
  const { size } = statSync(file)
  if (!statSync(file).isFile() || size >= 3 * headerBytes) return false
  const start = Buffer.alloc(magic.offset + magic.text.length)
  const handle = openSync(file, 'r')
  try {
    readSync(handle, start, 0, start.length, 0)
  } finally {
    closeSync(handle)
  }
  return size === 0 || start.toString('latin1', magic.offset) === magic.text
}
