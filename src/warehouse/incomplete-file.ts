import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'

/** DuckDB begins a file with three headers of this many bytes. */
const headerBytes = 4096
const magic = { text: 'DUCK', offset: 8 }

/** True of what is left of a file that a process was about to make when it was killed, or found no room. It holds nothing yet. */
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
