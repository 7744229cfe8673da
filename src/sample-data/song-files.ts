import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { songFolder, trackId } from './identifiers.ts'
import type { Written } from './log-files.ts'
import { Random } from './random.ts'
import { type SongRecord, songLine } from './records.ts'

/** Writes a file for each song. `onFolder` is called with the number of songs whenever a folder is full. */
export async function writeSongFiles(
  songs: readonly SongRecord[],
  { seed, out, onFolder }: { seed: number; out: string; onFolder: (songs: number) => void },
): Promise<Written> {
  const written = { objects: 0, bytes: 0 }
  const random = new Random(seed, 5)
  let current = ''
  for (const [index, song] of songs.entries()) {
    const folder = songFolder(index)
    const path = join(out, 'song_data', ...folder)
    if (folder !== current) {
      onFolder(index)
      // Small files are written faster when none is waited for; between folders, others have their turn.
      await setImmediate()
      mkdirSync(path, { recursive: true })
      current = folder
    }
    const line = songLine(song)
    writeFileSync(join(path, `${trackId(random, index, folder)}.json`), line, 'latin1')
    written.objects++
    written.bytes += line.length
  }
  onFolder(songs.length)
  return written
}
