import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Random } from '../../../src/sample-data/random.ts'
import { lineDefects, objectTypes } from './types.ts'

/** Something that must be refused. */
export interface InjectedDefect {
  readonly type: string
  /** Path of the object below the folder. */
  readonly object: string
  /** From 1; null if it is the whole object. */
  readonly line: number | null
  /** The staging column at fault; null if it is the record or the object as a whole. */
  readonly column: string | null
  /** Of the line without its newline; null if it is the whole object. */
  readonly sha256: string | null
}

/** An unusual object that must load all the same. Its records are copies of others. */
export interface Variation {
  readonly object: string
  readonly records: number
}

/** A line of an object, and the defect that it is, if any. */
interface Line {
  readonly text: string
  readonly defect?: { readonly type: string; readonly column: string | null }
}

const read = (path: string) => {
  const content = readFileSync(path)
  return (path.endsWith('.gz') ? gunzipSync(content) : content).toString('latin1')
}

/**
 * Adds lines and objects with defects to sample data in a folder, and objects that are only unusual. No good record
 * changes. Each type of defect comes as often as it has mutators, but at least `least` times (long lines: twice).
 */
export function injectDefects(folder: string, { seed, least }: { seed: number; least: number }) {
  const random = new Random(seed, 100)
  const defects: InjectedDefect[] = []
  const variations: Variation[] = []
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'))
  const logs = paths.filter((path) => path.startsWith('log_data')).sort()
  const files = new Map<string, Line[]>()
  const open = (path: string) => {
    const opened = read(join(folder, path)).split('\n')
    files.set(
      path,
      opened.map((text) => ({ text })),
    )
  }

  for (const { name, isDefect, suffix, make } of objectTypes)
    for (let ordinal = 1; ordinal <= least; ordinal++) {
      const records = read(join(folder, random.pick(logs)))
        .split('\n')
        .slice(0, 20)
      const object = `log_data/${isDefect ? 'defects' : 'variations'}/${name}-${ordinal}${suffix}`
      mkdirSync(dirname(join(folder, object)), { recursive: true })
      writeFileSync(join(folder, object), make(records, random))
      if (isDefect) defects.push({ type: name, object, line: null, column: null, sha256: null })
      else variations.push({ object, records: records.length })
      if (name === 'gzip') open(object)
    }
  for (const path of paths) open(path)

  for (const { name, mutators } of lineDefects) {
    const count = name === 'long-line' ? 2 : Math.max(least, mutators.length)
    for (let ordinal = 1; ordinal <= count; ordinal++) {
      const mutator = mutators[(ordinal - 1) % mutators.length] as (typeof mutators)[0]
      const isTemplate = ({ text, defect }: Line) => !defect && (!mutator.ofPlay || text.includes('"page":"NextSong"'))
      const possible = [...files].filter(
        ([path, lines]) => path.startsWith(mutator.source ?? '') && lines.some(isTemplate),
      )
      const [, lines] = random.pick(possible)
      const template = random.pick(lines.filter(isTemplate))
      const text = mutator.mutate(template.text, ordinal)
      lines.splice(lines.indexOf(template) + 1, 0, { text, defect: { type: name, column: mutator.column } })
    }
  }

  for (const [object, lines] of files) {
    for (const [index, { text, defect }] of lines.entries()) {
      const sha256 = createHash('sha256').update(text, 'latin1').digest('hex')
      if (defect) defects.push({ ...defect, object, line: index + 1, sha256 })
    }
    if (!lines.some(({ defect }) => defect)) continue
    const content = Buffer.from(lines.map(({ text }) => text).join('\n'), 'latin1')
    writeFileSync(join(folder, object), object.endsWith('.gz') ? gzipSync(content) : content)
  }
  return { defects, variations }
}
