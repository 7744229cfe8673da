import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { refusal } from '../../errors.ts'
import type { SourceName } from '../../schema/index.ts'
import { Random } from '../random.ts'
import { lineDials, type Spoiling } from './dials.ts'
import { describe, insertLines, type PlannedLine } from './insert-lines.ts'
import { objectDials } from './object-dials.ts'

/** How many of each defect: the name of a dial to a whole number. */
export type Defects = Readonly<Record<string, number>>

/** One thing that must be refused. */
export interface InjectedDefect {
  readonly dial: string
  /** Path of the object, relative to the folder that was generated into. */
  readonly object: string
  /** From 1; null if it is the whole object. */
  readonly line: number | null
  /** The staging column at fault (of a conflict: songplay_id); null if it is the record or the object as a whole. */
  readonly column: string | null
  /** Of the line without its line feed, or of the object as it lies there. */
  readonly bytes: number
  readonly sha256: string
}

/** One object that is unusual and must load all the same; its records are copies of others. */
export interface Variation {
  readonly dial: string
  readonly object: string
  readonly records: number
}

export interface DefectAccount {
  readonly defects: readonly InjectedDefect[]
  readonly variations: readonly Variation[]
}

/** As many records as an object of its own has, at most. */
const recordsInObject = 20

/**
 * Injects defects into sample data that lies in the folder, as extra lines and extra objects: no good record is touched. The
 * same data, defects and seed give the same bytes. Lines may also go into the compressed objects of the dial gzip.
 * @throws UserError if there is no record, or no play, to make a defect of.
 */
export async function injectDefects(
  { out, defects, seed }: { out: string; defects: Defects; seed: number },
  signal?: AbortSignal,
): Promise<DefectAccount> {
  const logs = filesBelow(out, 'log_data')
  const songs = filesBelow(out, 'song_data')
  const account = await addObjects({ out, defects, seed, logs })
  for (const { dial, object } of account.variations) if (dial === 'gzip') logs.push(object)
  const files: Files = { log_data: logs, song_data: songs, plays: [] }
  if (lineDials.some(({ name, spoilings }) => defects[name] && spoilings.some(({ ofPlay }) => ofPlay))) {
    for (const path of logs) if (await hasPlay(join(out, path))) files.plays.push(path)
  }
  const planned = planLines({ out, defects, seed, files })
  for (const [object, lines] of [...planned].sort(([a], [b]) => (a < b ? -1 : 1))) {
    signal?.throwIfAborted()
    for (const { dial, spoiling, number, bytes, sha256 } of await rewrite(join(out, object), lines))
      account.defects.push({ dial, object, line: number, column: spoiling.column, bytes, sha256 })
  }
  return account
}

type Files = Record<SourceName | 'plays', string[]>

function planLines({
  out,
  defects,
  seed,
  files,
}: {
  out: string
  defects: Defects
  seed: number
  files: Files
}): Map<string, PlannedLine[]> {
  const planned = new Map<string, PlannedLine[]>()
  const filesFor = ({ source, ofPlay }: Spoiling): readonly string[] => {
    if (ofPlay) return files.plays
    return source ? files[source] : [...files.log_data, ...files.song_data]
  }
  for (const [index, { name: dial, spoilings }] of lineDials.entries()) {
    const random = new Random(seed, 200 + index)
    const possible = spoilings
      .map((spoiling) => ({ spoiling, files: filesFor(spoiling) }))
      .filter((one) => one.files[0])
    if (defects[dial] && possible.length === 0) throw nothingToSpoil(dial)
    for (let ordinal = 1; ordinal <= (defects[dial] ?? 0); ordinal++) {
      const { spoiling, files } = possible[(ordinal - 1) % possible.length] as (typeof possible)[number]
      const object = random.pick(files)
      const after = random.below(statSync(join(out, object)).size)
      const lines = planned.get(object) ?? []
      lines.push({ dial, spoiling, ordinal, after })
      planned.set(object, lines)
    }
  }
  return planned
}

/** Adds the objects that are defects, or variations, as a whole. */
async function addObjects({
  out,
  defects,
  seed,
  logs,
}: {
  out: string
  defects: Defects
  seed: number
  logs: readonly string[]
}): Promise<{ defects: InjectedDefect[]; variations: Variation[] }> {
  const account = { defects: [] as InjectedDefect[], variations: [] as Variation[] }
  for (const [index, { name: dial, isDefect, suffix, make }] of objectDials.entries()) {
    const random = new Random(seed, 100 + index)
    if (defects[dial] && logs.length === 0) throw nothingToSpoil(dial)
    for (let ordinal = 1; ordinal <= (defects[dial] ?? 0); ordinal++) {
      const records = await firstRecords(join(out, random.pick(logs)))
      const object = `log_data/${isDefect ? 'defects' : 'variations'}/${dial}-${String(ordinal).padStart(6, '0')}${suffix}`
      const content = make(records, random)
      mkdirSync(dirname(join(out, object)), { recursive: true })
      writeFileSync(join(out, object), content)
      if (isDefect) account.defects.push({ dial, object, line: null, column: null, ...describe(content) })
      else account.variations.push({ dial, object, records: records.length })
    }
  }
  return account
}

function nothingToSpoil(dial: string): Error {
  return refusal(
    `There is no record to make the defect ${dial} of.`,
    'Ask for more --events, or leave that defect out.',
  )
}

async function rewrite(path: string, lines: readonly PlannedLine[]) {
  const unfinished = join(dirname(path), '.unfinished')
  const { injected, transform } = insertLines(lines)
  const from = createReadStream(path, { highWaterMark: 1 << 20 })
  const to = createWriteStream(unfinished)
  if (path.endsWith('.gz')) await pipeline(from, createGunzip(), transform, createGzip(), to)
  else await pipeline(from, transform, to)
  renameSync(unfinished, path)
  return injected
}

/** The first records of a log file that is not compressed. */
async function firstRecords(path: string): Promise<string[]> {
  let text = ''
  for await (const chunk of createReadStream(path, { encoding: 'latin1' })) {
    text += chunk
    const lines = text.split('\n')
    if (lines.length > recordsInObject) return lines.slice(0, recordsInObject)
  }
  return text.split('\n')
}

async function hasPlay(path: string): Promise<boolean> {
  const file = createReadStream(path)
  let end = ''
  for await (const chunk of path.endsWith('.gz') ? file.pipe(createGunzip()) : file) {
    const text = end + (chunk as Buffer).toString('latin1')
    if (text.includes('"page":"NextSong"')) return true
    end = text.slice(-20)
  }
  return false
}

/** The files of a source, in the order of their paths, which are relative to `out`. */
function filesBelow(out: string, source: SourceName): string[] {
  return readdirSync(join(out, source), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => relative(out, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}
