/** From the text of source objects to cleaned records. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { itemsPerSession, maxSessionId } from '../../../src/schema/index.ts'
import { type Cell, compareCells, decimal, integer } from './values.ts'

/** One object of the source. `text` is its content, JSON lines; `key` is only used to name it in messages. */
export interface OracleObject {
  source: 'log_data' | 'song_data'
  key: string
  text: string
}

/** An event, with star text: trimmed, '' is null, artist and song are repaired. */
export interface EventRecord {
  page: string
  ts: number
  sessionId: number
  item: number
  userId: string | null
  firstName: string | null
  lastName: string | null
  gender: string | null
  level: string | null
  location: string | null
  userAgent: string | null
  song: string | null
  artist: string | null
  length: bigint | null
}

/** A song record, with star text: trimmed, '' is null, year 0 is null. */
export interface SongRecord {
  songId: string
  title: string | null
  artistId: string
  artistName: string | null
  year: number | null
  duration: bigint | null
  location: string | null
  latitude: bigint | null
  longitude: bigint | null
}

/** The `.json` files below either folder, in the order of their paths. Keys look like `log_data/2018/11/….json`. */
export function readObjects(folderOfLogs: string | undefined, folderOfSongs: string | undefined): OracleObject[] {
  return [...readFolder('log_data', folderOfLogs), ...readFolder('song_data', folderOfSongs)]
}

function readFolder(source: OracleObject['source'], folder: string | undefined): OracleObject[] {
  if (folder === undefined || !existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json') && !/\/\./.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({
      source,
      key: `${source}/${relative(folder, path).split(sep).join('/')}`,
      text: readFileSync(path, 'utf8'),
    }))
    .sort((a, b) => compareCells(a.key, b.key))
}

export function eventsOf(objects: readonly OracleObject[]): EventRecord[] {
  return recordsOf(objects, 'log_data', (fields) => {
    const event: EventRecord = {
      page: required(textOf, fields, 'page'),
      ts: required(integerOf, fields, 'ts'),
      sessionId: required(integerOf, fields, 'sessionId'),
      item: required(integerOf, fields, 'itemInSession'),
      userId: textOf(fields, 'userId'),
      firstName: textOf(fields, 'firstName'),
      lastName: textOf(fields, 'lastName'),
      gender: textOf(fields, 'gender'),
      level: textOf(fields, 'level'),
      location: textOf(fields, 'location'),
      userAgent: textOf(fields, 'userAgent')?.replace(/^[ "]+|[ "]+$/g, '') || null,
      song: repaired(textOf(fields, 'song')),
      artist: repaired(textOf(fields, 'artist')),
      length: decimalOf(fields, 'length'),
    }
    const { sessionId, item } = event
    if (sessionId < 0 || sessionId > maxSessionId || item < 0 || item >= itemsPerSession) {
      throw new Error(`no songplay_id can be made of session ${sessionId}, item ${item}`)
    }
    return event
  })
}

export function songRecordsOf(objects: readonly OracleObject[]): SongRecord[] {
  return recordsOf(objects, 'song_data', (fields) => ({
    songId: required(textOf, fields, 'song_id'),
    title: textOf(fields, 'title'),
    artistId: required(textOf, fields, 'artist_id'),
    artistName: textOf(fields, 'artist_name'),
    year: integerOf(fields, 'year') || null,
    duration: decimalOf(fields, 'duration'),
    location: textOf(fields, 'artist_location'),
    latitude: decimalOf(fields, 'artist_latitude'),
    longitude: decimalOf(fields, 'artist_longitude'),
  }))
}

/**
 * Undoes UTF-8 that was read as Latin-1 and written as UTF-8 again, at most twice ('BjÃ\x83Â¶rk' is 'Björk').
 * Text that can't have come about so is left alone.
 */
export function repaired(text: string | null): string | null {
  if (text === null) return null
  let result = text
  for (let round = 0; round < 2; round++) {
    const isBytes = /^[\u0000-\u00ff]*$/.test(result) && /[\u0080-\u00ff]/.test(result)
    if (!isBytes) break
    try {
      // ignoreBOM keeps U+FEFF in the text: repair must not lose a character.
      result = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(result, 'latin1'))
    } catch {
      break
    }
  }
  return result
}

/** Fields of one record. Numbers are the text that stands in the JSON: doubles would lose digits, and 112 may be a name. */
type Fields = Record<string, unknown>

function recordsOf<T>(
  objects: readonly OracleObject[],
  source: OracleObject['source'],
  read: (fields: Fields) => T,
): T[] {
  const records: T[] = []
  for (const object of objects) {
    if (object.source !== source) continue
    for (const [index, line] of object.text.split('\n').entries()) {
      if (line.trim() === '') continue
      try {
        records.push(read(parseRecord(line)))
      } catch (error) {
        // The oracle is for records that can be loaded; a test that feeds it others is wrong.
        throw new Error(`${object.key}, line ${index + 1}: ${(error as Error).message}`)
      }
    }
  }
  return records
}

/** JSON.parse, but every number becomes a string of its own text. */
function parseRecord(line: string): Fields {
  JSON.parse(line) // refuses what the replacement below would make valid
  const numbersQuoted = line.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  )
  const record: unknown = JSON.parse(numbersQuoted)
  if (typeof record !== 'object' || record === null || Array.isArray(record)) throw new Error('not a JSON object')
  return record as Fields
}

function rawOf(fields: Fields, key: string): string | null {
  const value = fields[key] ?? null
  if (value !== null && typeof value !== 'string') throw new Error(`${key} is neither text nor a number`)
  return value
}

/** Text as the star has it: without blanks at both ends. */
function textOf(fields: Fields, key: string): string | null {
  return rawOf(fields, key)?.replace(/^ +| +$/g, '') || null
}

function integerOf(fields: Fields, key: string): number | null {
  const digits = rawOf(fields, key)
  return digits === null ? null : integer(digits)
}

function decimalOf(fields: Fields, key: string): bigint | null {
  const digits = rawOf(fields, key)
  return digits === null ? null : decimal(digits)
}

function required<T extends Cell>(read: (fields: Fields, key: string) => T | null, fields: Fields, key: string): T {
  const value = read(fields, key)
  if (value === null) throw new Error(`${key} is missing`)
  return value
}
