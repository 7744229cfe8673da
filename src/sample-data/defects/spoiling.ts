/**
 * Ways to change the text of one record. Records are as the generator writes them, in ASCII; what comes out is Latin-1, in
 * which a character is a byte, so that it can hold bytes that are no UTF-8.
 */

const member = /"(\w+)":("(?:[^"\\]|\\.)*"|[^,}]*)/g

/** The members of a record, such as `"page":"Home"`, in their order. */
export function membersOf(record: string): string[] {
  return [...record.matchAll(member)].map(([text]) => text)
}

/** The record with another value at the key; the value is text of JSON, or not. */
export function withValue(record: string, key: string, value: string): string {
  return record.replace(member, (text, name) => (name === key ? `"${key}":${value}` : text))
}

export function without(record: string, key: string): string {
  return `{${membersOf(record)
    .filter((text) => !text.startsWith(`"${key}":`))
    .join(',')}}`
}

/** The record with one more member at its end. */
export function withMember(record: string, text: string): string {
  return `${record.slice(0, -1)},${text}}`
}

/** Text as the bytes of its UTF-8. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
