import { mkdirSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { eventLine, type LogEvent } from './records.ts'
import { secondsInDay } from './rhythm.ts'

/** What was written. */
export interface Written {
  objects: number
  bytes: number
}

/** Characters that are collected before they are written. */
const chunk = 1 << 17

/**
 * Writes events, which come in the order of time, to a file a day or several. A day without events has no file.
 * `onChunk` is called with the number of events whenever some have been written.
 */
export async function writeLogFiles(
  events: Iterable<LogEvent>,
  { out, files, onChunk }: { out: string; files: number; onChunk: (events: number) => void },
): Promise<Written> {
  const written = { objects: 0, bytes: 0 }
  let count = 0
  let current = -1
  let handle: FileHandle | undefined
  let writing: Promise<void> | undefined
  let text = ''

  /** Begins to write what has been collected, once the chunk before is written. */
  async function flush(): Promise<void> {
    await writing
    writing = handle?.writeFile(text, 'latin1')
    written.bytes += text.length
    text = ''
    onChunk(count)
  }

  async function close(): Promise<void> {
    const closing = handle
    handle = undefined
    try {
      await writing
    } finally {
      await closing?.close()
    }
  }

  try {
    for (const event of events) {
      const number = fileNumber(event.ts, files)
      if (number === current) text += '\n'
      else {
        await flush()
        await close()
        current = number
        const path = join(out, logPath(number, files))
        mkdirSync(dirname(path), { recursive: true })
        handle = await open(path, 'w')
        written.objects++
      }
      text += eventLine(event)
      count++
      if (text.length >= chunk) await flush()
    }
    await flush()
  } finally {
    await close()
  }
  return written
}

const millisecondsInDay = secondsInDay * 1000

/** The number of the file that an instant belongs in, counted from 1970. */
function fileNumber(ts: number, files: number): number {
  const day = Math.floor(ts / millisecondsInDay)
  return day * files + Math.floor(((ts % millisecondsInDay) * files) / millisecondsInDay)
}

/** `log_data/2018/11/2018-11-01-events.json`; with several files a day `…-events-01.json` and so on. */
function logPath(number: number, files: number): string {
  const day = new Date(Math.floor(number / files) * millisecondsInDay).toISOString().slice(0, 10)
  const part = String((number % files) + 1).padStart(Math.max(2, String(files).length), '0')
  return `log_data/${day.slice(0, 4)}/${day.slice(5, 7)}/${day}-events${files === 1 ? '' : `-${part}`}.json`
}
