import type { Random } from './random.ts'

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']

/** Ids as the catalog has them: two letters for the kind, five that are random, eleven hexadecimal digits. */
export function songId(random: Random, index: number): string {
  return `SO${someLetters(random, 5)}12A${digits(index, 0x9e3779b1)}`
}

export function artistId(random: Random, index: number): string {
  return `AR${someLetters(random, 5)}118${digits(index, 0x85ebca77)}`
}

/** The id of the track that a song record is filed under. Its first three letters name the folder. */
export function trackId(random: Random, index: number, folder: string): string {
  return `TR${folder}${someLetters(random, 2)}128${digits(index, 0xc2b2ae3d)}`
}

/** Three letters: about as many songs share a folder as in the source, which fills its folders in order. */
export function songFolder(index: number): string {
  const folder = Math.floor(index / 22)
  return [folder / 676, folder / 26, folder].map((digit) => letters[Math.floor(digit) % 26]).join('')
}

function someLetters(random: Random, count: number): string {
  let text = ''
  while (text.length < count) text += random.pick(letters)
  return text
}

/** Eight digits, different for every index: multiplying by an odd number permutes the numbers of 32 bits. */
function digits(index: number, odd: number): string {
  return (Math.imul(index + 1, odd) >>> 0).toString(16).toUpperCase().padStart(8, '0')
}
