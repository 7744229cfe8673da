import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { songFolder } from '../../src/sample-data/identifiers.ts'
import { Lottery } from '../../src/sample-data/lottery.ts'
import { Queue } from '../../src/sample-data/queue.ts'
import { evenly, Random } from '../../src/sample-data/random.ts'

describe('Random', () => {
  test('gives the same numbers on every machine', () => {
    const random = new Random(1, 1)
    expect([random.next(), random.next(), random.below(100), random.fraction()]).toEqual([
      2660592631, 2402304399, 23, 0.015351982787251472,
    ])
  })

  test('depends on all of the seed and on the stream', () => {
    const seeds = [
      [1, 1],
      [2, 1],
      [1, 2],
      [1 + 2 ** 32, 1],
      [0, 1],
      [Number.MAX_SAFE_INTEGER, 1],
    ] as const
    expect(new Set(seeds.map(([seed, stream]) => new Random(seed, stream).next())).size).toBe(seeds.length)
  })

  test('stays within its bounds and reaches all of them', () => {
    const random = new Random(1, 1)
    const drawn = Array.from({ length: 1_000 }, () => random.below(6))
    expect([...new Set(drawn)].sort()).toEqual([0, 1, 2, 3, 4, 5])
    const between = Array.from({ length: 1_000 }, () => random.between([1, 2, 5]))
    expect([...new Set(between)].sort()).toEqual([1, 2, 3, 4, 5])
  })
})

test('evenly fills the unit however far it goes', () => {
  for (const count of [10, 100, 1000]) {
    const low = Array.from({ length: count }, (_, i) => evenly(i)).filter((fraction) => fraction < 0.3).length
    expect(Math.abs(low - 0.3 * count)).toBeLessThan(3)
  }
})

describe('Lottery', () => {
  test('gives each thing its part of the unit', () => {
    const lottery = new Lottery(['a', 'b', 'c'], (_, index) => [1, 0, 3][index] as number)
    expect([0, 0.2499, 0.25, 0.999].map((fraction) => lottery.at(fraction))).toEqual(['a', 'a', 'c', 'c'])
    expect([0, 0.125, 0.25, 0.625].map((fraction) => lottery.position(fraction))).toEqual([0, 0.5, 2, 2.5])
  })
})

test('Queue gives what is due first, whatever happened before', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.constantFrom('push', 'shift', 'postpone'))), (calls) => {
      const queue = new Queue<{ at: number; id: number }>()
      let model: { at: number; id: number }[] = []
      for (const [id, [at, call]] of calls.entries()) {
        const first = queue.first
        if (call === 'push') {
          const item = { at, id }
          queue.push(item)
          model.push(item)
        } else if (first && call === 'shift') {
          queue.shift()
          model = model.filter((item) => item !== first)
        } else if (first) {
          first.at += at
          queue.postpone()
        }
        model.sort((a, b) => a.at - b.at || a.id - b.id)
        expect(queue.first).toBe(model[0])
      }
    }),
  )
})

test('song folders fill in the order of the alphabet', () => {
  expect([0, 21, 22, 22 * 26, 22 * 676].map(songFolder)).toEqual(['AAA', 'AAA', 'AAB', 'ABA', 'BAA'])
})
