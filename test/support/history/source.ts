import { gzipSync } from 'node:zlib'
import type { OracleObject } from '../oracle.ts'
import { eventDamages, songDamages } from './damages.ts'
import type { Line, Step } from './vocabulary.ts'

/** One version of an object of the source. */
export interface Version {
  readonly source: OracleObject['source']
  /** Below the folder or the bucket that holds both sources: `log_data/2.json`. */
  readonly name: string
  readonly lines: readonly Line[]
  /** A gzip object that is cut off, so that nothing of it can be read. */
  readonly isTorn: boolean
}

const damageOf = ({ source }: Version, { damage }: Line) =>
  damage === undefined ? undefined : (source === 'log_data' ? eventDamages : songDamages)[damage]

const lineBytes = (version: Version, line: Line) => damageOf(version, line)?.spoil(line.text) ?? Buffer.from(line.text)

/** What stands at the source. */
export function contentOf(version: Version): Buffer {
  const plain = Buffer.concat(version.lines.flatMap((line) => [lineBytes(version, line), Buffer.from('\n')]))
  if (!version.name.endsWith('.gz')) return plain
  const compressed = gzipSync(plain)
  return version.isTorn ? compressed.subarray(0, -9) : compressed
}

/** The records that can be loaded, each on the line where it stands. */
export function loadable(version: Version): OracleObject {
  const lines = version.lines.map((line) => (version.isTorn || damageOf(version, line) ? '' : line.text))
  return { source: version.source, key: version.name, text: lines.join('\n') }
}

/** An entry of the quarantine; `raw` in hexadecimal. */
export interface Entry {
  readonly name: string
  readonly line: number | null
  readonly column: string | null
  readonly reason: string
  readonly raw: string | null
}

/** What quarantine must hold of one version of an object, conflicts aside. */
export function refusals(version: Version): Entry[] {
  const whole = { line: null, column: null, reason: 'is not a complete gzip file', raw: null }
  if (version.isTorn) return [{ name: version.name, ...whole }]
  return version.lines.flatMap((line, index) => {
    const damage = damageOf(version, line)
    if (!damage) return []
    const { column, reason } = damage
    return [{ name: version.name, line: index + 1, column, reason, raw: lineBytes(version, line).toString('hex') }]
  })
}

/** The objects of a source as a history changes them, by name. */
export class HistorySource {
  readonly objects = new Map<string, Version>()

  /** Does a step and says which objects have to be written or removed. */
  change(step: Exclude<Step, { kind: 'etl' }>): { readonly written: Version[]; readonly removed: string[] } {
    if (step.kind === 'write' || step.kind === 'grow') {
      const source = step.isSong ? 'song_data' : 'log_data'
      const name = nameOf(source, step.slot)
      const before = step.kind === 'grow' ? (this.objects.get(name)?.lines ?? []) : []
      return this.put({ source, name, lines: [...before, ...step.lines], isTorn: false })
    }
    const names = [...this.objects.keys()].sort()
    const chosen = this.objects.get(names[step.slot % names.length] ?? '')
    if (!chosen) return { written: [], removed: [] }
    switch (step.kind) {
      case 'touch':
        // The same content, but another version.
        return this.put({ ...chosen })
      case 'mend':
        return this.put({ ...chosen, lines: chosen.lines.map(mended), isTorn: false })
      case 'tear':
        return this.put({ ...chosen, isTorn: chosen.name.endsWith('.gz') })
      case 'copy':
        return this.put({ ...chosen, name: nameOf(chosen.source, step.other + 6), isTorn: false })
      case 'remove':
        this.objects.delete(chosen.name)
        return { written: [], removed: [chosen.name] }
    }
  }

  /** Every record is right from now on. */
  mendAll(): Version[] {
    return [...this.objects.values()].flatMap((version) => {
      const isDamaged = version.isTorn || version.lines.some(({ damage }) => damage !== undefined)
      return isDamaged ? this.put({ ...version, lines: version.lines.map(mended), isTorn: false }).written : []
    })
  }

  private put(version: Version) {
    this.objects.set(version.name, version)
    return { written: [version], removed: [] }
  }
}

const mended = ({ text }: Line): Line => ({ text, damage: undefined })

/** Every third object is compressed. */
const nameOf = (source: string, slot: number) => `${source}/${slot}.json${slot % 3 === 2 ? '.gz' : ''}`
