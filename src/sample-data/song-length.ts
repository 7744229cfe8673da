import type { Random } from './random.ts'

/** Seconds: as many songs lie between two of these as between any other two. */
const seconds = [12, 125, 152, 166, 178, 188, 197, 205, 213, 221, 229, 237, 246, 256, 267, 279, 293, 311, 337, 392, 640]
const longSeconds = [640, 900, 1400, 2600]

const framesPerSecond = 22_050 / 576
const frames = seconds.map(toFrames)
const longFrames = longSeconds.map(toFrames)

function toFrames(length: number): number {
  return Math.ceil(length * framesPerSecond)
}

/** How long a song is, in seconds. */
export function songLength(random: Random): number {
  return frameLength(random.between(random.chance(0.002) ? longFrames : frames))
}

/** The length of a song that is a little longer, as another release of the same song would be. */
export function longerLength(random: Random, length: number): number {
  return frameLength(toFrames(length) + 1 + random.below(400))
}

/**
 * A recording is cut into frames of 576 samples, 22,050 samples a second, and ten samples are lost. So the lengths of
 * the source have three to five decimals, and nine in ten have five.
 */
function frameLength(count: number): number {
  return Math.round(((576 * count - 10) * 100_000) / 22_050) / 100_000
}
