/** What an XML element may hold: text, nothing, a list (the element repeated) or elements. */
export type XmlValue =
  | string
  | number
  | boolean
  | Date
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue }

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
}

/** Text made safe for XML. */
export function escapeXml(text: string): string {
  return /[&<>"\r\n]/.test(text) ? text.replace(/[&<>"\r\n]/g, (character) => escapes[character] ?? character) : text
}

/** Elements as XML: a list repeats its element, `undefined` leaves it out, so `{ Tags: { Tag: [a, b] } }` is a list named Tags of members named Tag. */
export function toXml(value: XmlValue): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return escapeXml(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(toXml).join('')
  let text = ''
  for (const [name, inner] of Object.entries(value)) text += element(name, inner)
  return text
}

function element(name: string, value: XmlValue): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map((each) => element(name, each)).join('')
  return `<${name}>${toXml(value)}</${name}>`
}
