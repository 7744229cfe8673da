import { keptBytes } from './lines.ts'
import { type SourceObject, UnreadableObject } from './object-store.ts'
import { splitRecords } from './validate-record.ts'

/** How files begin that are no JSON lines, and what to say about them. */
const formats: readonly [begin: RegExp, reason: string][] = [
  [/^\x1f\x8b/, 'is compressed with gzip once more than its name says'],
  [/^PK\x03\x04/, 'is a zip file'],
  [/^version https:\/\/git-lfs/, 'is a pointer of Git LFS, not the file itself'],
  [/^(\xef\xbb\xbf)?\s*<[!?a-z]/i, 'is HTML or XML'],
  // A byte order mark, or a NUL beside an ASCII character.
  [/^(\xff\xfe|\xfe\xff|\x00[^\x00]|[^\x00]\x00)/, 'is in UTF-16, not in UTF-8'],
]

/**
 * Recognizes objects that can't contain a record on each line, by how they begin.
 *
 * @throws UnreadableObject that says what the object is instead.
 */
export async function verifyFormat(
  object: SourceObject,
  begin: Buffer,
  stream: () => AsyncIterable<Buffer>,
): Promise<void> {
  const text = begin.toString('latin1')
  const [, reason] = formats.find(([pattern]) => pattern.test(text)) ?? []
  if (reason !== undefined) throw new UnreadableObject(object, reason)
  // A first line such as `{` or `[{"page":"Home"},`: the object is one value over several lines, or the line is cut off.
  if (!/^(\xef\xbb\xbf)?\s*[{[]([^\n]*[^\s}\]])?[ \t\r]*(\n|$)/.test(text)) return
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of stream()) {
    pieces.push(Buffer.from(piece))
    length += piece.length
    if (length > keptBytes) return
  }
  const [first] = splitRecords(Buffer.concat(pieces)) ?? []
  if (first === undefined) return
  throw new UnreadableObject(
    object,
    /^\s*\[/.test(first.toString('latin1')) ? 'is a JSON array' : 'has records over several lines',
  )
}
