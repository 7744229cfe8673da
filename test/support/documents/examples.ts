/** Real runs as examples: what differs from run to run is made the same, what is long is cut. */

/** The widest line of an example, and the longest text in a JSON document; characters. */
const [widest, longest] = [110, 60]

/** What a run wrote, without durations, with its folder as one of a server, and with the load ids and times of one night. */
export function stable(text: string, folder: string): string {
  return text
    .replaceAll(folder, '/srv/sparkify')
    .replace(/\d{8}T\d{9}Z-[0-9a-f]{6}/g, '20181201T021500123Z-0a1b2c')
    .replace(/"20\d\d-\d\d-\d\dT[\d:.]+Z"/g, '"2018-12-01T02:15:00.123Z"')
    .replace(/"seconds":[\d.]+/g, '"seconds":0.43')
    .replace(/"bytes":\d{7,}/g, '"bytes":3158016')
    .replace(/ {2}[\d.]+ (s|ms|min)$/gm, '')
}

/** A JSON document as a person reads it: lists cut to their first entry, long text cut, what fits on a line on one. */
export function jsonExample(document: unknown): string {
  return laidOut(shortened(document), '')
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.length > longest ? `${value.slice(0, longest - 1).trimEnd()}…` : value
  if (Array.isArray(value)) return value.slice(0, 1).map(shortened)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, shortened(entry)]))
}

function laidOut(value: unknown, indent: string): string {
  const line = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ')
  if (indent.length + line.length <= widest || typeof value !== 'object' || value === null) return line
  const inner = `${indent}  `
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const entries = Array.isArray(value)
    ? value.map((entry) => laidOut(entry, inner))
    : Object.entries(value).map(([key, entry]) => `"${key}": ${laidOut(entry, inner)}`)
  return `${open}\n${entries.map((entry) => inner + entry).join(',\n')}\n${indent}${close}`
}

/** The lines of a log that begin with one of these verbs. */
export function logLines(stderr: string, verbs: readonly string[]): string {
  const lines = stderr.split('\n').filter((line) => verbs.includes(line.split(' ')[0] ?? ''))
  return lines.join('\n')
}
